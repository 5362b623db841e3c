/** mkdir, rmdir, ln, touch, truncate, mktemp, mkfifo: what is done to single files. */
import { Errno } from '../errno.ts';
import { type Applet, Failure, factsAt } from './applet.ts';
import { parseDate } from './date-format.ts';
import { changedMode } from './modes.ts';
import { eachOperand, needOperand } from './operands.ts';
import { parseOptions, parseSize } from './options.ts';
import { baseName, joinPath } from './paths.ts';

export const mkdir: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'm:pvZ', long: { parents: 'p', 'mode=': 'm', verbose: 'v' } });
  needOperand(options.operands, dialect);
  const given = options.value('m');
  const mode = given === undefined ? undefined : changedMode(0o777, given, true);
  if (given !== undefined && mode === undefined) throw new Failure(`invalid mode '${given}'`);
  const make = (path: string): void => {
    process.files.makeDirectory(path, mode ?? 0o755);
    if (mode !== undefined) process.files.chmod(path, mode);
  };
  return yield* eachOperand(
    process,
    options.operands,
    (path) => {
      if (!options.has('p')) {
        make(path);
        return;
      }
      const parts = path.split('/');
      for (let i = 1; i <= parts.length; i++) {
        const part = parts.slice(0, i).join('/');
        if (part === '' || factsAt(process.files, part)?.kind === 'directory') continue;
        if (i === parts.length) make(part);
        else process.files.makeDirectory(part, 0o755);
      }
    },
    (path, why) =>
      dialect === 'gnu' ? `cannot create directory '${path}': ${why}` : `can't create directory '${path}': ${why}`,
  );
};

export const rmdir: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'pv',
    long: { parents: 'p', 'ignore-fail-on-non-empty': 'ignore' },
  });
  needOperand(options.operands, dialect);
  return yield* eachOperand(
    process,
    options.operands,
    (path) => {
      if (options.has('ignore') && process.files.list(path).length > 0) return;
      process.files.removeDirectory(path);
      if (!options.has('p')) return;
      for (let folder = path; folder.includes('/'); ) {
        folder = folder.slice(0, folder.lastIndexOf('/'));
        if (folder !== '') process.files.removeDirectory(folder);
      }
    },
    (path, why) => (dialect === 'gnu' ? `failed to remove '${path}': ${why}` : `'${path}': ${why}`),
  );
};

export const ln: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'sfnbTvir',
    long: { symbolic: 's', force: 'f', 'no-dereference': 'n', verbose: 'v', 'no-target-directory': 'T' },
  });
  const operands = [...options.operands];
  needOperand(operands, dialect);
  const last = operands.length > 1 ? operands.pop()! : '.';
  const { files } = process;
  const isLink = (path: string): boolean => factsAt(files, path, false)?.kind === 'link';
  const isFolder = factsAt(files, last)?.kind === 'directory';
  const into = isFolder && !options.has('T') && !(options.has('n') && isLink(last));
  const kind = options.has('s') ? 'symbolic' : 'hard';
  const nameOf = (target: string): string => (into ? joinPath(last, baseName(target)) : last);
  return yield* eachOperand(
    process,
    operands,
    (target) => {
      const path = nameOf(target);
      if (options.has('f') && files.exists(path, false)) files.unlink(path);
      if (options.has('s')) files.link(target, path);
      else files.hardLink(target, path);
    },
    (target, why) =>
      dialect === 'gnu'
        ? options.has('s') || why === 'File exists'
          ? `failed to create ${kind} link '${nameOf(target)}': ${why}`
          : `failed to access '${target}': ${why}`
        : `${nameOf(target)}: ${why}`,
  );
};

export const touch: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'cd:t:r:amhf',
    long: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' },
  });
  needOperand(options.operands, dialect);
  const text = options.value('d') ?? options.value('t');
  const reference = options.value('r');
  let at = process.now();
  if (reference !== undefined) at = process.files.stat(reference).modifiedAt;
  if (text !== undefined) {
    const date = parseDate(text, process.now());
    if (date === undefined)
      throw new Failure(dialect === 'gnu' ? `invalid date format '${text}'` : `invalid date '${text}'`);
    at = date;
  }
  return yield* eachOperand(
    process,
    options.operands,
    (path) => {
      if (!process.files.exists(path)) {
        if (options.has('c')) return;
        process.files.write(path, '', { append: true });
      }
      process.files.setTimes(path, at);
    },
    (path, why) => (dialect === 'gnu' ? `cannot touch '${path}': ${why}` : `${path}: ${why}`),
  );
};

export const truncate: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'cs:', long: { 'size=': 's', 'no-create': 'c' } });
  needOperand(options.operands, dialect);
  const size = parseSize(options.value('s') ?? '');
  if (size === undefined) throw new Failure(`invalid number '${options.value('s') ?? ''}'`);
  const isRelative = /^[+-]/.test(options.value('s')!);
  return yield* eachOperand(
    process,
    options.operands,
    (path) => {
      if (!process.files.exists(path)) {
        if (options.has('c')) return;
        process.files.write(path, '');
      }
      process.files.truncate(path, Math.max(0, isRelative ? process.files.stat(path).size + size : size));
    },
    (path, why) => `${path}: open: ${why}`,
  );
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export const mktemp: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'dqtup:',
    long: { directory: 'd', quiet: 'q', 'tmpdir?': 'p', 'dry-run': 'u' },
  });
  const given = options.operands[0];
  const folder = options.value('p') || process.env.get('TMPDIR') || '/tmp';
  const pattern = given ?? 'tmp.XXXXXX';
  if (!/X{3,}$/.test(pattern) && !(dialect === 'gnu' && /X{3,}/.test(pattern))) {
    throw new Failure(dialect === 'gnu' ? `too few X's in template '${pattern}'` : `${pattern}: Invalid argument`);
  }
  const name = pattern.replace(/X{3,}(?!.*X{3})/, (run) =>
    [...run].map(() => LETTERS[Math.floor(process.random() * LETTERS.length)]).join(''),
  );
  const path = given === undefined || options.has('t') || options.has('p') ? joinPath(folder, name) : name;
  try {
    if (options.has('d')) process.files.makeDirectory(path, 0o700);
    else if (!options.has('u')) {
      process.files.write(path, '', { mode: 0o600 });
      process.files.chmod(path, 0o600);
    }
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new Failure(
      dialect === 'gnu'
        ? `failed to create ${options.has('d') ? 'directory' : 'file'} via template '${pattern}': ${error.message}`
        : `(null): ${error.message}`,
    );
  }
  yield* process.write(1, `${path}\n`);
  return 0;
};

export const mkfifo: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'm:' });
  needOperand(options.operands, dialect);
  return yield* eachOperand(
    process,
    options.operands,
    (path) => process.files.makeFifo(path),
    (path, why) => (dialect === 'gnu' ? `cannot create fifo '${path}': ${why}` : `${path}: ${why}`),
  );
};
