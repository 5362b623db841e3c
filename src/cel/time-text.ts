/** Durations and instants as text, as Go reads and writes them. Source: Go's time package. */

import { daysInMonth } from '../objects/calendar.ts';
import { GoTimeError, parseDuration as parseGoDuration } from '../objects/go-duration.ts';
import { timestampOf } from './arithmetic.ts';
import type { Value } from './value.ts';
import { CelDuration, type CelTimestamp } from './value.ts';

const SECOND = 1_000_000_000n;

/** `1h30m`, `-1.5s`, `0`; undefined: it is none, or longer than there is. */
export function parseDuration(text: string): CelDuration | undefined {
  try {
    return new CelDuration(parseGoDuration(text));
  } catch (error) {
    if (error instanceof GoTimeError) return undefined;
    throw error;
  }
}

/** In seconds, as the shortest decimal number that a double has for it. */
export const formatDuration = ({ nanos }: CelDuration): string => {
  const seconds = Number(nanos / SECOND) + Number(nanos % SECOND) / 1e9;
  return `${plainDecimal(seconds)}s`;
};

/** A double without an exponent. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** An instant as RFC 3339 writes it; undefined: it is none. */
export function parseTimestamp(text: string): Value | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as number[];
  if (!isDate(year!, month!, day!) || hour! > 23 || minute! > 59 || second! > 59) return undefined;
  const offset = match[8] ? (match[8] === '-' ? -1 : 1) * (Number(match[9]) * 60 + Number(match[10])) : 0;
  if (Number(match[9] ?? 0) > 24 || Number(match[10] ?? 0) > 60) return undefined;
  const nanos = BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  const minutes = BigInt(hour! * 60 + minute! - offset);
  const seconds = BigInt(daysSinceEpoch(year!, month!, day!)) * 86_400n + minutes * 60n + BigInt(second!);
  return timestampOf(seconds * SECOND + nanos, offset);
}

/** `2006-01-02`; undefined: it is none. */
export function parseDate(text: string): Value | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return isDate(year, month, day)
    ? timestampOf(BigInt(daysSinceEpoch(year, month, day)) * 86_400n * SECOND)
    : undefined;
}

function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / 86_400_000);
}

export interface Clock {
  year: number;
  /** From 0. */
  month: number;
  /** From 1. */
  day: number;
  weekday: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
}

/** What calendar and clock show, so many minutes east of Greenwich. */
export function clockAt(timestamp: CelTimestamp, offset: number): Clock {
  const local = timestamp.nanos + BigInt(offset) * 60n * SECOND;
  const nanos = ((local % SECOND) + SECOND) % SECOND;
  const date = new Date(Number((local - nanos) / 1_000_000n));
  const newYear = daysSinceEpoch(date.getUTCFullYear(), 1, 1);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor(date.getTime() / 86_400_000) - newYear,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanos: Number(nanos),
  };
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** RFC 3339, with as many digits of a second as there are, in the zone in which it was written. */
export function formatTimestamp(timestamp: CelTimestamp): string {
  const at = clockAt(timestamp, timestamp.offset);
  const fraction = at.nanos === 0 ? '' : `.${pad(at.nanos, 9).replace(/0+$/, '')}`;
  const east = Math.abs(timestamp.offset);
  const zone =
    timestamp.offset === 0 ? 'Z' : `${timestamp.offset < 0 ? '-' : '+'}${pad(Math.floor(east / 60))}:${pad(east % 60)}`;
  const date = `${pad(at.year, 4)}-${pad(at.month + 1)}-${pad(at.day)}`;
  return `${date}T${pad(at.hour)}:${pad(at.minute)}:${pad(at.second)}${fraction}${zone}`;
}
