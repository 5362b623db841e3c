/** The values of awk: numbers, strings, what looks like a number where it was read, and nothing yet. */
import { Failure } from '../applet.ts';
import { formatFloat } from '../printf.ts';

/** Characters of one string that a program makes. */
export const MAX_TEXT = 4_000_000;

/** @throws Failure where a string would become longer than it may */
export function checkLength(length: number): void {
  if (length > MAX_TEXT) throw new Failure('out of memory', 2);
}

/** Put together, unless that would be too long. */
export function joinTexts(parts: readonly string[], separator: string): string {
  checkLength(parts.reduce((sum, part) => sum + part.length, separator.length * Math.max(0, parts.length - 1)));
  return parts.join(separator);
}

/** Text that came from outside; it compares as a number if it is one. */
export class Read {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Undefined: never assigned, both '' and 0. */
export type Value = number | string | Read | undefined;

const NUMBER = /^[\t\n\r ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const WHOLLY_NUMBER = /^[\t\n\r ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[\t\n\r ]*$/;

const looksNumeric = (text: string): boolean => WHOLLY_NUMBER.test(text);

const parse = (text: string): number => {
  const found = NUMBER.exec(text);
  return found === null ? 0 : Number(found[0]);
};

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  return parse(typeof value === 'string' ? value : value.text);
}

/** `format`: CONVFMT, or OFMT in print. */
export function toText(value: Value, format = '%.6g'): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (typeof value !== 'number') return value.text;
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  const [, precision, letter] = /^%(?:\.(\d+))?([a-zA-Z])$/.exec(format) ?? [];
  return formatFloat(value, letter ?? 'g', {
    flags: '',
    width: 0,
    precision: precision === undefined ? 6 : Number(precision),
  });
}

export function toBoolean(value: Value): boolean {
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '';
  if (value === undefined) return false;
  return looksNumeric(value.text) ? parse(value.text) !== 0 : value.text !== '';
}

const isNumeric = (value: Value): boolean =>
  typeof value === 'number' || value === undefined || (typeof value !== 'string' && looksNumeric(value.text));

/** Less than, equal to or greater than zero: as numbers where both are, as strings otherwise. */
export function compareValues(left: Value, right: Value): number {
  if (isNumeric(left) && isNumeric(right)) return toNumber(left) - toNumber(right);
  const [a, b] = [toText(left), toText(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
