/** Dates as text and back, in UTC as containers are: strftime's letters, and what `date -d` and `touch -d` take. */

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY = 86_400_000;

const two = (value: number, filler = '0'): string => String(value).padStart(2, filler);

const dayOfYear = (date: Date): number => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY);

/** The week by ISO 8601 and the year that it belongs to. */
function isoWeek(date: Date): { week: number; year: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY);
  return { week: Math.floor(dayOfYear(thursday) / 7) + 1, year: thursday.getUTCFullYear() };
}

const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;

const LETTERS: Readonly<Record<string, string | ((date: Date, at: number) => string)>> = {
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()]!,
  b: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()]!,
  c: '%a %b %e %H:%M:%S %Y',
  C: (date) => two(Math.floor(date.getUTCFullYear() / 100)),
  d: (date) => two(date.getUTCDate()),
  D: '%m/%d/%y',
  e: (date) => two(date.getUTCDate(), ' '),
  F: '%Y-%m-%d',
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => String(isoWeek(date).year),
  h: '%b',
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date) + 1).padStart(3, '0'),
  k: (date) => two(date.getUTCHours(), ' '),
  l: (date) => two(hour12(date), ' '),
  m: (date) => two(date.getUTCMonth() + 1),
  M: (date) => two(date.getUTCMinutes()),
  n: '\n',
  N: (_, at) => String(Math.round((at % 1000) * 1e6)).padStart(9, '0'),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  r: '%I:%M:%S %p',
  R: '%H:%M',
  s: (_, at) => String(Math.floor(at / 1000)),
  S: (date) => two(date.getUTCSeconds()),
  t: '\t',
  T: '%H:%M:%S',
  u: (date) => String(date.getUTCDay() || 7),
  U: (date) => two(Math.floor((dayOfYear(date) + 7 - date.getUTCDay()) / 7)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getUTCDay()),
  W: (date) => two(Math.floor((dayOfYear(date) + 7 - ((date.getUTCDay() + 6) % 7)) / 7)),
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  y: (date) => two(date.getUTCFullYear() % 100),
  Y: (date) => String(date.getUTCFullYear()),
  z: '+0000',
  Z: 'UTC',
  '%': '%',
};

/** An instant (milliseconds since 1970) in a format of strftime, with GNU's `%-d`, `%:z` and `%3N`. */
export function formatDate(at: number, format: string): string {
  const date = new Date(at);
  return format.replace(
    /%([-_0^]?)(:?)(\d*)([a-zA-Z%])/g,
    (all, flag: string, colon: string, width: string, letter: string) => {
      const entry = LETTERS[letter];
      if (entry === undefined) return all;
      if (letter === 'z' && colon !== '') return '+00:00';
      let text =
        typeof entry === 'function'
          ? entry(date, at)
          : entry.includes('%') && entry !== '%'
            ? formatDate(at, entry)
            : entry;
      if (letter === 'N' && width !== '') return text.slice(0, Number(width));
      if (flag === '-') text = text.replace(/^[0 ]+(?=\d)/, '');
      if (flag === '_') text = text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length));
      if (flag === '^') text = text.toUpperCase();
      return text;
    },
  );
}

const UNITS: Readonly<Record<string, number>> = {
  sec: 1000,
  second: 1000,
  min: 60_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  week: 7 * DAY,
  fortnight: 14 * DAY,
};

/** A time of day on a day: [hours, minutes, seconds]. */
function timeOf(text: string): number | undefined {
  const [, hours, minutes, seconds, half] =
    /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*([ap]m)?$/i.exec(text.trim()) ?? [];
  if (hours === undefined) return undefined;
  const shift = half === undefined ? 0 : /p/i.test(half) ? (hours === '12' ? 0 : 12) : hours === '12' ? -12 : 0;
  return ((Number(hours) + shift) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)) * 1000;
}

/** By its first three letters, from 0 on; -1: it is none. */
export function monthNumber(name: string): number {
  return MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase());
}

/** Checks that the day is one of its month. */
function calendarDay(year: number, month: number, day: number): number | undefined {
  const at = Date.UTC(year, month, day);
  return new Date(at).getUTCMonth() === month ? at : undefined;
}

