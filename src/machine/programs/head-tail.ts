/** head and tail, the latter also as it follows a file that grows. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, complain, Failure } from './applet.ts';
import { CHUNK, cannotOpen, eachLine, forReading, openInput, STOP, writeAll } from './input.ts';
import { parseOptions, parseSize } from './options.ts';

interface Count {
  unit: 'lines' | 'bytes';
  /** As given: a sign in front means something else to each of the two. */
  sign: '' | '+' | '-';
  count: number;
}

function parseCount(unit: Count['unit'], text: string): Count {
  const sign = text.startsWith('-') ? '-' : text.startsWith('+') ? '+' : '';
  const count = parseSize(text.slice(sign.length));
  if (count === undefined) throw new Failure(`invalid number '${text}'`);
  return { unit, sign, count };
}

/** `-5` as `-n 5`, which getopt does not know. */
const withOldCounts = (args: readonly string[]): string[] =>
  args.flatMap((arg, i) => {
    if (i === 0 || args[i - 1] === '-n' || args[i - 1] === '-c') return [arg];
    const [, count, follows] = /^-(\d+)(f?)$/.exec(arg) ?? [];
    return count === undefined ? [arg] : [`-${follows}n`, count];
  });

const title = (path: string, isFirst: boolean): Bytes =>
  `${isFirst ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`;

export const head: Applet = function* (process, dialect) {
  const options = parseOptions(withOldCounts(process.args), {
    short: 'n:c:qv',
    long: { 'lines=': 'n', 'bytes=': 'c', quiet: 'q', verbose: 'v' },
  });
  const unit = options.last('nc') === 'c' ? 'bytes' : 'lines';
  const wanted = parseCount(unit, options.value(unit === 'bytes' ? 'c' : 'n') ?? '10');
  const paths = options.operands.length > 0 ? options.operands : ['-'];
  const isTitled = options.has('v') || (paths.length > 1 && !options.has('q'));
  let status = 0;
  let isFirst = true;
  for (const path of paths) {
    const descriptor = yield* openInput(process, path, dialect, forReading);
    if (descriptor === undefined) {
      status = 1;
      isFirst &&= dialect === 'gnu';
      continue;
    }
    if (isTitled) yield* process.write(1, title(path, isFirst));
    isFirst = false;
    yield* copyHead(process, descriptor, wanted);
    if (descriptor !== 0) process.close(descriptor);
  }
  return status;
};

function* copyHead(process: Process, descriptor: number, { unit, sign, count }: Count): Run {
  if (sign === '-') {
    const all = yield* process.readAll(descriptor);
    const end = unit === 'bytes' ? Math.max(0, all.length - count) : startOfLast(all, count);
    yield* writeAll(process, all.slice(0, end));
    return;
  }
  let left = count;
  if (unit === 'lines') {
    if (left === 0) return;
    yield* eachLine(process, descriptor, (line, isWhole) => {
      if (left-- === 0) return STOP;
      return isWhole ? `${line}\n` : line;
    });
    return;
  }
  while (left > 0) {
    const chunk = yield* process.read(descriptor, Math.min(left, CHUNK));
    if (chunk === '') return;
    yield* process.write(1, chunk);
    left -= chunk.length;
  }
}

/** Where the last lines of a text begin. */
function startOfLast(text: Bytes, lines: number): number {
  if (lines === 0) return text.length;
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let left = lines; left > 0; left--) {
    at = at === 0 ? -1 : text.lastIndexOf('\n', at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}

/** How often a followed file is looked at, milliseconds. */
const FOLLOW_INTERVAL = 1000;

export const tail: Applet = function* (process, dialect) {
  const options = parseOptions(
    withOldCounts(
      process.args.map((arg, i) => (process.args[i - 1] === '-n' ? arg : arg.replace(/^\+(\d+)$/, '-n+$1'))),
    ),
    {
      short: 'n:c:fFqvs:',
      long: {
        'lines=': 'n',
        'bytes=': 'c',
        'follow?': 'f',
        quiet: 'q',
        verbose: 'v',
        'sleep-interval=': 's',
        retry: 'F',
      },
    },
  );
  const unit = options.last('nc') === 'c' ? 'bytes' : 'lines';
  const wanted = parseCount(unit, options.value(unit === 'bytes' ? 'c' : 'n') ?? '10');
  const paths = options.operands.length > 0 ? options.operands : ['-'];
  // BusyBox counts those that it could open.
  const shown = dialect === 'gnu' ? paths : paths.filter((path) => path === '-' || process.files.exists(path));
  const isTitled = options.has('v') || (shown.length > 1 && !options.has('q'));
  const follows = options.has('f') || options.has('F');
  const followed: Followed[] = [];
  let status = 0;
  let isFirst = true;
  for (const path of paths) {
    const descriptor = yield* openInput(process, path, dialect, dialect === 'gnu' ? forReading : cannotOpen);
    if (descriptor === undefined) {
      status = 1;
      if (options.has('F')) followed.push({ path, size: 0 });
      continue;
    }
    if (isTitled) yield* process.write(1, title(path, isFirst));
    isFirst = false;
    yield* writeAll(process, tailOf(yield* process.readAll(descriptor), wanted));
    if (descriptor === 0) continue;
    process.close(descriptor);
    followed.push({ path, size: process.files.stat(path).size });
  }
  if (isFirst && dialect === 'busybox' && !options.has('F')) yield* complain(process, 'no files');
  if (follows && followed.length > 0)
    yield* follow(process, followed, isTitled, Number(options.value('s') ?? 1) * FOLLOW_INTERVAL);
  return status;
};

function tailOf(all: Bytes, { unit, sign, count }: Count): Bytes {
  if (sign !== '+')
    return unit === 'bytes' ? all.slice(Math.max(0, all.length - count)) : all.slice(startOfLast(all, count));
  if (unit === 'bytes') return all.slice(Math.max(0, count - 1));
  let at = 0;
  for (let line = 1; line < count; line++) {
    at = all.indexOf('\n', at) + 1;
    if (at === 0) return '';
  }
  return all.slice(at);
}

interface Followed {
  path: string;
  size: number;
}

function* follow(process: Process, files: Followed[], isTitled: boolean, interval: number): Run<never> {
  let shown = files.at(-1);
  process.endless(true);
  for (;;) {
    yield* process.sleep(interval);
    for (const file of files) {
      const added = growth(process, file);
      if (added === '') continue;
      if (isTitled && shown !== file) yield* process.write(1, title(file.path, false));
      shown = file;
      yield* process.write(1, added);
    }
  }
}

/** What a file has more than it had; all of it where it has become shorter, nothing where it is not there. */
function growth(process: Process, file: Followed): Bytes {
  try {
    const { size } = process.files.stat(file.path);
    if (size === file.size) return '';
    const added = process.files.read(file.path).slice(size < file.size ? 0 : file.size);
    file.size = size;
    return added;
  } catch (error) {
    if (error instanceof Errno) return '';
    throw error;
  }
}
