/** cp, mv and rm: what is done to whole trees of files. */
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, baseName, complain, type Dialect, Failure, joinPath, UsageError } from './applet.ts';
import { type Options, parseOptions } from './options.ts';
import { normalPath } from './stat.ts';

interface Change {
  process: Process;
  dialect: Dialect;
  options: Options;
  status: number;
  /** What -v says. */
  said: string;
}

const facts = (process: Process, path: string, follows: boolean): FileFacts | undefined => {
  try {
    return follows ? process.files.stat(path) : process.files.lstat(path);
  } catch (error) {
    if (error instanceof Errno && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
};

/** Says what did not work, and that the command ends with 1. */
function* fail(change: Change, gnu: string, busybox: string): Run {
  change.status = 1;
  yield* complain(change.process, change.dialect === 'gnu' ? gnu : busybox);
}

function* guarded(
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

/** The operands of cp and mv: what, and where each goes. */
function targets(process: Process, options: Options, dialect: Dialect): { from: string; to: string }[] {
  const operands = [...options.operands];
  const folder = options.value('t') ?? operands.at(-1);
  if (options.value('t') === undefined) operands.pop();
  if (folder === undefined || operands.length === 0) {
    if (dialect === 'busybox') throw new UsageError('');
    throw new UsageError(
      folder === undefined ? 'missing file operand' : `missing destination file operand after '${folder}'`,
    );
  }
  const isFolder = !options.has('T') && facts(process, folder, true)?.kind === 'directory';
  if (operands.length > 1 && !isFolder) {
    if (dialect === 'gnu')
      throw new Failure(
        `target '${folder}': ${facts(process, folder, true) === undefined ? 'No such file or directory' : 'Not a directory'}`,
      );
    throw new Failure(
      facts(process, folder, true) === undefined
        ? `can't create directory '${folder}'`.replace('create directory', 'stat') + ': No such file or directory'
        : `'${folder}' is not a directory`,
    );
  }
  return operands.map((from) => ({
    from,
    to: isFolder ? joinPath(folder, baseName(from) === '.' ? '' : baseName(from)) : folder,
  }));
}

const COPY_LONG = {
  recursive: 'r',
  archive: 'a',
  force: 'f',
  'no-clobber': 'n',
  verbose: 'v',
  preserve: 'p',
  'preserve?': 'p',
  'target-directory=': 't',
  'no-target-directory': 'T',
  update: 'u',
  interactive: 'i',
  dereference: 'L',
  link: 'l',
  'symbolic-link': 's',
  parents: 'parents',
};

export const cp: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'arRfinpvdPLHlsuxt:Tc', long: COPY_LONG });
  const change: Change = { process, dialect, options, status: 0, said: '' };
  for (const { from, to } of targets(process, options, dialect)) yield* copy(change, from, to, true);
  if (change.said !== '') yield* process.write(1, change.said);
  return change.status;
};

function* copy(change: Change, from: string, to: string, isOperand: boolean): Run {
  const { process, options } = change;
  process.work(1);
  const isRecursive = options.has('r') || options.has('R') || options.has('a');
  const follows = !(
    options.has('d') ||
    options.has('P') ||
    options.has('a') ||
    (isRecursive && !options.has('L') && !(isOperand && options.has('H')))
  );
  const source = facts(process, from, follows);
  if (source === undefined) {
    yield* fail(
      change,
      `cannot stat '${from}': No such file or directory`,
      `can't stat '${from}': No such file or directory`,
    );
    return;
  }
  if (source.kind === 'directory' && !isRecursive) {
    yield* fail(change, `-r not specified; omitting directory '${from}'`, `omitting directory '${from}'`);
    return;
  }
  const there = facts(process, to, true);
  if (options.has('n') && there !== undefined) return;
  if (options.has('u') && there !== undefined && there.modifiedAt >= source.modifiedAt) return;
  if (there !== undefined && there.inode === source.inode && process.files.real(to) === process.files.real(from)) {
    yield* fail(change, `'${from}' and '${to}' are the same file`, `'${from}' and '${to}' are the same file`);
    return;
  }
  if (options.has('v')) change.said += `'${from}' -> '${to}'\n`;
  const work =
    source.kind === 'directory' ? copyFolder(change, from, to, source) : copyFile(change, from, to, source, there);
  yield* guarded(
    change,
    () => work,
    (words) => `cannot create ${source.kind === 'directory' ? 'directory' : 'regular file'} '${to}': ${words}`,
    (words) => `can't create ${source.kind === 'directory' ? 'directory ' : ''}'${to}': ${words}`,
  );
}

function* copyFolder(change: Change, from: string, to: string, source: FileFacts): Run {
  const { process } = change;
  if (`${normalPath(to, process.cwd)}/`.startsWith(`${normalPath(from, process.cwd)}/`) && !process.files.exists(to)) {
    yield* fail(
      change,
      `cannot copy a directory, '${from}', into itself, '${to}'`,
      `recursion detected, omitting directory '${from}'`,
    );
    return;
  }
  if (!process.files.exists(to)) process.files.makeDirectory(to, source.mode | 0o700);
  for (const name of process.files.list(from)) yield* copy(change, joinPath(from, name), joinPath(to, name), false);
  keep(change, to, source);
}

function* copyFile(change: Change, from: string, to: string, source: FileFacts, there: FileFacts | undefined): Run {
  const { process, options, dialect } = change;
  const { files } = process;
  if (options.has('s') || source.kind === 'link') {
    if (facts(process, to, false) !== undefined) files.unlink(to);
    files.link(options.has('s') ? from : source.target!, to);
    return;
  }
  if (options.has('l')) {
    files.hardLink(from, to);
    return;
  }
  let bytes: string;
  try {
    bytes = files.read(from);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield* fail(
      change,
      `cannot open '${from}' for reading: ${error.message}`,
      `can't open '${from}': ${error.message}`,
    );
    return;
  }
  if (there === undefined && /\/$/.test(to)) {
    yield* fail(change, `cannot create regular file '${to}': Not a directory`, `can't create '${to}': Is a directory`);
    return;
  }
  if (there !== undefined && options.has('f') && !files.access(to, 2)) files.unlink(to);
  // What is there keeps its mode; dialects differ in words only.
  if (dialect === 'gnu' || dialect === 'busybox')
    files.write(to, bytes, there === undefined ? { mode: source.mode & 0o7777 } : {});
  keep(change, to, source);
}

function keep({ process, options }: Change, to: string, source: FileFacts): void {
  if (!options.has('p') && !options.has('a')) return;
  process.files.chmod(to, source.mode);
  if (process.user.uid === 0) process.files.chown(to, source.uid, source.gid);
  process.files.setTimes(to, source.modifiedAt);
}

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
