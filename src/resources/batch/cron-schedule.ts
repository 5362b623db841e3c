/** Cron schedules as CronJobs write them, with the parser's own error messages. Source: github.com/robfig/cron/v3 parser.go. */

import { printValue } from '../../objects/field-error.ts';
import { own } from '../../objects/own.ts';

/** A field's allowed values; `star`: it was written as `*`. */
export interface CronField {
  values: ReadonlySet<number>;
  star: boolean;
}

export type CronSchedule =
  | { every: number }
  | { minute: CronField; hour: CronField; dayOfMonth: CronField; month: CronField; dayOfWeek: CronField };

interface Bounds {
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const BOUNDS: Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
/** Milliseconds that a duration of Go's holds. */
export const MAX_EVERY = 2 ** 63 / 1e6;

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return value;
}

function parseName(text: string, bounds: Bounds): number {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + bounds.min : parseNumber(text);
}

function parseRange(text: string, bounds: Bounds, into: Set<number>): boolean {
  const [range = '', stepText, ...more] = text.split('/');
  const [low = '', high, ...rest] = range.split('-');
  const single = high === undefined;
  let star = false;
  let start: number;
  let end: number;
  if (low === '*' || low === '?') {
    start = bounds.min;
    end = bounds.max;
    star = true;
  } else {
    start = parseName(low, bounds);
    if (rest.length > 0) throw new Error(`too many hyphens: ${text}`);
    end = single ? start : parseName(high, bounds);
  }
  if (more.length > 0) throw new Error(`too many slashes: ${text}`);
  let step = 1;
  if (stepText !== undefined) {
    step = parseNumber(stepText);
    if (single) end = bounds.max;
    if (step > 1) star = false;
  }
  if (start < bounds.min) throw new Error(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new Error(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`);
  for (let value = start; value <= end; value += step) into.add(value);
  return star;
}

function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',')) if (part && parseRange(part, bounds, values)) star = true;
  return { values, star };
}

function parseEvery(text: string): CronSchedule {
  const duration = text.slice('@every '.length);
  const part = /([0-9]+(?:\.[0-9]+)?)(ms|h|m|s)/y;
  let milliseconds = duration === '' ? Number.NaN : 0;
  while (part.lastIndex < duration.length && milliseconds <= MAX_EVERY) {
    const [, amount, unit = ''] = part.exec(duration) ?? [];
    if (amount === undefined) milliseconds = Number.NaN;
    else milliseconds += Number(amount) * UNITS[unit]!;
  }
  if (!(milliseconds <= MAX_EVERY))
    throw new Error(`failed to parse duration ${text}: time: invalid duration ${printValue(duration)}`);
  return { every: Math.max(1000, milliseconds - (milliseconds % 1000)) };
}

/** Throws `Error` with the parser's message. A leading `TZ=` is left out. */
export function parseSchedule(text: string): CronSchedule {
  if (text === '') throw new Error('empty spec string');
  let spec = text;
  if (/^(CRON_)?TZ=/.test(spec)) spec = spec.slice(spec.indexOf(' ')).trim();
  if (spec.startsWith('@')) {
    if (spec.startsWith('@every ')) return parseEvery(spec);
    const known = own(DESCRIPTORS, spec);
    if (!known) throw new Error(`unrecognized descriptor: ${spec}`);
    spec = known;
  }
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== BOUNDS.length)
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields.map((field, i) =>
    parseField(field, BOUNDS[i] as Bounds),
  ) as [CronField, CronField, CronField, CronField, CronField];
  return { minute, hour, dayOfMonth, month, dayOfWeek };
}
