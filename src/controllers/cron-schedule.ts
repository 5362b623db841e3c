/** Cron expressions with five fields, as CronJobs have them. Source: github.com/robfig/cron/v3. */

interface Schedule {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** `*` in a day field: then the other one decides alone. */
  anyDay: boolean;
  anyWeekday: boolean;
}

const MACROS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE = 60_000;
/** Five years: an expression that matches nothing in them never does. */
const HORIZON_DAYS = 366 * 5;

/** Undefined for what is no schedule. `@every` is not supported in CronJobs' time zones and neither here. */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (MACROS[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const minutes = parseField(minute, 0, 59, []);
  const hours = parseField(hour, 0, 23, []);
  const days = parseField(day, 1, 31, []);
  const months = parseField(month, 1, 12, MONTHS);
  const weekdays = parseField(weekday, 0, 7, WEEKDAYS);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const isAny = (field: string): boolean => field.startsWith('*') || field.startsWith('?');
  return { minutes, hours, days, months, weekdays, anyDay: isAny(day), anyWeekday: isAny(weekday) };
}

function parseField(text: string, first: number, last: number, names: string[]): Set<number> | undefined {
  const values = new Set<number>();
  const numberOf = (word: string): number => {
    const at = names.indexOf(word.toLowerCase());
    return at >= 0 ? at + (first === 1 ? 1 : 0) : /^\d+$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const [range, step = '1'] = part.split('/') as [string, string?];
    const [low, high] = range.split('-') as [string, string?];
    const from = low === '*' || low === '?' ? first : numberOf(low);
    const to =
      low === '*' || low === '?' ? last : high !== undefined ? numberOf(high) : part.includes('/') ? last : from;
    if (!(from >= first && to <= last && from <= to && Number(step) >= 1)) return undefined;
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

/** The first instant after `after` that the schedule names, both in milliseconds; `offset`: the zone's, at that time. */
export function nextTime(
  schedule: Schedule,
  after: number,
  offset: (at: number) => number = () => 0,
): number | undefined {
  let at = Math.floor(after / MINUTE) * MINUTE + MINUTE;
  const end = after + HORIZON_DAYS * 1440 * MINUTE;
  while (at < end) {
    const local = new Date(at + offset(at));
    if (!schedule.months.has(local.getUTCMonth() + 1) || !matchesDay(schedule, local)) {
      at += (1440 - local.getUTCHours() * 60 - local.getUTCMinutes()) * MINUTE;
    } else if (!schedule.hours.has(local.getUTCHours())) at += (60 - local.getUTCMinutes()) * MINUTE;
    else if (schedule.minutes.has(local.getUTCMinutes())) return at;
    else at += MINUTE;
  }
  return undefined;
}

function matchesDay(schedule: Schedule, local: Date): boolean {
  const day = schedule.days.has(local.getUTCDate());
  const weekday = schedule.weekdays.has(local.getUTCDay());
  return schedule.anyDay || schedule.anyWeekday ? day && weekday : day || weekday;
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
