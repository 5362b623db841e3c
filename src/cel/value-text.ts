/** Values as messages show them. Models cel-go's types.Format. */

import { quoteGo } from '../objects/go-quote.ts';
import { formatDouble } from './double-text.ts';
import { runtimeType } from './runtime-type.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { typeName } from './type.ts';
import {
  CelBytes,
  CelDuration,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelType,
  CelUint,
  type Value,
} from './value.ts';

/** As `%v` prints it. */
export function describeValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return formatDouble(value);
    default:
      return value === null ? 'null' : describeObject(value);
  }
}

function describeObject(value: Exclude<Value, null | boolean | bigint | number | string>): string {
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelType) return typeName(value.type);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelBytes) return quoteGo(new TextDecoder().decode(value.bytes));
  if (value instanceof CelOptional)
    return value.value === undefined ? 'optional.none()' : `optional(${describeValue(value.value)})`;
  if (value instanceof CelList) {
    const items = Array.from({ length: Math.min(value.size, MAX_SHOWN) }, (_, i) => describeValue(value.get(i)));
    return `[${items.join(', ')}]`;
  }
  if (value instanceof CelMap)
    return `{${value
      .keys()
      .slice(0, MAX_SHOWN)
      .map((key) => `${describeValue(key)}: ${describeValue(value.get(key)!)}`)
      .join(', ')}}`;
  return typeName(runtimeType(value));
}

/** More elements than a message has room for. */
export const MAX_SHOWN = 100;
