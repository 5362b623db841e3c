/** Go's times and durations as the API writes them. Source: time.Parse, time.ParseDuration, metav1.Time. */
import { own } from '../../objects/own.ts';

const LAYOUT = '2006-01-02T15:04:05Z07:00';
const LAYOUT_MICRO = '2006-01-02T15:04:05.000000Z07:00';
const SHAPE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

export class GoTimeError extends Error {}

interface Instant {
  /** Milliseconds since 1970 to the second. */
  seconds: number;
  /** Fraction of the second, as digits. */
  fraction: string;
}

/** After so many years the calendar repeats. */
const GREGORIAN_CYCLE_YEARS = 400;
const GREGORIAN_CYCLE = 146_097 * 86_400_000;

/** Go's zero time, which it prints as null. */
const ZERO_TIME = utc(1, 1, 1, 0, 0, 0);

/** `2026-01-01T01:00:00+01:00` → `2026-01-01T00:00:00Z`; undefined for Go's zero time. Throws `GoTimeError`. */
export function canonicalTime(text: string): string | undefined {
  const { seconds, fraction } = parse(text, LAYOUT);
  if (seconds === ZERO_TIME && Number(fraction) === 0) return undefined;
  return `${isoSeconds(seconds)}Z`;
}

/** As `metav1.MicroTime`: always six digits after the second. Throws `GoTimeError`. */
export function canonicalMicroTime(text: string): string | undefined {
  const { seconds, fraction } = parse(text, LAYOUT_MICRO);
  if (seconds === ZERO_TIME && Number(fraction) === 0) return undefined;
  return `${isoSeconds(seconds)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** `2026-01-01T00:00:00`, of any year: below 0 and over 9999 Go writes as many figures as there are. */
export function isoSeconds(milliseconds: number): string {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  const figures = String(Math.abs(year)).padStart(4, '0');
  return `${year < 0 ? '-' : ''}${figures}${date.toISOString().slice(-20, -5)}`;
}

/** Milliseconds since 1970. `Date.UTC` alone takes the years 0 to 99 for those of the twentieth century. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  return Date.UTC(year + GREGORIAN_CYCLE_YEARS, month - 1, day, hour, minute, second) - GREGORIAN_CYCLE;
}

function parse(text: string, layout: string): Instant {
  const match = SHAPE.exec(text);
  const micro = layout === LAYOUT_MICRO;
  if (!match || (micro && match[7] === undefined)) throw new GoTimeError(explain(text, layout));
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match as string[];
  if (Number(month) < 1 || Number(month) > 12) throw outOfRange(text, 'month');
  if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) throw outOfRange(text, 'day');
  if (Number(hour) > 23) throw outOfRange(text, 'hour');
  if (Number(minute) > 59) throw outOfRange(text, 'minute');
  if (Number(second) > 59) throw outOfRange(text, 'second');
  let seconds = utc(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second));
  if (zone !== 'Z') {
    const offset = Number(zone!.slice(1, 3)) * 60 + Number(zone!.slice(4, 6));
    seconds -= (zone![0] === '-' ? -offset : offset) * 60_000;
  }
  return { seconds, fraction };
}

const daysIn = (year: number, month: number): number => new Date(utc(year, month + 1, 0, 0, 0, 0)).getUTCDate();

const outOfRange = (text: string, what: string): GoTimeError =>
  new GoTimeError(`parsing time ${JSON.stringify(text)}: ${what} out of range`);

/** Where Go stops reading and what it wants there. */
function explain(text: string, layout: string): string {
  const steps: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d{2}/, '01'],
    [/^-/, '-'],
    [/^\d{2}/, '02'],
    [/^T/, 'T'],
    [/^\d{2}/, '15'],
    [/^:/, ':'],
    [/^\d{2}/, '04'],
    [/^:/, ':'],
    [/^\d{2}/, '05'],
  ];
  steps.push(layout === LAYOUT_MICRO ? [/^[.,]\d+/, '.000000'] : [/^(?:[.,]\d+)?/, '']);
  steps.push([/^(?:Z|[+-]\d{2}:\d{2})/, 'Z07:00']);
  let rest = text;
  for (const [shape, element] of steps) {
    const match = shape.exec(rest);
    if (!match) {
      return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`;
    }
    rest = rest.slice(match[0].length);
  }
  return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
}

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** What Go counts in: 64 bits. */
export const MAX_DURATION = 2n ** 63n - 1n;
export const MAX_DURATION_DIGITS = 19;

/** Nanoseconds of `1h2m3.5s`. Throws `GoTimeError`. */
export function parseDuration(text: string): bigint {
  const bad = () => new GoTimeError(`time: invalid duration ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw bad();
  let total = 0n;
  while (rest) {
    const match = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest)!;
    const [all, whole = '', fraction = '', unit = ''] = match;
    if (whole === '' && fraction === '') throw bad();
    if (unit === '') throw new GoTimeError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = own(UNITS, unit);
    if (scale === undefined) {
      throw new GoTimeError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    const digits = whole.replace(/^0+/, '');
    if (digits.length > MAX_DURATION_DIGITS) throw bad();
    const part = fraction.slice(0, MAX_DURATION_DIGITS);
    total += (BigInt(digits + part) * scale) / 10n ** BigInt(part.length);
    if (total > MAX_DURATION + (negative ? 1n : 0n)) throw bad();
    rest = rest.slice(all.length);
  }
  return negative ? -total : total;
}

/** As Go's `Duration.String()`: `1h0m0s`, `1.5s`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const n = nanos < 0n ? -nanos : nanos;
  const decimal = (value: bigint, unit: bigint): string => {
    const digits = String(value % unit)
      .padStart(String(unit).length - 1, '0')
      .replace(/0+$/, '');
    return `${value / unit}${digits ? `.${digits}` : ''}`;
  };
  if (n < 1_000n) return `${sign}${n}ns`;
  if (n < 1_000_000n) return `${sign}${decimal(n, 1_000n)}µs`;
  if (n < 1_000_000_000n) return `${sign}${decimal(n, 1_000_000n)}ms`;
  const minutes = n / UNITS.m!;
  const seconds = `${decimal(n % UNITS.m!, UNITS.s!)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}
