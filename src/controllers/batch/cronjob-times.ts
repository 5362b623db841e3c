/** When a CronJob's schedule is due next. Source: github.com/robfig/cron/v3 (spec.go). */

import { timestamp } from '../../objects/time.ts';
import type { CronSchedule } from '../../resources/batch/cron-schedule.ts';

const MINUTE = 60_000;
/** Five years: an expression that matches nothing in them never does. */
const HORIZON_DAYS = 366 * 5;

/** The first instant after `after` that the schedule names, both in milliseconds; `offset`: the zone's, at that time. */
export function nextTime(
  schedule: CronSchedule,
  after: number,
  offset: (at: number) => number = () => 0,
): number | undefined {
  if ('every' in schedule) return Math.floor(after / 1000) * 1000 + schedule.every;
  let at = Math.floor(after / MINUTE) * MINUTE + MINUTE;
  const end = after + HORIZON_DAYS * 1440 * MINUTE;
  while (at < end) {
    const local = new Date(at + offset(at));
    if (!schedule.month.values.has(local.getUTCMonth() + 1) || !matchesDay(schedule, local)) {
      at += (1440 - local.getUTCHours() * 60 - local.getUTCMinutes()) * MINUTE;
    } else if (!schedule.hour.values.has(local.getUTCHours())) at += (60 - local.getUTCMinutes()) * MINUTE;
    else if (schedule.minute.values.has(local.getUTCMinutes())) return at;
    else at += MINUTE;
  }
  return undefined;
}

/** Where both day fields say something, either of them will do. */
function matchesDay({ dayOfMonth, dayOfWeek }: Exclude<CronSchedule, { every: number }>, local: Date): boolean {
  const day = dayOfMonth.values.has(local.getUTCDate());
  const weekday = dayOfWeek.values.has(local.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star ? day && weekday : day || weekday;
}

/** Milliseconds that a zone's clocks are ahead of UTC. */
export function zoneOffset(timeZone: string | undefined): (at: number) => number {
  if (!timeZone || timeZone === 'UTC' || timeZone === 'Etc/UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
    const local = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!);
    return local - Math.floor(at / MINUTE) * MINUTE;
  };
}

/** Whether a zone is known. */
export function isZone(timeZone: string): boolean {
  try {
    zoneOffset(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** RFC 3339 with the zone's offset, as Go prints an instant in a zone: `2026-01-01T02:00:00+01:00`. */
export function zonedTimestamp(at: number, offset: (at: number) => number): string {
  const ahead = offset(at);
  if (ahead === 0) return timestamp(at);
  const minutes = Math.abs(ahead) / MINUTE;
  const two = (value: number): string => String(value).padStart(2, '0');
  const zone = `${ahead < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return timestamp(at + ahead).replace('Z', zone);
}
