/** What the calendar and the clock show at an instant, and a duration in units. Source: cel-go's common/stdlib. */
import type { FunctionTable, OverloadRow } from '../declarations.ts';
import { type Clock, clockAt } from '../time-text.ts';
import { zoneOffset } from '../time-zone.ts';
import { type CelDuration, CelError, type CelTimestamp, type Value } from '../value.ts';

/** At a zone, or Greenwich. */
function part(name: string, id: string, read: (clock: Clock) => number): OverloadRow[] {
  const call = (at: CelTimestamp, zone?: string): Value => {
    const offset = zone === undefined ? 0 : zoneOffset(zone, at);
    return offset instanceof CelError ? offset : BigInt(read(clockAt(at, offset)));
  };
  return [
    [`timestamp_to_${id}`, 'timestamp.() -> int', call],
    [`timestamp_to_${id}${name === 'getSeconds' ? '_tz' : '_with_tz'}`, 'timestamp.(string) -> int', call],
  ];
}

const inUnits = (id: string, nanos: bigint): OverloadRow => [
  `duration_to_${id}`,
  'duration.() -> int',
  (duration: CelDuration) => duration.nanos / nanos,
];

export const TIME: FunctionTable = {
  getFullYear: part('getFullYear', 'year', (clock) => clock.year),
  getMonth: part('getMonth', 'month', (clock) => clock.month),
  getDayOfYear: part('getDayOfYear', 'day_of_year', (clock) => clock.yearDay),
  getDayOfMonth: part('getDayOfMonth', 'day_of_month', (clock) => clock.day - 1),
  getDate: part('getDate', 'day_of_month_1_based', (clock) => clock.day),
  getDayOfWeek: part('getDayOfWeek', 'day_of_week', (clock) => clock.weekday),
  getHours: [...part('getHours', 'hours', (clock) => clock.hour), inUnits('hours', 3_600_000_000_000n)],
  getMinutes: [...part('getMinutes', 'minutes', (clock) => clock.minute), inUnits('minutes', 60_000_000_000n)],
  getSeconds: [...part('getSeconds', 'seconds', (clock) => clock.second), inUnits('seconds', 1_000_000_000n)],
  getMilliseconds: [
    ...part('getMilliseconds', 'milliseconds', (clock) => Math.floor(clock.nanos / 1_000_000)),
    inUnits('milliseconds', 1_000_000n),
  ],
};
