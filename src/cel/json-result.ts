/** What an expression came to, as JSON that a reader understands. */
import { encodeBase64 } from '../simulation/base64.ts';
import { MadeObject } from './mutation-types.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { CelBytes, CelDuration, CelList, CelMap, CelOptional, CelTimestamp, CelUint, type Value } from './value.ts';
import { describeValue } from './value-text.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const integer = (value: bigint): number | string => (value <= SAFE && value >= -SAFE ? Number(value) : String(value));

/**
 * Numbers that JSON can't hold, bytes (base64), durations, instants and values of libraries are texts; an optional is
 * `{optional: value}`, or `{optional: null}`.
 */
export function resultJSON(value: Value): unknown {
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : describeValue(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof CelUint) return integer(value.value);
  if (value instanceof CelBytes) return encodeBase64(value.bytes);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelOptional) return { optional: value.value === undefined ? null : resultJSON(value.value) };
  if (value instanceof CelList) return Array.from({ length: value.size }, (_, index) => resultJSON(value.get(index)));
  if (value instanceof CelMap)
    return Object.fromEntries(value.keys().map((key) => [describeValue(key), resultJSON(value.get(key)!)]));
  if (value instanceof MadeObject)
    return Object.fromEntries([...value.fields].map(([name, field]) => [name, resultJSON(field)]));
  return describeValue(value);
}
