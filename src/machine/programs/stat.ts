/** stat, readlink, realpath, dirname, basename, pwd: what there is to know of a path. */
import { bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { FileFacts } from '../file-view.ts';
import { type Names, namesOf } from './accounts.ts';
import { type Applet, attempt, complain, factsAt, UsageError } from './applet.ts';
import { formatDate } from './date-format.ts';
import { blocksOf, modeText } from './modes.ts';
import { parseOptions } from './options.ts';
import { baseName, normalPath } from './paths.ts';
import { resolveEscapes } from './printf.ts';

const KINDS: Readonly<Record<FileFacts['kind'], string>> = {
  file: 'regular file',
  directory: 'directory',
  link: 'symbolic link',
  device: 'character special file',
  fifo: 'fifo',
};

const FULL = '%Y-%m-%d %H:%M:%S.%N %z';

const kindText = ({ kind, size }: FileFacts): string =>
  kind === 'file' && size === 0 ? 'regular empty file' : KINDS[kind];

const TYPE_BITS: Readonly<Record<FileFacts['kind'], number>> = {
  file: 0o100000,
  directory: 0o40000,
  link: 0o120000,
  device: 0o20000,
  fifo: 0o10000,
};

function fieldText(letter: string, path: string, facts: FileFacts, names: Names): string | undefined {
  const fields: Readonly<Record<string, () => string | number>> = {
    a: () => facts.mode.toString(8),
    A: () => modeText(facts),
    b: () => blocksOf(facts) * 2,
    B: () => 512,
    d: () => 66,
    D: () => '42',
    f: () => (TYPE_BITS[facts.kind] | facts.mode).toString(16),
    F: () => kindText(facts),
    g: () => facts.gid,
    G: () => names.group(facts.gid),
    h: () => facts.links,
    i: () => facts.inode,
    n: () => path,
    N: () => `'${path}'${facts.target === undefined ? '' : ` -> '${facts.target}'`}`,
    o: () => 4096,
    s: () => facts.size,
    t: () => '0',
    T: () => '0',
    u: () => facts.uid,
    U: () => names.user(facts.uid),
    w: () => '-',
    W: () => '0',
  };
  if ('xyz'.includes(letter)) return formatDate(facts.modifiedAt, FULL);
  if ('XYZ'.includes(letter)) return String(Math.floor(facts.modifiedAt / 1000));
  return fields[letter] === undefined ? undefined : String(fields[letter]());
}

const formatStat = (format: string, path: string, facts: FileFacts, names: Names): string =>
  format.replace(/%([-0]?)(\d*)([a-zA-Z%])/g, (all, flag: string, width: string, letter: string) => {
    if (letter === '%') return '%';
    const text = fieldText(letter, path, facts, names);
    if (text === undefined) return all;
    if (flag === '-') return text.padEnd(Number(width));
    return text.padStart(Number(width), flag === '0' ? '0' : ' ');
  });

function blockText(path: string, facts: FileFacts, names: Names, dialect: string): string {
  const shown =
    facts.target === undefined
      ? path
      : dialect === 'gnu'
        ? `${path} -> ${facts.target}`
        : `'${path}' -> '${facts.target}'`;
  const device = dialect === 'gnu' ? 'Device: 0,66' : 'Device: 42h/66d';
  const id = (number: number, name: string): string => `(${String(number).padStart(5)}/${name.padStart(8)})`;
  const time = formatDate(facts.modifiedAt, FULL);
  const lines = [
    `  File: ${shown}`,
    `  Size: ${String(facts.size).padEnd(10)}\tBlocks: ${String(blocksOf(facts) * 2).padEnd(10)} IO Block: 4096   ${kindText(facts)}`,
    `${device}\tInode: ${String(facts.inode).padEnd(10)}  Links: ${dialect === 'gnu' ? facts.links : String(facts.links).padEnd(5)}`,
    `Access: (${facts.mode.toString(8).padStart(4, '0')}/${modeText(facts)})  Uid: ${id(facts.uid, names.user(facts.uid))}   Gid: ${id(facts.gid, names.group(facts.gid))}`,
    `Access: ${time}`,
    `Modify: ${time}`,
    `Change: ${time}`,
  ];
  if (dialect === 'gnu') lines.push(` Birth: ${time}`);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

export const stat: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'Lc:tf',
    long: { dereference: 'L', 'format=': 'c', terse: 't', 'printf=': 'printf', 'file-system': 'f' },
  });
  if (options.operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  const names = namesOf(process);
  let status = 0;
  for (const path of options.operands) {
    try {
      const facts = options.has('L') ? process.files.stat(path) : process.files.lstat(path);
      const printf = options.value('printf');
      const format =
        options.value('c') ?? (options.has('t') ? '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o' : undefined);
      const text =
        printf !== undefined
          ? resolveEscapes(formatStat(printf, path, facts, names)).text
          : format === undefined
            ? blockText(path, facts, names, dialect)
            : `${formatStat(format, path, facts, names)}\n`;
      yield* process.write(1, bytesOf(text));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      status = 1;
      yield* complain(process, `${dialect === 'gnu' ? 'cannot statx' : "can't stat"} '${path}': ${error.message}`);
    }
  }
  return status;
};

