/** The files that a command reads: its operands, `-` for its standard input, and that alone where there are none. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { complain, type Dialect } from './applet.ts';

/** What is read or written at once. */
export const CHUNK = 65_536;

/** How an error about a file is put: BusyBox's commands have two ways of their own, GNU's one more. */
export type OpenWords = (path: string, words: string, dialect: Dialect) => string;

export const plainWords: OpenWords = (path, words) => `${path}: ${words}`;
export const cannotOpen: OpenWords = (path, words, dialect) =>
  dialect === 'gnu' ? `${path}: ${words}` : `can't open '${path}': ${words}`;
export const forReading: OpenWords = (path, words, dialect) =>
  dialect === 'gnu' ? `cannot open '${path}' for reading: ${words}` : `${path}: ${words}`;

export interface Input {
  /** As it was named; `-` for the standard input. */
  path: string;
  descriptor: number;
}

/** Opens a file to read; undefined where it can't be, which is said. A directory is read only to find out that it is one. */
export function* openInput(
  process: Process,
  path: string,
  dialect: Dialect,
  words: OpenWords,
): Run<number | undefined> {
  if (path === '-') return 0;
  try {
    const descriptor = process.open(path, 'r');
    if (process.files.stat(path).kind === 'directory') {
      process.close(descriptor);
      throw new Errno('EISDIR');
    }
    return descriptor;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const isRead = error.code === 'EISDIR' && dialect === 'busybox';
    yield* complain(process, isRead ? 'read error: Is a directory' : words(path, error.message, dialect));
    return undefined;
  }
}

/** Does something with each input; @returns 1 where one could not be read. */
export function* eachInput(
  process: Process,
  paths: readonly string[],
  options: { dialect: Dialect; words: OpenWords },
  take: (input: Input) => Run<unknown>,
): Run<number> {
  let status = 0;
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const descriptor = yield* openInput(process, path, options.dialect, options.words);
    if (descriptor === undefined) {
      status = 1;
      continue;
    }
    yield* take({ path, descriptor });
    if (descriptor !== 0) process.close(descriptor);
  }
  return status;
}

/** All of each input, for who has to know the end before he begins. */
export function* readInputs(
  process: Process,
  paths: readonly string[],
  options: { dialect: Dialect; words: OpenWords },
): Run<{ texts: Bytes[]; status: number }> {
  const texts: Bytes[] = [];
  const status = yield* eachInput(process, paths, options, function* ({ descriptor }) {
    texts.push(yield* process.readAll(descriptor));
  });
  return { texts, status };
}

/** Lines without their `\n`; what follows the last `\n` is one only if there is something. */
export function linesOf(text: Bytes): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Hands on the lines of a descriptor as they come, as many at once as there are. `take` gets them without `\n` and returns what is to be
 * written, or `stop` to read no more. `isWhole` is false for a last line without its `\n`.
 */
export function* eachLine(
  process: Process,
  descriptor: number,
  take: (line: string, isWhole: boolean) => Bytes | typeof STOP | undefined,
): Run<boolean> {
  let rest = '';
  for (;;) {
    const chunk = yield* process.read(descriptor, CHUNK);
    const lines = chunk === '' ? [] : (rest + chunk).split('\n');
    if (chunk === '' && rest !== '') lines.push(rest, '');
    rest = lines.length > 0 ? lines.pop()! : rest;
    process.work(lines.length);
    let out = '';
    for (let i = 0; i < lines.length; i++) {
      const written = take(lines[i]!, chunk !== '');
      if (written === STOP) {
        yield* writeAll(process, out);
        return true;
      }
      if (written !== undefined) out += written;
    }
    yield* writeAll(process, out);
    if (chunk === '') return false;
  }
}

/** Ends `eachLine`. */
export const STOP = Symbol('stop');

/** Writes a file as a shell's `>` does, so that devices are written to as well. @throws Errno */
export function* saveTo(process: Process, path: string, bytes: Bytes): Run {
  const descriptor = process.open(path, 'w');
  try {
    yield* writeAll(process, bytes, descriptor);
  } finally {
    process.close(descriptor);
  }
}

/** Waits for something that only the process's own signals bring about. */
export function* until(ready: () => boolean): Run {
  while (!ready()) {
    try {
      yield { for: 'condition', ready };
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== 'EINTR') throw error;
    }
  }
}

export function* writeAll(process: Process, bytes: Bytes, descriptor = 1): Run {
  if (bytes !== '') yield* process.write(descriptor, bytes);
}
