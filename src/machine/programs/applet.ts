/**
 * What the commands of an image have in common: how they are told their options, how they say what is wrong, and in whose words. BusyBox
 * and the GNU tools do the same by the same names and put their errors differently; which one an image has is its dialect.
 */
import { type Bytes, bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { FileFacts, FileView } from '../file-view.ts';
import { Exit, type Process, type Program, type Run } from '../program.ts';

export type Dialect = 'busybox' | 'gnu';

/** A command. Throws `Failure` where it ends with words of its own. */
export type Applet = (process: Process, dialect: Dialect) => Run<number>;

/** Ends a command with `NAME: message`. */
export class Failure extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** Ends a command with a word on how it is called; an empty message says the usage only. */
export class UsageError extends Failure {}

export const BUSYBOX_BANNER = 'BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.';

/** The name under which a process was called, without its folder. */
export const nameOf = (process: Process): string => process.args[0]!.replace(/^.*\//, '').replace(/^-/, '');

/** An applet as a program of an image. */
export function programOf(applet: Applet, dialect: Dialect, usage = ''): Program {
  return function* (process) {
    try {
      return yield* applet(process, dialect);
    } catch (error) {
      if (error instanceof Exit) throw error;
      const name = nameOf(process);
      if (error instanceof UsageError) {
        yield* process.write(2, usageText(name, error.message, dialect, usage));
        return error.status;
      }
      if (error instanceof Failure || error instanceof Errno) {
        yield* process.write(2, bytesOf(`${name}: ${error.message}\n`));
        return error instanceof Failure ? error.status : 1;
      }
      throw error;
    }
  };
}

/** Applets by their names, each with how BusyBox says it is called. */
export type AppletTable = Readonly<Record<string, readonly [Applet, string]>>;

/** What gives the programs of a table in a dialect, made once when they are asked for. */
export function programsOf(table: AppletTable): (dialect: Dialect) => ReadonlyMap<string, Program> {
  const made: Partial<Record<Dialect, ReadonlyMap<string, Program>>> = {};
  return (dialect) => {
    made[dialect] ??= new Map(
      Object.entries(table).map(([name, [applet, usage]]) => [name, programOf(applet, dialect, usage)]),
    );
    return made[dialect];
  };
}

function usageText(name: string, message: string, dialect: Dialect, usage: string): Bytes {
  const first = message === '' ? '' : `${name}: ${message}\n`;
  if (dialect === 'gnu') return bytesOf(`${first}Try '${name} --help' for more information.\n`);
  return bytesOf(`${first}${BUSYBOX_BANNER}\n\nUsage: ${name} ${usage}\n`);
}

/** Says what is wrong and goes on. */
export function* complain(process: Process, message: string): Run {
  yield* process.write(2, bytesOf(`${nameOf(process)}: ${message}\n`));
}

/** What a call gives; where it fails with an errno, `otherwise` of its words. */
export function attempt<T, U>(call: () => T, otherwise: (words: string, error: Errno) => U): T | U {
  try {
    return call();
  } catch (error) {
    if (error instanceof Errno) return otherwise(error.message, error);
    throw error;
  }
}

/** What a file holds; where it can't be read, something else. */
export const readOr = (process: Process, path: string, otherwise = ''): Bytes => readMaybe(process, path) ?? otherwise;

/** What a file holds; undefined where it can't be read. */
export const readMaybe = (process: Process, path: string): Bytes | undefined =>
  attempt(
    () => process.files.read(path),
    () => undefined,
  );

/** What there is at a path; undefined where nothing is, or nobody may look. */
export const factsAt = (files: FileView, path: string, follows = true): FileFacts | undefined =>
  attempt(
    () => (follows ? files.stat(path) : files.lstat(path)),
    () => undefined,
  );
