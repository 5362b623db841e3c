/** A pod's machine with a few commands and a server, for tests of who speaks to machines. */
import type { Bytes } from '../machine/bytes.ts';
import type { LogLine, PodMachine, Session, StartFault, Visitor } from '../machine/pod-machine.ts';

type Part = { stream: 'stdout' | 'stderr'; bytes: Bytes };

/** `sleep MS CODE`, `cat`, `print BYTES`, `complain`; anything else is not found. */
class Command implements Session {
  exitCode: number | undefined;
  readonly sizes: number[][] = [];
  readonly endsAt: number | undefined;
  readonly #args: readonly string[];
  #output: Part[] = [];

  constructor(args: readonly string[], now: number) {
    this.#args = args;
    const [name, value = '0'] = args;
    if (name === 'sleep') this.endsAt = now + Number(value);
    if (name === 'print') this.#print('stdout', 'x'.repeat(Number(value)), 0);
    if (name === 'complain') this.#print('stderr', 'no', 1);
  }

  #print(stream: Part['stream'], bytes: Bytes, exitCode: number): void {
    this.#output.push({ stream, bytes });
    this.exitCode = exitCode;
  }

  advance(to: number): void {
    if (this.endsAt !== undefined && to >= this.endsAt) this.exitCode = Number(this.#args[2] ?? 0);
  }

  take(): Part[] {
    return this.#output.splice(0);
  }

  write(bytes: Bytes): void {
    if (this.#args[0] === 'cat') this.#output.push({ stream: 'stdout', bytes });
  }

  endInput(): void {
    if (this.#args[0] === 'cat') this.exitCode = 0;
  }

  resize(rows: number, columns: number): void {
    this.sizes.push([rows, columns]);
  }

  signal(): void {}
}

/** Port 80 says back what it hears, and closes when the other end does. */
class Echo implements Visitor {
  isClosed = false;
  #output = '';

  take(): Bytes {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  write(bytes: Bytes): void {
    this.#output += `got ${bytes}`;
  }

  end(): void {
    this.isClosed = true;
  }

  close(): void {
    this.isClosed = true;
  }
}

const COMMANDS = ['sleep', 'cat', 'print', 'complain'];

export class TestMachine implements PodMachine {
  now = 0;
  readonly size = 0;
  readonly commands: Command[] = [];
  readonly lines: LogLine[] = [];
  /** When it prints a line by itself. */
  printsAt: number[] = [];
  ended = false;

  get next(): number | undefined {
    const instants = [
      ...this.printsAt,
      ...this.commands.flatMap(({ endsAt, exitCode }) =>
        exitCode === undefined && endsAt !== undefined ? [endsAt] : [],
      ),
    ];
    return instants.length > 0 ? Math.min(...instants) : undefined;
  }

  start(): undefined {}

  advance(to: number): boolean {
    this.now = to;
    for (const command of this.commands) command.advance(to);
    for (const at of this.printsAt.filter((instant) => instant <= to)) this.print(at, `line of ${at}`);
    this.printsAt = this.printsAt.filter((instant) => instant > to);
    return true;
  }

  print(at: number, text: Bytes): void {
    this.lines.push({ at, stream: 'stdout', text, isPartial: false });
  }

  end(): ReturnType<PodMachine['end']> {
    return this.ended ? { at: this.now, exitCode: 0, terminationMessage: '' } : undefined;
  }

  due(): undefined {}

  signal(): void {}

  exec(_: string, args: readonly string[]): Session | StartFault {
    if (!COMMANDS.includes(args[0] ?? '')) return { reason: 'RunContainerError', message: 'not found', exitCode: 127 };
    return this.#begun(args);
  }

  attach(): Session {
    return this.#begun(['cat']);
  }

  #begun(args: readonly string[]): Command {
    const command = new Command(args, this.now);
    this.commands.push(command);
    return command;
  }

  visit(port: number): Visitor | undefined {
    return port === 80 ? new Echo() : undefined;
  }

  certificateAt(): undefined {}

  listens(port: number): boolean {
    return port === 80;
  }

  log(_: string, attempt = 0): readonly LogLine[] {
    return attempt === 0 ? this.lines : [{ at: 0, stream: 'stdout', text: `of attempt ${attempt}`, isPartial: false }];
  }

  limit(): void {
    throw new Error('not here');
  }

  setVolume(): void {}
}
