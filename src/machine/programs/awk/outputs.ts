/** Where awk prints to: its output, files, and commands, which run when they are closed or at the end. */
import type { Bytes } from '../../bytes.ts';
import type { Process, Run } from '../../program.ts';
import { writeAll } from '../input.ts';
import { shellArgs } from '../running.ts';

/** Runs a command line by the shell, with what it reads, and waits for it. @returns its exit code */
export function* shell(process: Process, command: string, input?: Bytes): Run<number> {
  if (input === undefined) {
    const pid = process.spawn(shellArgs(command));
    return (yield* process.wait(pid))?.status ?? 0;
  }
  const [read, write] = process.pipe();
  const pid = process.spawn(shellArgs(command), {
    descriptors: new Map([
      [0, read],
      [1, 1],
      [2, 2],
    ]),
  });
  process.close(read);
  process.handle('PIPE', 'ignore');
  try {
    yield* process.write(write, input);
  } catch {
    // It reads no more; its own end tells.
  }
  process.handle('PIPE', 'default');
  process.close(write);
  return (yield* process.wait(pid))?.status ?? 0;
}

export class AwkOutputs {
  #out = '';
  #errors = '';
  readonly #files = new Set<string>();
  readonly #commands = new Map<string, Bytes>();
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  /** Characters that wait to be written. */
  get held(): number {
    return this.#out.length + this.#errors.length;
  }

  print(text: Bytes): void {
    this.#out += text;
  }

  redirect(name: string, how: '>' | '>>' | '|', text: Bytes): void {
    if (how === '|') this.#commands.set(name, (this.#commands.get(name) ?? '') + text);
    else if (name === '/dev/stdout' || name === '-') this.#out += text;
    else if (name === '/dev/stderr') this.#errors += text;
    else if (name === '/dev/null') return;
    else {
      this.#process.files.write(name, text, { append: how === '>>' || this.#files.has(name) });
      this.#files.add(name);
    }
  }

  *flush(): Run {
    const text = this.#out;
    this.#out = '';
    yield* writeAll(this.#process, text);
    const errors = this.#errors;
    this.#errors = '';
    yield* writeAll(this.#process, errors, 2);
  }

  *system(command: string): Run<number> {
    return yield* shell(this.#process, command);
  }

  /** @returns whether there was such an output */
  *close(name: string): Run<boolean> {
    const text = this.#commands.get(name);
    if (text === undefined) return this.#files.delete(name);
    this.#commands.delete(name);
    yield* shell(this.#process, name, text);
    return true;
  }

  *finish(): Run {
    yield* this.flush();
    for (const name of [...this.#commands.keys()]) yield* this.close(name);
  }
}
