/** What cp, mv and rm share: one run of them, and how it tells what did not work. */
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import type { Process, Run } from '../program.ts';
import { complain, type Dialect } from './applet.ts';
import type { Options } from './options.ts';

export interface Change {
  process: Process;
  dialect: Dialect;
  options: Options;
  status: number;
  /** What -v says. */
  said: string;
}

/** Undefined: there is nothing. */
export const facts = (process: Process, path: string, follows: boolean): FileFacts | undefined => {
  try {
    return follows ? process.files.stat(path) : process.files.lstat(path);
  } catch (error) {
    if (error instanceof Errno && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
};

/** Says what did not work, and that the command ends with 1. */
export function* fail(change: Change, gnu: string, busybox: string): Run {
  change.status = 1;
  yield* complain(change.process, change.dialect === 'gnu' ? gnu : busybox);
}

/** Runs something; an error is said in the words of the dialect. */
export function* guarded(
  change: Change,
  run: () => Run,
  gnu: (words: string) => string,
  busybox: (words: string) => string,
): Run {
  try {
    yield* run();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* fail(change, gnu(error.message), busybox(error.message));
  }
}