/** `1 day ago`, `+2 hours`, `yesterday`: the instant that it leads to. */
function relative(text: string, now: number): number | undefined {
  let at = now;
  let isAny = false;
  const rest = text.replace(
    /([+-]?\s*\d+|next|last|an?)\s*([a-z]+?)s?(\s+ago)?(?![a-z])/gi,
    (all, count: string, unit: string, ago?: string) => {
      const name = unit.toLowerCase();
      const number = /\d/.test(count) ? Number(count.replace(/\s/g, '')) : /last/i.test(count) ? -1 : 1;
      const times = ago === undefined ? number : -number;
      const date = new Date(at);
      if (name === 'month') at = date.setUTCMonth(date.getUTCMonth() + times);
      else if (name === 'year') at = date.setUTCFullYear(date.getUTCFullYear() + times);
      else if (UNITS[name] === undefined) return all;
      else at += UNITS[name] * times;
      isAny = true;
      return '';
    },
  );
  const word = rest.trim().toLowerCase();
  if (word === '') return isAny ? at : undefined;
  if (word === 'now' || word === 'today') return at;
  if (word === 'yesterday') return at - DAY;
  if (word === 'tomorrow') return at + DAY;
  const base = absolute(word, now);
  return base === undefined || !isAny ? undefined : base + (at - now);
}

function absolute(text: string, now: number): number | undefined {
  const today = Math.floor(now / DAY) * DAY;
  const time = timeOf(text);
  if (time !== undefined) return today + time;
  const iso =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i.exec(
      text,
    );
  if (iso !== null) {
    const day = calendarDay(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
    const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(iso[5] ?? '');
    const shift = zone === null ? 0 : (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? -60_000 : 60_000);
    return day === undefined ? undefined : day + (iso[4] === undefined ? 0 : timeOf(iso[4])!) - shift;
  }
  const words =
    /^(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})\s+([a-z]{3,9})|([a-z]{3,9})\s+(\d{1,2}),?)(?:\s+(\d{1,2}:\d{2}:\d{2}))?(?:\s+(?:UTC|GMT))?(?:\s+(\d{4}))?(?:\s+(\d{1,2}:\d{2}(?::\d{2})?))?(?:\s+(?:UTC|GMT|[+-]0000))?$/i.exec(
      text,
    );
  if (words === null) return undefined;
  const month = monthNumber(words[2] ?? words[3]!);
  if (month < 0) return undefined;
  const day = calendarDay(Number(words[6] ?? new Date(now).getUTCFullYear()), month, Number(words[1] ?? words[4]));
  return day === undefined ? undefined : day + (timeOf(words[5] ?? words[7] ?? '') ?? 0);
}

/** What `date -d` takes, as milliseconds since 1970; undefined: it is no date. */
export function parseDate(text: string, now: number): number | undefined {
  const given = text.trim();
  const [, seconds] = /^@(-?\d+(?:\.\d+)?)$/.exec(given) ?? [];
  if (seconds !== undefined) return Number(seconds) * 1000;
  // BusyBox's own: [[[[[YY]YY]MM]DD]hh]mm[.ss]
  const [, digits, end] = /^(\d{4,14})(?:\.(\d{2}))?$/.exec(given) ?? [];
  if (digits !== undefined && digits.length % 2 === 0) return compactDate(digits, end, now);
  return absolute(given, now) ?? relative(given, now);
}

function compactDate(digits: string, seconds: string | undefined, now: number): number | undefined {
  const today = new Date(now);
  const parts = (digits.match(/\d\d/g) ?? []).map(Number);
  const century = parts.length > 5 ? parts.shift()! * 100 : 2000;
  const [minutes, hours, day, month, year] = parts.reverse();
  const date = calendarDay(
    year === undefined ? today.getUTCFullYear() : century + year,
    (month ?? today.getUTCMonth() + 1) - 1,
    day ?? today.getUTCDate(),
  );
  return date === undefined ? undefined : date + ((hours ?? 0) * 3600 + minutes! * 60 + Number(seconds ?? 0)) * 1000;
}
