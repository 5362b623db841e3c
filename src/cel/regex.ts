/** Regular expressions as Go has them (RE2), which take time linear in the text whatever they are. */
import { RE2JS } from 're2js';
import { BoundedMap } from '../simulation/bounded-map.ts';
import { ArrayList, CelError, type Value } from './value.ts';

export type Pattern = RE2JS;

/** Steps of one pattern: a character is one, as often as it may repeat. Go's own limit is about a hundred times that. */
export const MAX_PATTERN = 20_000;
/** How much of patterns is kept ready; a step takes some 150 bytes. */
const KEPT = 200_000;
const compiled = new BoundedMap<{ pattern: Pattern; weight: number }>(KEPT, ({ weight }) => weight);

/** What keeping a pattern costs, in steps. */
export const patternWeight = (text: string, pattern: Pattern): number => text.length + pattern.programSize() + 100;

const REPETITION = /\{(\d+)(?:,(\d*))?\}/y;

/** What a pattern is when its repetitions are written out, before that is done; not less by much. */
function stepsOf(text: string): number {
  /** Of the groups that are open: what is in each so far. */
  const open = [0];
  let last = 0;
  let inClass = false;
  for (let i = 0; i < text.length; i++) {
    const at = text[i]!;
    if (at === '\\') i++;
    if (inClass) {
      inClass = at !== ']';
      continue;
    }
    const times = at === '{' ? repetitions(text, i) : undefined;
    if (at === '(') open.push(2);
    else if (times !== undefined) {
      open[open.length - 1]! += last * (times - 1);
      last *= times;
    } else {
      last = at === ')' && open.length > 1 ? open.pop()! : 1;
      open[open.length - 1]! += last;
      inClass = at === '[';
    }
  }
  return open.reduce((sum, steps) => sum + steps, 0);
}

function repetitions(text: string, at: number): number | undefined {
  REPETITION.lastIndex = at;
  const [, least, most] = REPETITION.exec(text) ?? [];
  return least === undefined ? undefined : Math.max(Number(least), Number(most || 0));
}

const TOO_LARGE = 'error parsing regexp: expression too large';

/** A `CelError` with Go's words, if it is none. */
export function compilePattern(text: string): Pattern | CelError {
  const known = compiled.get(text);
  if (known) return known.pattern;
  if (text.length > MAX_PATTERN || stepsOf(text) > MAX_PATTERN) return new CelError(TOO_LARGE);
  try {
    const pattern = RE2JS.compile(text);
    compiled.set(text, { pattern, weight: patternWeight(text, pattern) });
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
