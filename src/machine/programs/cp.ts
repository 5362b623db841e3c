/** cp. */
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, type Dialect, Failure, UsageError } from './applet.ts';
import { type Change, facts, fail, guarded } from './file-work.ts';
import { type Options, parseOptions } from './options.ts';
import { baseName, joinPath, normalPath } from './paths.ts';

/** The operands of cp and mv: what, and where each goes. */
export function targets(process: Process, options: Options, dialect: Dialect): { from: string; to: string }[] {
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
    const isMissing = facts(process, folder, true) === undefined;
    if (dialect === 'gnu')
      throw new Failure(`target '${folder}': ${isMissing ? 'No such file or directory' : 'Not a directory'}`);
    throw new Failure(
      isMissing ? `can't stat '${folder}': No such file or directory` : `'${folder}' is not a directory`,
    );
  }
  return operands.map((from) => ({
    from,
    to: isFolder ? joinPath(folder, baseName(from) === '.' ? '' : baseName(from)) : folder,
  }));
}

export const COPY_LONG = {
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

/** A file, or a folder with all that is in it. */
export function* copy(change: Change, from: string, to: string, isOperand: boolean): Run {
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
  const { process, options } = change;
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
  // What is there keeps its mode.
  files.write(to, bytes, there === undefined ? { mode: source.mode & 0o7777 } : {});
  keep(change, to, source);
}

function keep({ process, options }: Change, to: string, source: FileFacts): void {
  if (!options.has('p') && !options.has('a')) return;
  process.files.chmod(to, source.mode);
  if (process.user.uid === 0) process.files.chown(to, source.uid, source.gid);
  process.files.setTimes(to, source.modifiedAt);
}
