/** Filters that look at one line after the other: wc, uniq, nl, rev, fold, paste, comm, expand. */
import { type Bytes, textOf } from '../bytes.ts';
import type { Process, Run } from '../program.ts';
import { type Applet, Failure, UsageError } from './applet.ts';
import {
  CHUNK,
  cannotOpen,
  eachInput,
  eachLine,
  linesOf,
  openInput,
  plainWords,
  readInputs,
  writeAll,
} from './input.ts';
import { parseOptions } from './options.ts';

interface Counts {
  l: number;
  w: number;
  m: number;
  c: number;
  L: number;
}

/** Columns on a terminal, with tabs to the next eighth. */
function columnsOf(line: string): number {
  if (!line.includes('\t')) return line.length;
  return line.split('\t').reduce((width, part, i) => (i === 0 ? 0 : width - (width % 8) + 8) + part.length, 0);
}

function* count(process: Process, descriptor: number): Run<Counts> {
  const counts: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
  let last = '';
  let width = 0;
  for (;;) {
    const chunk = yield* process.read(descriptor, CHUNK);
    if (chunk === '') break;
    process.work(1 + chunk.length / 64);
    counts.c += chunk.length;
    const lines = chunk.split('\n');
    counts.l += lines.length - 1;
    lines.forEach((line, i) => {
      width = (i === 0 ? width : 0) + columnsOf(line);
      counts.L = Math.max(counts.L, width);
    });
    counts.w += (chunk.match(/[^\t-\r ]+/g) ?? []).length;
    // A word that goes on from the chunk before was counted there.
    if (/[^\t-\r ]/.test(last) && /^[^\t-\r ]/.test(chunk)) counts.w--;
    for (let i = 0; i < chunk.length; i++) if ((chunk.charCodeAt(i) & 0xc0) !== 0x80) counts.m++;
    last = chunk.at(-1)!;
  }
  return counts;
}

export const wc: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'lwmcL',
    long: { lines: 'l', words: 'w', chars: 'm', bytes: 'c', 'max-line-length': 'L' },
  });
  const chosen = ['l', 'w', 'm', 'c', 'L'].filter((letter) => options.has(letter)) as (keyof Counts)[];
  const letters: (keyof Counts)[] = chosen.length > 0 ? chosen : ['l', 'w', 'c'];
  const rows: { counts: Counts; path: string }[] = [];
  const total: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
  const status = yield* eachInput(process, options.operands, { dialect, words: plainWords }, function* (input) {
    const counts = yield* count(process, input.descriptor);
    rows.push({ counts, path: options.operands.length === 0 ? '' : input.path });
    for (const letter of ['l', 'w', 'm', 'c'] as const) total[letter] += counts[letter];
    total.L = Math.max(total.L, counts.L);
  });
  if (options.operands.length > 1) rows.push({ counts: total, path: 'total' });
  const isAlone = letters.length === 1 && rows.length === 1;
  // BusyBox has columns of nine; GNU's are as wide as the largest, seven where a pipe is read.
  const widest = Math.max(
    ...rows.map(({ counts }) => Math.max(...letters.map((letter) => String(counts[letter]).length))),
    1,
  );
  const width = isAlone ? 0 : dialect === 'busybox' ? 9 : options.operands.length === 0 ? 7 : widest;
  for (const { counts, path } of rows) {
    const cells = letters.map((letter) => String(counts[letter]).padStart(width));
    yield* process.write(1, `${cells.join(' ')}${path === '' ? '' : ` ${path}`}\n`);
  }
  return status;
};

export const uniq: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'cduif:s:w:z',
    long: {
      count: 'c',
      repeated: 'd',
      unique: 'u',
      'ignore-case': 'i',
      'skip-fields=': 'f',
      'skip-chars=': 's',
      'check-chars=': 'w',
    },
  });
  const [path = '-', to] = options.operands;
  const descriptor = yield* openInput(process, path, dialect, cannotOpen);
  if (descriptor === undefined) return 1;
  const output = to === undefined ? 1 : process.open(to, 'w');
  const fields = new RegExp(`^(?:[\\t ]*[^\\t ]*){0,${Number(options.value('f') ?? 0)}}`);
  const from = Number(options.value('s') ?? 0);
  const width = options.has('w') ? Number(options.value('w')) : undefined;
  const keyOf = (line: string): string => {
    const rest = (options.has('f') ? line.replace(fields, '') : line).slice(
      from,
      width === undefined ? undefined : from + width,
    );
    return options.has('i') ? rest.toLowerCase() : rest;
  };
  let current: { line: string; key: string; times: number } | undefined;
  const print = (): string => {
    if (current === undefined) return '';
    if ((options.has('d') && current.times === 1) || (options.has('u') && current.times > 1)) return '';
    return `${options.has('c') ? `${String(current.times).padStart(7)} ` : ''}${current.line}\n`;
  };
  let out = '';
  yield* eachLine(process, descriptor, (line) => {
    const key = keyOf(line);
    if (current?.key === key) {
      current.times++;
      return undefined;
    }
    const text = print();
    current = { line, key, times: 1 };
    if (output === 1) return text;
    out += text;
    return undefined;
  });
  yield* writeAll(process, out + print(), output);
  return 0;
};

