/** Which start of a CronJob is due, and how many were missed. Models mostRecentScheduleTime in pkg/controller/cronjob/utils.go. */

import type { CronJob } from '../../objects/generated/batch-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import type { CronSchedule } from '../../resources/batch/cron-schedule.ts';
import { nextTime } from './cronjob-times.ts';

/** More missed starts than these are too many: somebody should know. */
export const MAX_MISSED_STARTS = 100;

export interface Due {
  /** The last start that is not after now, milliseconds; undefined: none is due. */
  start: number | undefined;
  tooMany: boolean;
  /** When to look again; undefined: never. */
  next: number | undefined;
}

/** `offset`: the schedule's zone. Throws `Error` with the real message for a schedule that names no time. */
export function dueStart(
  cron: CronJob,
  schedule: CronSchedule,
  offset: ((at: number) => number) | undefined,
  now: number,
): Due {
  const after = (at: number): number | undefined => nextTime(schedule, at, offset);
  const last = milliseconds(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp);
  const deadline: number | undefined = cron.spec.startingDeadlineSeconds;
  const since = deadline == null ? last : Math.max(last, now - deadline * 1000);
  const { start, missed } = mostRecent(after, since, now);
  return { start, tooMany: start !== undefined && missed > MAX_MISSED_STARTS, next: after(now) };
}

function mostRecent(
  after: (at: number) => number | undefined,
  since: number,
  now: number,
): { start: number | undefined; missed: number } {
  const first = after(since);
  const second = first === undefined ? undefined : after(first);
  if (first === undefined || second === undefined)
    throw new Error('time difference between two schedules is less than 1 second');
  if (now < first) return { start: undefined, missed: 0 };
  if (now < second) return { start: first, missed: 0 };
  // An estimate, as if all intervals were like the first: it jumps over what may be years.
  const interval = second - first;
  const missed = Math.floor(Math.floor((now - first) / 1000) / (interval / 1000)) + 1;
  let start: number | undefined;
  for (let at = after(first + (missed - 2) * interval); at !== undefined && at <= now; at = after(at)) start = at;
  return { start, missed };
}
