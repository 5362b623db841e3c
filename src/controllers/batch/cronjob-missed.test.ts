import { describe, expect, it } from 'vitest';
import type { CronJobSpec } from '../../objects/generated/batch-v1.gen.ts';
import { parseSchedule } from '../../resources/batch/cron-schedule.ts';
import { dueStart, MAX_MISSED_STARTS } from './cronjob-missed.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-01T00:00:30Z');

const due = (schedule: string, now: number, spec: object = {}, status: object = {}) =>
  dueStart(
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c', creationTimestamp: '2026-01-01T00:00:30Z' },
      spec: spec as CronJobSpec,
      status,
    },
    parseSchedule(schedule),
    () => 0,
    now,
  );

const at = (text: string): number => Date.parse(text);

describe('the start of a CronJob that is due', () => {
  it('is the last that was missed, and never one that is to come', () => {
    expect(due('* * * * *', START)).toEqual({ start: undefined, tooMany: false, next: at('2026-01-01T00:01:00Z') });
    expect(due('* * * * *', START + MINUTE).start).toBe(at('2026-01-01T00:01:00Z'));
    expect(due('*/7 * * * *', at('2026-01-01T01:00:00Z')).start).toBe(at('2026-01-01T01:00:00Z'));
    expect(due('30 6-16/4 * * 1-5', at('2026-01-05T09:00:00Z')).start).toBe(at('2026-01-05T06:30:00Z'));
  });

  it(`was missed too often after ${MAX_MISSED_STARTS} times`, () => {
    const first = at('2026-01-01T00:01:00Z');
    expect(due('* * * * *', first + (MAX_MISSED_STARTS - 1) * MINUTE)).toMatchObject({ tooMany: false });
    expect(due('* * * * *', first + MAX_MISSED_STARTS * MINUTE)).toMatchObject({ tooMany: true });
    const deadline = { startingDeadlineSeconds: 600 };
    expect(due('* * * * *', first + 3 * MAX_MISSED_STARTS * MINUTE, deadline)).toMatchObject({ tooMany: false });
  });

  it('is found at once though years have passed', () => {
    const now = at('2046-01-01T12:00:30Z');
    expect(due('* * * * *', now)).toMatchObject({ start: at('2046-01-01T12:00:00Z'), tooMany: true });
    expect(due('59 23 * * *', now).start).toBe(at('2045-12-31T23:59:00Z'));
    expect(due('@every 90m', now).tooMany).toBe(true);
  });

  it('does not exist for a day that never comes', () => {
    expect(() => due('59 23 31 2 *', START)).toThrow('time difference between two schedules is less than 1 second');
  });
});
