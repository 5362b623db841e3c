/** Go's durations. Source: time.ParseDuration. */
import { own } from './own.ts';

/** What a text that is to be a duration, or a time, has wrong, in Go's words. */
export class GoTimeError extends Error {}

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** What Go counts in: 64 bits. */
export const MAX_DURATION = 2n ** 63n - 1n;
export const MAX_DURATION_DIGITS = 19;

/** Nanoseconds of `1h2m3.5s`. Throws `GoTimeError`. */
export function parseDuration(text: string): bigint {
  const bad = () => new GoTimeError(`time: invalid duration ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  let rest = negative || text.startsWith('+') ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw bad();
  let total = 0n;
  while (rest) {
    const match = /^(\d*)(?:\.(\d*))?([^\d.]*)/.exec(rest)!;
    const [all, whole = '', fraction = '', unit = ''] = match;
    if (whole === '' && fraction === '') throw bad();
    if (unit === '') throw new GoTimeError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const scale = own(UNITS, unit);
    if (scale === undefined) {
      throw new GoTimeError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    const digits = whole.replace(/^0+/, '');
    if (digits.length > MAX_DURATION_DIGITS) throw bad();
    const part = fraction.slice(0, MAX_DURATION_DIGITS);
    total += (BigInt(digits + part) * scale) / 10n ** BigInt(part.length);
    if (total > MAX_DURATION + (negative ? 1n : 0n)) throw bad();
    rest = rest.slice(all.length);
  }
  return negative ? -total : total;
}

/** As Go's `Duration.String()`: `1h0m0s`, `1.5s`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const n = nanos < 0n ? -nanos : nanos;
  const decimal = (value: bigint, unit: bigint): string => {
    const digits = String(value % unit)
      .padStart(String(unit).length - 1, '0')
      .replace(/0+$/, '');
    return `${value / unit}${digits ? `.${digits}` : ''}`;
  };
  if (n < 1_000n) return `${sign}${n}ns`;
  if (n < 1_000_000n) return `${sign}${decimal(n, 1_000n)}µs`;
  if (n < 1_000_000_000n) return `${sign}${decimal(n, 1_000_000n)}ms`;
  const minutes = n / UNITS.m!;
  const seconds = `${decimal(n % UNITS.m!, UNITS.s!)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}
