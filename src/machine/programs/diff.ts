/** diff and cmp. */
import type { Bytes } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, attempt, complain, type Dialect, Failure, factsAt, UsageError } from './applet.ts';
import { formatDate } from './date-format.ts';
import { type Options, parseOptions } from './options.ts';
import { joinPath } from './paths.ts';

/** Pairs of lines of the two files that are compared; files with more differences are told as one. */
export const MAX_COMPARED = 2_000_000;

interface Change {
  /** Lines of the first from here, so many; and of the second. */
  at: number;
  gone: number;
  to: number;
  come: number;
}

/** The changes that make the second of the first, by the longest common part. */
export function changesOf(first: readonly string[], second: readonly string[]): Change[] {
  let start = 0;
  while (start < first.length && start < second.length && first[start] === second[start]) start++;
  let end = 0;
  while (end < first.length - start && end < second.length - start && first.at(-1 - end) === second.at(-1 - end)) end++;
  const [left, right] = [first.slice(start, first.length - end), second.slice(start, second.length - end)];
  if (left.length === 0 && right.length === 0) return [];
  if (left.length * right.length > MAX_COMPARED)
    return [{ at: start, gone: left.length, to: start, come: right.length }];
  const width = right.length + 1;
  // What is common is no longer than the shorter of both, which the bound keeps below 1,500.
  const common = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      common[i * width + j] =
        left[i] === right[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  let open: Change | undefined;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      open = undefined;
      i++;
      j++;
      continue;
    }
    if (open === undefined) {
      open = { at: start + i, gone: 0, to: start + j, come: 0 };
      changes.push(open);
    }
    if (i < left.length && (j >= right.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      open.gone++;
      i++;
    } else {
      open.come++;
      j++;
    }
  }
  return changes;
}

const linesOf = (text: Bytes): string[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line, i, all) =>
          i === all.length - 1 && !text.endsWith('\n') ? `${line}\n\\ No newline at end of file` : line,
        );

const rangeText = (at: number, count: number): string =>
  count === 0 ? String(at) : count === 1 ? String(at + 1) : `${at + 1},${at + count}`;

function normal(changes: readonly Change[], first: readonly string[], second: readonly string[]): string {
  let out = '';
  for (const { at, gone, to, come } of changes) {
    out += `${rangeText(at, gone)}${gone === 0 ? 'a' : come === 0 ? 'd' : 'c'}${rangeText(to, come)}\n`;
    for (const line of first.slice(at, at + gone)) out += `< ${line}\n`;
    if (gone > 0 && come > 0) out += '---\n';
    for (const line of second.slice(to, to + come)) out += `> ${line}\n`;
  }
  return out;
}

function unified(
  changes: readonly Change[],
  first: readonly string[],
  second: readonly string[],
  context: number,
): string {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last !== undefined && change.at - (last.at + last.gone) <= 2 * context) hunks.at(-1)!.push(change);
    else hunks.push([change]);
  }
  const range = (from: number, count: number): string =>
    count === 1 ? String(from + 1) : `${count === 0 ? from : from + 1},${count}`;
  return hunks
    .map((hunk) => {
      const [head, tail] = [hunk[0]!, hunk.at(-1)!];
      const before = Math.min(context, head.at);
      const after = Math.min(context, first.length - (tail.at + tail.gone));
      const from = head.at - before;
      const to = head.to - before;
      let body = '';
      let at = from;
      for (const { at: start, gone, to: there, come } of hunk) {
        for (const line of first.slice(at, start)) body += ` ${line}\n`;
        for (const line of first.slice(start, start + gone)) body += `-${line}\n`;
        for (const line of second.slice(there, there + come)) body += `+${line}\n`;
        at = start + gone;
      }
      for (const line of first.slice(at, at + after)) body += ` ${line}\n`;
      const ends = [tail.at + tail.gone + after - from, tail.to + tail.come + after - to];
      return `@@ -${range(from, ends[0]!)} +${range(to, ends[1]!)} @@\n${body}`;
    })
    .join('');
}

function* read(process: Process, path: string, fault: (words: string) => string): Run<Bytes> {
  if (path === '-') return yield* process.readAll(0);
  return attempt(
    () => process.files.read(path),
    (words) => {
      throw new Failure(fault(words), 2);
    },
  );
}