export const rev: Applet = function* (process, dialect) {
  const { operands } = parseOptions(process.args, { short: '' });
  return yield* eachInput(process, operands, { dialect, words: plainWords }, ({ descriptor }) =>
    eachLine(process, descriptor, (line, isWhole) => [...line].reverse().join('') + (isWhole ? '\n' : '')),
  );
};

export const nl: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'b:w:s:v:i:n:', long: { 'body-numbering=': 'b' } });
  const width = Number(options.value('w') ?? 6);
  const separator = options.value('s') ?? '\t';
  let number = Number(options.value('v') ?? 1);
  const takesAll = options.value('b') === 'a';
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, ({ descriptor }) =>
    eachLine(process, descriptor, (line) => {
      if (line === '' && !takesAll) return `${' '.repeat(width + separator.length)}\n`;
      const shown = String(number).padStart(width);
      number += Number(options.value('i') ?? 1);
      return `${shown}${separator}${line}\n`;
    }),
  );
};

export const fold: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'w:sb', long: { 'width=': 'w', spaces: 's', bytes: 'b' } });
  const width = Number(options.value('w') ?? 80);
  if (!(width > 0)) throw new Failure(`invalid number '${options.value('w')}'`);
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, ({ descriptor }) =>
    eachLine(process, descriptor, (line, isWhole) => {
      const parts: string[] = [];
      let rest = line;
      while (rest.length > width) {
        const space = options.has('s') ? rest.lastIndexOf(' ', width - 1) + 1 : 0;
        const end = space > 0 ? space : width;
        parts.push(rest.slice(0, end));
        rest = rest.slice(end);
      }
      return [...parts, rest].join('\n') + (isWhole ? '\n' : '');
    }),
  );
};

export const paste: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'd:s', long: { 'delimiters=': 'd', serial: 's' } });
  const delimiters = (options.value('d') ?? '\t').replace(
    /\\([nt\\0])/g,
    (_, letter: string) => ({ n: '\n', t: '\t', '\\': '\\' })[letter] ?? '',
  );
  const { texts, status } = yield* readInputs(process, options.operands, { dialect, words: plainWords });
  const columns = texts.map(linesOf);
  const joined = (cells: readonly string[]): Bytes =>
    `${cells.map((cell, i) => (i === 0 ? cell : (delimiters === '' ? '' : delimiters[(i - 1) % delimiters.length]!) + cell)).join('')}\n`;
  const rows = options.has('s')
    ? columns
    : Array.from({ length: Math.max(0, ...columns.map((column) => column.length)) }, (_, i) =>
        columns.map((column) => column[i] ?? ''),
      );
  yield* writeAll(process, rows.map(joined).join(''));
  return status;
};

export const comm: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: '123' });
  if (options.operands.length !== 2) throw new UsageError('');
  const { texts, status } = yield* readInputs(process, options.operands, { dialect, words: plainWords });
  if (status !== 0) return status;
  const [left, right] = texts.map(linesOf) as [string[], string[]];
  const indent = (column: number): string =>
    '\t'.repeat(['1', '2'].slice(0, column - 1).filter((letter) => !options.has(letter)).length);
  const show = (column: number, line: string): string =>
    options.has(String(column)) ? '' : `${indent(column)}${line}\n`;
  let out = '';
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (b === undefined || (a !== undefined && a < b)) out += show(1, left[i++]!);
    else if (a === undefined || b < a) out += show(2, right[j++]!);
    else {
      out += show(3, a);
      i++;
      j++;
    }
  }
  yield* writeAll(process, out);
  return 0;
};

export const expand: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 't:i', long: { 'tabs=': 't' } });
  const every = Number(options.value('t') ?? 8) || 8;
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, ({ descriptor }) =>
    eachLine(process, descriptor, (line, isWhole) => {
      let out = '';
      for (const part of line.split(/(\t)/)) out += part === '\t' ? ' '.repeat(every - (out.length % every)) : part;
      return out + (isWhole ? '\n' : '');
    }),
  );
};

/** The shortest run of printable characters that strings shows. */
export const SHORTEST = 4;

export const strings: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, { short: 'n:a', long: { 'bytes=': 'n' } });
  const least = Number(options.value('n') ?? SHORTEST) || SHORTEST;
  return yield* eachInput(process, options.operands, { dialect, words: plainWords }, function* ({ descriptor }) {
    const all = textOf(yield* process.readAll(descriptor));
    const found = all.match(/[\t -~]+/g) ?? [];
    yield* writeAll(
      process,
      found
        .filter((run) => run.length >= least)
        .map((run) => `${run}\n`)
        .join(''),
    );
  });
};
