/** Texts of a format that a schema names, as the values that they are. Source: k8s.io/kube-openapi's pkg/validation/strfmt. */
import { decodeBase64 } from '../simulation/base64.ts';
import { parseDate, parseDuration, parseTimestamp } from './time-text.ts';
import { CelBytes, CelDuration, CelError, CelTimestamp, type Value } from './value.ts';

const SECOND = 1_000_000_000n;
/** Names of units; the last of each may go on. */
const UNITS: [bigint, string[]][] = [
  [1n, ['ns', 'nano']],
  [1_000n, ['us', 'µs', 'micro']],
  [1_000_000n, ['ms', 'milli']],
  [SECOND, ['s', 'sec']],
  [60n * SECOND, ['m', 'min']],
  [3600n * SECOND, ['h', 'hr', 'hour']],
  [86_400n * SECOND, ['d', 'day']],
  [604_800n * SECOND, ['w', 'wk', 'week']],
];

/** `1h30m`, and also `3 days`. */
export function durationValue(text: string): Value {
  const plain = parseDuration(text);
  if (plain) return plain;
  let nanos: bigint | undefined;
  for (const [, digits = '', name = ''] of text.matchAll(/(\d{1,18})\s*([A-Za-zµ]+)/g)) {
    const unit = name.toLowerCase();
    const found = UNITS.filter(([, names]) => names.includes(unit) || unit.startsWith(names.at(-1)!));
    for (const [size] of found) nanos = (nanos ?? 0n) + BigInt(digits) * size;
  }
  if (nanos === undefined) return new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`);
  return new CelDuration(BigInt.asIntN(64, nanos));
}

/** As Go says where a time differs from its layout. */
const timeError = (what: string, text: string, layout: string): CelError =>
  new CelError(
    `Invalid ${what} formatted string ${text}: parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(text)} as "2006"`,
  );

export const dateValue = (text: string): Value => parseDate(text) ?? timeError('date', text, '2006-01-02');

/** Also without a zone. */
export function dateTimeValue(text: string): Value {
  if (text === '') return new CelTimestamp(0n);
  return parseTimestamp(text) ?? parseTimestamp(`${text}Z`) ?? timeError('date-time', text, '2006-01-02T15:04:05');
}

export function bytesValue(text: string): Value {
  try {
    return new CelBytes(decodeBase64(text));
  } catch {
    const odd = text.search(/[^A-Za-z0-9+/]/);
    const at = odd < 0 ? text.length : odd;
    return new CelError(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${at}`);
  }
}
