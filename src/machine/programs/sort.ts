/** sort: its keys, its orders, and the last word that whole lines have. */
import { type Applet, Failure } from './applet.ts';
import { monthNumber } from './date-format.ts';
import { linesOf, plainWords, readInputs, saveTo, writeAll } from './input.ts';
import { type Options, parseOptions } from './options.ts';

interface Key {
  fromField: number;
  fromCharacter: number;
  toField: number | undefined;
  toCharacter: number;
  flags: string;
}

const KEY = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/;

function parseKey(text: string, defaults: string): Key {
  const found = KEY.exec(text);
  if (found === null || found[1] === '0') throw new Failure('bad field specification', 2);
  const [, fromField, fromCharacter, first, toField, toCharacter, second] = found;
  const own = (first ?? '') + (second ?? '');
  return {
    fromField: Number(fromField) - 1,
    fromCharacter: Number(fromCharacter ?? 1) - 1,
    toField: toField === undefined ? undefined : Number(toField) - 1,
    toCharacter: Number(toCharacter ?? 0),
    flags: own === '' ? defaults : own,
  };
}

/** Fields of a line: each with the blanks in front of it, or what stands between separators. */
const fieldsOf = (line: string, separator: string | undefined): { start: number; end: number }[] => {
  const fields: { start: number; end: number }[] = [];
  if (separator === undefined) {
    for (const found of line.matchAll(/[\t ]*[^\t ]+|[\t ]+$/g))
      fields.push({ start: found.index, end: found.index + found[0].length });
    return fields;
  }
  let start = 0;
  for (;;) {
    const end = line.indexOf(separator, start);
    fields.push({ start, end: end < 0 ? line.length : end });
    if (end < 0) return fields;
    start = end + 1;
  }
};

function keyText(line: string, key: Key, separator: string | undefined): string {
  if (key.fromField === 0 && key.fromCharacter === 0 && key.toField === undefined) return line;
  const fields = fieldsOf(line, separator);
  const from = fields[key.fromField];
  if (from === undefined) return '';
  const skip = (text: string): number => (key.flags.includes('b') ? text.length - text.trimStart().length : 0);
  const start = from.start + skip(line.slice(from.start)) + key.fromCharacter;
  if (key.toField === undefined) return line.slice(start);
  const to = fields[key.toField];
  if (to === undefined) return line.slice(start);
  return line.slice(start, key.toCharacter === 0 ? to.end : to.start + key.toCharacter);
}

const UNITS = ' KMGTPE';

const leading = (text: string): number => Number(/^[\t ]*(-?\d*\.?\d*)/.exec(text)![1]) || 0;

const human = (text: string): number => {
  const [, number, unit] = /^[\t ]*(-?\d*\.?\d*)([KkMGTPE]?)/.exec(text)!;
  return (Number(number) || 0) * 1024 ** Math.max(0, UNITS.indexOf(unit!.toUpperCase() || ' '));
};

const version = (left: string, right: string): number => {
  const split = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];
  const [a, b] = [split(left), split(right)];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const both = /^\d/.test(a[i]!) && /^\d/.test(b[i]!);
    const order = both ? Number(a[i]) - Number(b[i]) : plain(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
};

const plain = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function compareBy(flags: string): (left: string, right: string) => number {
  if (flags.includes('n')) return (left, right) => leading(left) - leading(right);
  if (flags.includes('h')) return (left, right) => human(left) - human(right);
  if (flags.includes('g')) return (left, right) => (Number.parseFloat(left) || 0) - (Number.parseFloat(right) || 0);
  if (flags.includes('V')) return version;
  if (flags.includes('M')) {
    const month = (text: string): number => monthNumber(text.trimStart());
    return (left, right) => month(left) - month(right);
  }
  const simplify = (text: string): string => {
    const blank = flags.includes('b') ? text.trimStart() : text;
    const dictionary = flags.includes('d') ? blank.replace(/[^\t A-Za-z0-9]/g, '') : blank;
    return flags.includes('f') ? dictionary.toUpperCase() : dictionary;
  };
  return /[bdf]/.test(flags) ? (left, right) => plain(simplify(left), simplify(right)) : plain;
}

/** The order of lines that the options ask for. `isStrict`: lines that only differ apart from the keys are the same. */
export function lineOrder(options: Options): {
  compare(left: string, right: string): number;
  compareKeys(left: string, right: string): number;
} {
  const global = ['n', 'h', 'g', 'V', 'M', 'b', 'd', 'f', 'r'].filter((letter) => options.has(letter)).join('');
  const separator = options.value('t')?.replace('\\t', '\t');
  if (separator !== undefined && separator.length > 1) throw new Failure('bad -t parameter', 2);
  const specs = options.values('k');
  const keys = specs.length === 0 ? [parseKey('1', global)] : specs.map((spec) => parseKey(spec, global));
  const orders = keys.map((key) => ({ key, by: compareBy(key.flags), sign: key.flags.includes('r') ? -1 : 1 }));
  const compareKeys = (left: string, right: string): number => {
    for (const { key, by, sign } of orders) {
      const order = by(keyText(left, key, separator), keyText(right, key, separator));
      if (order !== 0) return order * sign;
    }
    return 0;
  };
  const lastWord = options.has('s') ? 0 : options.has('r') ? -1 : 1;
  return { compareKeys, compare: (left, right) => compareKeys(left, right) || plain(left, right) * lastWord };
}

export const sort: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'nhgVMbdfrusck:t:o:zmCT:S:',
    long: {
      'numeric-sort': 'n',
      'human-numeric-sort': 'h',
      'general-numeric-sort': 'g',
      'version-sort': 'V',
      'month-sort': 'M',
      'ignore-leading-blanks': 'b',
      'dictionary-order': 'd',
      'ignore-case': 'f',
      reverse: 'r',
      unique: 'u',
      stable: 's',
      check: 'c',
      'key=': 'k',
      'field-separator=': 't',
      'output=': 'o',
    },
  });
  const { compare, compareKeys } = lineOrder(options);
  const { texts, status } = yield* readInputs(process, options.operands, { dialect, words: plainWords });
  const lines = texts.flatMap(linesOf);
  if (status !== 0) return 2;
  process.work(lines.length * (1 + Math.log2(lines.length + 1)));
  if (options.has('c')) {
    const at = lines.findIndex((line, i) => i > 0 && compare(lines[i - 1]!, line) > 0);
    if (at < 0) return 0;
    if (dialect === 'gnu') throw new Failure(`${options.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]}`);
    yield* process.write(2, `Check line ${at}\n`);
    return 1;
  }
  lines.sort(options.has('u') ? compareKeys : compare);
  const kept = options.has('u') ? lines.filter((line, i) => i === 0 || compareKeys(lines[i - 1]!, line) !== 0) : lines;
  const text = kept.length > 0 ? `${kept.join('\n')}\n` : '';
  const output = options.value('o');
  if (output === undefined) yield* writeAll(process, text);
  else yield* saveTo(process, output, text);
  return 0;
};
