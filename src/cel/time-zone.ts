/** How far a zone is from Greenwich at an instant. Models cel-go's common/stdlib, and Go's time.LoadLocation. */
import { BoundedMap } from '../simulation/bounded-map.ts';
import { CelError, type CelTimestamp } from './value.ts';

const KEPT_ZONES = 50;
const formats = new BoundedMap<Intl.DateTimeFormat>(KEPT_ZONES);

/** In minutes east. `zone`: `+05:30`, or a name such as `America/New_York`. */
export function zoneOffset(zone: string, at: CelTimestamp): number | CelError {
  const colon = zone.indexOf(':');
  if (colon >= 0) return fixedOffset(zone, colon);
  if (zone === '' || zone === 'UTC' || zone === 'GMT') return 0;
  const format = formatOf(zone);
  return format ? namedOffset(format, at) : new CelError(`unknown time zone ${zone}`);
}

function fixedOffset(zone: string, colon: number): number | CelError {
  const hours = zone.slice(0, colon);
  const minutes = zone.slice(colon + 1);
  for (const part of [hours, minutes])
    if (!/^[+-]?\d{1,9}$/.test(part))
      return new CelError(`strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`);
  const east = Number(hours) * 60;
  return zone.startsWith('-') ? east - Number(minutes) : east + Number(minutes);
}

const ZONE_NAME = /^[A-Za-z0-9_+\-/]{1,64}$/;

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  // What begins with a sign is a zone to JavaScript, and to Go not.
  if (!ZONE_NAME.test(zone) || !/^[A-Za-z]/.test(zone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

function namedOffset(format: Intl.DateTimeFormat, at: CelTimestamp): number {
  const nanos = at.nanos;
  const seconds = Number((nanos - (((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n);
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const local = new Date(0);
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  local.setUTCFullYear(year, number('month') - 1, number('day'));
  local.setUTCHours(number('hour'), number('minute'), number('second'));
  return (local.getTime() / 1000 - seconds) / 60;
}
