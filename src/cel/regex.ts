/** Regular expressions as Go has them (RE2), which take time linear in the text whatever they are. */
import { RE2JS } from 're2js';
import { BoundedMap } from '../simulation/bounded-map.ts';
import { ArrayList, CelError, type Value } from './value.ts';

export type Pattern = RE2JS;

/** How many patterns are kept ready, by the characters that they are written in. */
const KEPT_CHARACTERS = 100_000;
const compiled = new BoundedMap<{ pattern: Pattern; size: number }>(KEPT_CHARACTERS, ({ size }) => size + 100);

/** A `CelError` with Go's words, if it is none. */
export function compilePattern(text: string): Pattern | CelError {
  const known = compiled.get(text);
  if (known) return known.pattern;
  try {
    const pattern = RE2JS.compile(text);
    compiled.set(text, { pattern, size: text.length });
    return pattern;
  } catch (error) {
    return new CelError((error as Error).message);
  }
}

const matches = (text: string, pattern: Pattern): Value => pattern.matcher(text).find();

function find(text: string, pattern: Pattern): Value {
  const matcher = pattern.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

/** All that match, one after the other; `limit` of them if that is not negative. */
function findAll(text: string, pattern: Pattern, limit: Value = -1n): Value {
  const found: Value[] = [];
  const most = limit as bigint;
  const matcher = pattern.matcher(text);
  let previousEnd = -1;
  while ((most < 0n || BigInt(found.length) < most) && matcher.find()) {
    // As in Go, nothing is not found right behind something.
    if (matcher.end() === matcher.start() && matcher.start() === previousEnd) continue;
    previousEnd = matcher.end();
    found.push(matcher.group() ?? '');
  }
  return new ArrayList(found);
}

/** Functions whose second argument is a pattern, as what is done with it once it is read. */
export const PATTERN_FUNCTIONS: ReadonlyMap<string, (text: string, pattern: Pattern, limit?: Value) => Value> = new Map(
  [
    ['matches', matches],
    ['find', find],
    ['findAll', findAll],
  ],
);

/** Reads the pattern each time. `prefix`: what is said before what is wrong with it. */
export const withPattern =
  (name: string, prefix: string) =>
  (text: string, source: string, limit?: Value): Value => {
    const pattern = compilePattern(source);
    if (pattern instanceof CelError) return new CelError(prefix + pattern.message);
    return PATTERN_FUNCTIONS.get(name)!(text, pattern, limit);
  };