function* compare(
  process: Process,
  dialect: Dialect,
  options: Options,
  first: string,
  second: string,
  isInner: boolean,
): Run<number> {
  const load = (path: string): Run<Bytes> => read(process, path, (words) => `can't stat '${path}': ${words}`);
  const [left, right] = [yield* load(first), yield* load(second)];
  if (left === right) {
    if (options.has('s')) yield* process.write(1, `Files ${first} and ${second} are identical\n`);
    return 0;
  }
  if (options.has('q')) {
    yield* process.write(1, `Files ${first} and ${second} differ\n`);
    return 1;
  }
  const simplify = (text: string): string => {
    const spaced = options.has('w')
      ? text.replace(/[ \t]+/g, '')
      : options.has('b')
        ? text.replace(/[ \t]+/g, ' ').trimEnd()
        : text;
    return options.has('i') ? spaced.toLowerCase() : spaced;
  };
  const [a, b] = [linesOf(left), linesOf(right)];
  const changes = changesOf(a.map(simplify), b.map(simplify));
  process.work(a.length + b.length);
  if (changes.length === 0) return 0;
  const isUnified = options.has('u') || options.has('U') || dialect === 'busybox';
  const label = (path: string, i: number): string => {
    const named = options.values('L')[i];
    if (named !== undefined) return named;
    if (dialect === 'busybox') return path;
    return `${path}\t${formatDate(path === '-' ? process.now() : process.files.stat(path).modifiedAt, '%Y-%m-%d %H:%M:%S.%N +0000')}`;
  };
  const head = isInner && dialect === 'gnu' ? `diff -r ${first} ${second}\n` : '';
  const text = isUnified
    ? `--- ${label(first, 0)}\n+++ ${label(second, 1)}\n${unified(changes, a, b, Number(options.value('U') ?? 3))}`
    : normal(changes, a, b);
  yield* process.write(1, head + text);
  return 1;
}

function* folders(process: Process, dialect: Dialect, options: Options, first: string, second: string): Run<number> {
  let status = 0;
  const [left, right] = [new Set(process.files.list(first)), new Set(process.files.list(second))];
  for (const name of [...new Set([...left, ...right])].sort()) {
    if (!left.has(name) || !right.has(name)) {
      yield* process.write(1, `Only in ${left.has(name) ? first : second}: ${name}\n`);
      status = 1;
      continue;
    }
    const [a, b] = [joinPath(first, name), joinPath(second, name)];
    const isFolder = process.files.stat(a).kind === 'directory' && process.files.stat(b).kind === 'directory';
    const one = isFolder
      ? options.has('r')
        ? yield* folders(process, dialect, options, a, b)
        : 0
      : yield* compare(process, dialect, options, a, b, true);
    status = Math.max(status, one);
  }
  return status;
}

export const diff: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'abBdiL:NqrsS:tTU:uw',
    long: {
      brief: 'q',
      recursive: 'r',
      unified: 'u',
      'label=': 'L',
      'ignore-case': 'i',
      'ignore-all-space': 'w',
      'ignore-space-change': 'b',
      'report-identical-files': 's',
      'color?': 'colour',
    },
  });
  const [first, second] = options.operands;
  if (first === undefined || second === undefined || options.operands.length > 2)
    throw new UsageError(dialect === 'gnu' ? `missing operand after '${first ?? 'diff'}'` : '', 2);
  const kind = (path: string): string | undefined => (path === '-' ? 'file' : factsAt(process.files, path)?.kind);
  for (const path of [first, second]) {
    if (kind(path) !== undefined) continue;
    yield* complain(
      process,
      dialect === 'gnu' ? `${path}: No such file or directory` : `can't stat '${path}': No such file or directory`,
    );
    return 2;
  }
  const [a, b] = [kind(first), kind(second)];
  if (a === 'directory' && b === 'directory') return yield* folders(process, dialect, options, first, second);
  const inner = (folder: string, file: string): string => joinPath(folder, file.replace(/^.*\//, ''));
  return yield* compare(
    process,
    dialect,
    options,
    a === 'directory' ? inner(first, second) : first,
    b === 'directory' ? inner(second, first) : second,
    false,
  );
};

export const cmp: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'lsn:i:', long: { silent: 's', quiet: 's', verbose: 'l' } });
  const [first, second = '-'] = options.operands;
  if (first === undefined) throw new UsageError('', 2);
  const load = (path: string): Run<Bytes> => read(process, path, (words) => `${path}: ${words}`);
  const [left, right] = [yield* load(first), yield* load(second)];
  process.work(1 + left.length / 64);
  let line = 1;
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) {
      const unit = dialect === 'gnu' ? 'byte' : 'char';
      if (!options.has('s')) yield* process.write(1, `${first} ${second} differ: ${unit} ${i + 1}, line ${line}\n`);
      return 1;
    }
    if (left[i] === '\n') line++;
  }
  if (left.length === right.length) return 0;
  if (!options.has('s'))
    yield* process.write(
      2,
      `cmp: EOF on ${left.length < right.length ? first : second}${dialect === 'gnu' ? ` after byte ${Math.min(left.length, right.length)}` : ''}\n`,
    );
  return 1;
};
