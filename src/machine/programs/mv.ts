/** mv and rm. */
import { Errno } from '../errno.ts';
import type { Run } from '../program.ts';
import { type Applet, UsageError } from './applet.ts';
import { COPY_LONG, copy, targets } from './cp.ts';
import { type Change, facts, fail, guarded } from './file-work.ts';
import { type Options, parseOptions } from './options.ts';
import { baseName, joinPath, normalPath } from './paths.ts';

export const mv: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'finvt:Tu', long: COPY_LONG });
  const change: Change = { process, dialect, options, status: 0, said: '' };
  for (const { from, to } of targets(process, options, dialect)) yield* move(change, from, to);
  if (change.said !== '') yield* process.write(1, change.said);
  return change.status;
};

function* move(change: Change, from: string, to: string): Run {
  const { process, options, dialect } = change;
  const source = facts(process, from, false);
  if (source === undefined) {
    yield* fail(
      change,
      `cannot stat '${from}': No such file or directory`,
      `can't rename '${from}': No such file or directory`,
    );
    return;
  }
  const there = facts(process, to, false);
  if (options.has('n') && there !== undefined) return;
  if (there?.inode === source.inode && process.files.real(from) === process.files.real(to)) {
    yield* fail(change, `'${from}' and '${to}' are the same file`, `'${from}' and '${to}' are the same file`);
    return;
  }
  if (options.has('v')) change.said += dialect === 'gnu' ? `renamed '${from}' -> '${to}'\n` : `'${from}' -> '${to}'\n`;
  try {
    process.files.rename(from, to);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code !== 'EXDEV') {
      yield* fail(
        change,
        `cannot move '${from}' to '${to}': ${error.message}`,
        `can't rename '${from}': ${error.message}`,
      );
      return;
    }
    const copying: Change = { ...change, options: archiving() };
    yield* copy(copying, from, to, true);
    change.status = copying.status;
    if (copying.status === 0) yield* remove({ ...copying }, from);
  }
}

const archiving = (): Options => parseOptions(['cp', '-arf'], { short: 'arf' });

export const rm: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'fiRrvd',
    long: { recursive: 'r', force: 'f', verbose: 'v', dir: 'd', 'no-preserve-root': 'no-preserve-root' },
  });
  if (options.operands.length === 0 && !options.has('f'))
    throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  const change: Change = { process, dialect, options, status: 0, said: '' };
  for (const path of options.operands) {
    const name = baseName(path);
    if (name === '.' || name === '..') {
      yield* fail(change, `refusing to remove '.' or '..' directory: skipping '${path}'`, `can't remove '.' or '..'`);
    } else if (normalPath(path, process.cwd) === '/' && dialect === 'gnu' && !options.has('no-preserve-root')) {
      yield* fail(
        change,
        "it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe",
        '',
      );
    } else yield* remove(change, path);
  }
  if (change.said !== '') yield* process.write(1, change.said);
  return change.status;
};

function* remove(change: Change, path: string): Run {
  const { process, options, dialect } = change;
  process.work(1);
  const found = facts(process, path, false);
  if (found === undefined) {
    if (!options.has('f'))
      yield* fail(
        change,
        `cannot remove '${path}': No such file or directory`,
        `can't remove '${path}': No such file or directory`,
      );
    return;
  }
  const words = (why: string): [string, string] => [
    `cannot remove '${path}': ${why}`,
    `can't remove '${path}': ${why}`,
  ];
  const isFolder = found.kind === 'directory';
  if (isFolder && !options.has('r') && !options.has('R') && !options.has('d')) {
    yield* fail(change, words('Is a directory')[0], `'${path}' is a directory`);
    return;
  }
  yield* guarded(
    change,
    function* () {
      const { status } = change;
      if (isFolder && (options.has('r') || options.has('R')))
        for (const name of process.files.list(path)) yield* remove(change, joinPath(path, name));
      if (isFolder) process.files.removeDirectory(path);
      else process.files.unlink(path);
      if (options.has('v') && change.status === status)
        change.said += dialect === 'gnu' && isFolder ? `removed directory '${path}'\n` : `removed '${path}'\n`;
    },
    (why) => words(why)[0],
    (why) => words(why)[1],
  );
}
