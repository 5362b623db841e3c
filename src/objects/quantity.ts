/**
 * `resource.Quantity`: exact decimal amounts such as `500m`, `1.5Gi`, `1e3`, to a billionth.
 * Source: k8s.io/apimachinery/pkg/api/resource.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** Billionths. */
  nanos: bigint;
  format: QuantityFormat;
}

export class QuantityError extends Error {}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NANO = 1_000_000_000n;
export const MAX = (2n ** 63n - 1n) * NANO;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** The number, as far as it goes, and what follows it: two steps, so that no digit can belong to either. */
const NUMBER = /^([+-]?)([0-9]*)(?:\.([0-9]*))?/;
const SUFFIX = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;
/** Digits that can make a difference: amounts end at 2^63, and a suffix moves the point by at most 100. */
export const MAX_DIGITS = 200;

/** Reads a quantity. Throws `QuantityError` with the real message. */
export function parseQuantity(text: string | number): Quantity {
  const written = String(text);
  const [number = '', sign, allWhole = '', allFraction = ''] = NUMBER.exec(written) ?? [];
  const suffix = written.slice(number.length);
  // What has no digits is none of what is called by its suffix: `k` is 0.
  if (written === '' || !SUFFIX.test(suffix)) throw new QuantityError(FORMAT_WRONG);
  const [base, exponent, format] = interpretSuffix(suffix);
  const whole = shortWhole(allWhole);
  const fraction = shortFraction(allFraction);
  let numerator = BigInt(whole + fraction || '0') * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (base === 2) numerator *= 2n ** BigInt(exponent);
  else if (exponent >= 0) numerator *= 10n ** BigInt(Math.min(exponent, 100));
  else denominator *= 10n ** BigInt(Math.min(-exponent, 100));
  let nanos = divideUp(numerator, denominator);
  if (nanos > MAX) nanos = MAX;
  const small = format === 'BinarySI' && nanos > 0n && nanos < NANO;
  return { nanos: sign === '-' ? -nanos : nanos, format: small ? 'DecimalSI' : format };
}

/** The same for all that is told apart: beyond so many digits a number is the largest that there is. */
function shortWhole(digits: string): string {
  if (digits.length <= MAX_DIGITS) return digits;
  let zeros = 0;
  while (digits.charCodeAt(zeros) === 48) zeros++;
  return digits.slice(zeros, zeros + MAX_DIGITS);
}

/** All is rounded up, so that what is left out counts as one, if it is not zero. */
function shortFraction(digits: string): string {
  if (digits.length <= MAX_DIGITS) return digits;
  for (let i = MAX_DIGITS; i < digits.length; i++)
    if (digits.charCodeAt(i) !== 48) return `${digits.slice(0, MAX_DIGITS)}1`;
  return digits.slice(0, MAX_DIGITS);
}

function interpretSuffix(suffix: string): [base: 2 | 10, exponent: number, format: QuantityFormat] {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return [10, decimal * 3 - 9, 'DecimalSI'];
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return [2, binary * 10, 'BinarySI'];
  if (/^[eE][-+]?[0-9]+$/.test(suffix)) return [10, Number(suffix.slice(1)), 'DecimalExponent'];
  throw new QuantityError("unable to parse quantity's suffix");
}

const divideUp = (a: bigint, b: bigint): bigint => (a % b === 0n ? a / b : a / b + 1n);

/** The one text of a quantity: no fraction, the largest suffix that loses nothing. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  let amount = nanos < 0n ? -nanos : nanos;
  if (format === 'BinarySI' && amount >= 1024n * NANO && amount % NANO === 0n) {
    amount /= NANO;
    let power = 0;
    while (amount % 1024n === 0n && power < 6) {
      amount /= 1024n;
      power++;
    }
    return `${sign}${amount}${BINARY[power]}`;
  }
  let exponent = -9;
  while (amount % 1000n === 0n && (exponent < 18 || format === 'DecimalExponent')) {
    amount /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return `${sign}${amount}${exponent ? `e${exponent}` : ''}`;
  return `${sign}${amount}${DECIMAL[exponent / 3 + 3]}`;
}

/** Longer texts are not remembered: there would be no end to what they hold. */
export const MAX_REMEMBERED = 32;
const canonical = new Map<string, string>();

/** `0.5` → `500m`, `1024Mi` → `1Gi`. Throws `QuantityError`. */
export function canonicalQuantity(text: string | number): string {
  const key = String(text);
  let result = canonical.get(key);
  if (result === undefined) {
    result = formatQuantity(parseQuantity(text));
    if (canonical.size > 10_000) canonical.clear();
    if (key.length <= MAX_REMEMBERED) canonical.set(key, result);
  }
  return result;
}

/** A canonical quantity rounded up to a thousandth. */
export function milliQuantity(text: string): string {
  if (!text.endsWith('n') && !text.endsWith('u')) return text;
  const { nanos, format } = parseQuantity(text);
  return formatQuantity({ nanos: roundUp(nanos, 1_000_000n) * 1_000_000n, format });
}

const thousandths = new Map<string, number>();

/** In thousandths, rounded up: what CPU is counted in. Unreadable is 0. */
export function milliValue(text: string | number | undefined): number {
  if (text === undefined || text === null) return 0;
  const key = String(text);
  let result = thousandths.get(key);
  if (result === undefined) {
    result = readMilli(key);
    if (thousandths.size > 10_000) thousandths.clear();
    if (key.length <= MAX_REMEMBERED) thousandths.set(key, result);
  }
  return result;
}

function readMilli(text: string): number {
  try {
    return Number(roundUp(parseQuantity(text).nanos, 1_000_000n));
  } catch {
    return 0;
  }
}

/** In ones, rounded up: what memory and pods are counted in. Unreadable is 0. */
export function wholeValue(text: string | number | undefined): number {
  return Math.ceil(milliValue(text) / 1000);
}

function roundUp(nanos: bigint, unit: bigint): bigint {
  return nanos < 0n ? -divideUp(-nanos, unit) : divideUp(nanos, unit);
}

/** Negative, 0 or positive. */
export function compareQuantities(a: string | number, b: string | number): number {
  const x = parseQuantity(a).nanos;
  const y = parseQuantity(b).nanos;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Keeps the format of the first, unless that is zero. */
export function addQuantities(a: string | number, b: string | number): string {
  const x = parseQuantity(a);
  const y = parseQuantity(b);
  return formatQuantity({ nanos: x.nanos + y.nanos, format: x.nanos === 0n ? y.format : x.format });
}

export function subtractQuantities(a: string | number, b: string | number): string {
  const x = parseQuantity(a);
  const y = parseQuantity(b);
  return formatQuantity({ nanos: x.nanos - y.nanos, format: x.nanos === 0n ? y.format : x.format });
}

/** Whether the same resources have the same amounts: `1` and `1000m` are one. */
export function sameAmounts(a: Record<string, string>, b: Record<string, string> = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
  );
}
