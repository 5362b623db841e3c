/** Functions on texts. Positions count code points. Source: cel-go's ext/strings.go, version 2. */
import { GO_ESCAPES } from '../../objects/go-quote.ts';
import { checkCharacters } from '../budget.ts';
import type { FunctionTable } from '../declarations.ts';
import { formatText } from '../format-text.ts';
import { codePoints } from '../source.ts';
import { ArrayList, CelError, type CelList, type Value } from '../value.ts';
import { describeValue } from '../value-text.ts';

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${index}`);

/** Where the code point of that number begins in UTF-16. */
function unitOffset(text: string, index: number): number {
  if (codePoints(text) === text.length) return index;
  let offset = 0;
  for (let i = 0; i < index; i++) offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  return offset;
}

function charAt(text: string, index: bigint): Value {
  const size = BigInt(codePoints(text));
  if (index < 0n || index > size) return outOfRange(index);
  if (index === size) return '';
  return String.fromCodePoint(text.codePointAt(unitOffset(text, Number(index)))!);
}

function indexOf(text: string, part: string, from = 0n): Value {
  if (from < 0n) return outOfRange(from);
  const size = BigInt(codePoints(text));
  if (part === '') return from > size ? size : from;
  if (from >= size) return -1n;
  const found = text.indexOf(part, unitOffset(text, Number(from)));
  return found < 0 ? -1n : BigInt(codePoints(text.slice(0, found)));
}

function lastIndexOf(text: string, part: string, from?: bigint): Value {
  const size = BigInt(codePoints(text));
  if (from !== undefined && from < 0n) return outOfRange(from);
  if (part === '') return from === undefined || from > size ? size : from;
  if (from !== undefined && from >= size) return -1n;
  const start = from === undefined ? text.length : unitOffset(text, Number(from));
  const found = text.lastIndexOf(part, start);
  return found < 0 ? -1n : BigInt(codePoints(text.slice(0, found)));
}

function replace(text: string, old: string, replacement: string, limit = -1n): Value {
  if (limit < 0n) return replaceFirst(text, old, replacement, Number.POSITIVE_INFINITY);
  return replaceFirst(text, old, replacement, Number(limit));
}

/** As Go, which finds nothing before each character and at the end. */
function replaceFirst(text: string, old: string, replacement: string, limit: number): string {
  let result = '';
  let from = 0;
  for (let done = 0; done < limit; done++) {
    let at = text.indexOf(old, from);
    if (old === '' && done > 0) {
      if (from >= text.length) break;
      at = from + (text.codePointAt(from)! > 0xffff ? 2 : 1);
    }
    if (at < 0) break;
    result += text.slice(from, at) + replacement;
    checkCharacters(result.length);
    from = at + old.length;
  }
  return result + text.slice(from);
}

/** Between nothing and nothing are the characters. */
function split(text: string, separator: string, limit = -1n): Value {
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return new ArrayList(parts);
  const kept = Number(limit) - 1;
  return new ArrayList([...parts.slice(0, kept), parts.slice(kept).join(separator)]);
}

function substring(text: string, start: bigint, end?: bigint): Value {
  const size = BigInt(codePoints(text));
  if (end !== undefined && start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > size) return outOfRange(start);
  if (end !== undefined && (end < 0n || end > size)) return outOfRange(end);
  const from = unitOffset(text, Number(start));
  return end === undefined ? text.slice(from) : text.slice(from, unitOffset(text, Number(end)));
}

/** What Go's unicode.IsSpace takes for space. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${SPACE}+`);
const SPACE_ONLY = new RegExp(SPACE);

function trim(text: string): Value {
  const start = LEADING.exec(text)?.[0].length ?? 0;
  let end = text.length;
  while (end > start && SPACE_ONLY.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function join(list: CelList, separator = ''): Value {
  const parts: string[] = [];
  let length = 0;
  for (let i = 0; i < list.size; i++) {
    const part = list.get(i);
    if (typeof part !== 'string') return new CelError(`join: invalid input: ${describeValue(part)}`);
    parts.push(part);
    length += part.length + separator.length;
    checkCharacters(length);
  }
  return parts.join(separator);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be escaped.
const quote = (text: string): Value => `"${text.replace(/[\x07-\r"\\]/g, (c) => GO_ESCAPES[c]!)}"`;

export const STRINGS: FunctionTable = {
  charAt: [['string_char_at_int', 'string.(int) -> string', charAt]],
  indexOf: [
    ['string_index_of_string', 'string.(string) -> int', indexOf],
    ['string_index_of_string_int', 'string.(string, int) -> int', indexOf],
  ],
  lastIndexOf: [
    ['string_last_index_of_string', 'string.(string) -> int', lastIndexOf],
    ['string_last_index_of_string_int', 'string.(string, int) -> int', lastIndexOf],
  ],
  lowerAscii: [
    [
      'string_lower_ascii',
      'string.() -> string',
      (text: string) => text.replace(/[A-Z]+/g, (run) => run.toLowerCase()),
    ],
  ],
  upperAscii: [
    [
      'string_upper_ascii',
      'string.() -> string',
      (text: string) => text.replace(/[a-z]+/g, (run) => run.toUpperCase()),
    ],
  ],
  replace: [
    ['string_replace_string_string', 'string.(string, string) -> string', replace],
    ['string_replace_string_string_int', 'string.(string, string, int) -> string', replace],
  ],
  split: [
    ['string_split_string', 'string.(string) -> list(string)', split],
    ['string_split_string_int', 'string.(string, int) -> list(string)', split],
  ],
  substring: [
    ['string_substring_int', 'string.(int) -> string', substring],
    ['string_substring_int_int', 'string.(int, int) -> string', substring],
  ],
  trim: [['string_trim', 'string.() -> string', trim]],
  join: [
    ['list_join', 'list(string).() -> string', join],
    ['list_join_string', 'list(string).(string) -> string', join],
  ],
  'strings.quote': [['strings_quote', '(string) -> string', quote]],
  format: [['string_format', 'string.(list(dyn)) -> string', formatText]],
};
