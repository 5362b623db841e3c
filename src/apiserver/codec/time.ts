/** Go's times as the API writes them. Source: time.Parse, metav1.Time. */
import { daysInMonth } from '../../objects/calendar.ts';
import { GoTimeError } from '../../objects/go-duration.ts';

const LAYOUT = '2006-01-02T15:04:05Z07:00';
const LAYOUT_MICRO = '2006-01-02T15:04:05.000000Z07:00';
const SHAPE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

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
  if (Number(day) < 1 || Number(day) > daysInMonth(Number(year), Number(month))) throw outOfRange(text, 'day');
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