export const readlink: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'fnevmqsz',
    long: {
      canonicalize: 'f',
      'no-newline': 'n',
      'canonicalize-existing': 'e',
      'canonicalize-missing': 'm',
      verbose: 'v',
    },
  });
  if (options.operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  let status = 0;
  for (const path of options.operands) {
    const resolves = options.has('f') || options.has('e') || options.has('m');
    const text = resolves
      ? realOf(process.files, path, process.cwd, !options.has('e'))
      : factsAt(process.files, path, false)?.target;
    if (text === undefined) status = 1;
    else yield* process.write(1, bytesOf(options.has('n') ? text : `${text}\n`));
  }
  return status;
};

/** The path without links; the last part need not be there if `allowsMissing`. */
function realOf(
  files: { real(path: string): string },
  path: string,
  cwd: string,
  allowsMissing: boolean,
): string | undefined {
  return attempt(
    (): string | undefined => files.real(path),
    () => {
      const whole = normalPath(path, cwd);
      const folder = whole.slice(0, whole.lastIndexOf('/')) || '/';
      if (!allowsMissing) return undefined;
      return attempt(
        (): string | undefined => `${files.real(folder).replace(/\/$/, '')}/${baseName(whole)}`,
        () => undefined,
      );
    },
  );
}

export const realpath: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'emLPqsz', long: { quiet: 'q', 'no-symlinks': 's' } });
  if (options.operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  let status = 0;
  for (const path of options.operands) {
    const text = realOf(process.files, path, process.cwd, !options.has('e'));
    if (text !== undefined) yield* process.write(1, bytesOf(`${text}\n`));
    else {
      status = 1;
      yield* complain(process, `${path}: No such file or directory`);
    }
  }
  return status;
};

export const dirname: Applet = function* (process, dialect) {
  const { operands } = parseOptions(process.args, { short: 'z' });
  if (operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  for (const path of operands) {
    const trimmed = path.replace(/\/+$/, '');
    const slash = trimmed.lastIndexOf('/');
    const folder =
      trimmed === '' && path !== '' ? '/' : slash < 0 ? '.' : trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
    yield* process.write(1, `${folder}\n`);
  }
  return 0;
};

export const basename: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: '+as:z', long: { multiple: 'a', 'suffix=': 's' } });
  const { operands } = options;
  if (operands.length === 0) throw new UsageError(dialect === 'gnu' ? 'missing operand' : '');
  const isMany = options.has('a') || options.has('s');
  if (!isMany && operands.length > 2) throw new UsageError(dialect === 'gnu' ? `extra operand '${operands[2]}'` : '');
  const suffix = options.value('s') ?? (isMany ? '' : (operands[1] ?? ''));
  for (const path of isMany ? operands : operands.slice(0, 1)) {
    const name = baseName(path);
    const isCut = suffix !== '' && name !== suffix && name.endsWith(suffix);
    yield* process.write(1, `${isCut ? name.slice(0, -suffix.length) : name}\n`);
  }
  return 0;
};

export const pwd: Applet = function* (process) {
  yield* process.write(1, bytesOf(`${process.cwd}\n`));
  return 0;
};
