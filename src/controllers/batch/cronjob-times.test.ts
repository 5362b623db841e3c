import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../resources/batch/cron-schedule.ts';
import { nextTime, zoneOffset } from './cronjob-times.ts';

const next = (text: string, after: string, zone?: string): string | undefined => {
  const at = nextTime(parseSchedule(text), Date.parse(after), zoneOffset(zone));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('cron schedules', () => {
  it('finds the next instant', () => {
    expect(next('*/5 * * * *', '2026-01-05T10:01:30Z')).toBe('2026-01-05T10:05:00.000Z');
    expect(next('30 4 1,15 * 5', '2026-01-02T05:00:00Z')).toBe('2026-01-09T04:30:00.000Z');
    expect(next('@monthly', '2026-01-05T10:00:00Z')).toBe('2026-02-01T00:00:00.000Z');
    expect(next('0 0 * jan sun', '2026-12-31T00:00:00Z')).toBe('2027-01-03T00:00:00.000Z');
  });
  it('reads the clock of the zone', () => {
    expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T07:00:00.000Z');
  });
  it('never comes for a day that no month has', () => {
    expect(next('0 0 31 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
  it('counts seconds for @every', () => {
    expect(next('@every 90s', '2026-01-05T10:00:00.500Z')).toBe('2026-01-05T10:01:30.000Z');
  });
});
