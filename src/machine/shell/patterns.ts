/** Patterns of file names, `case` and `${x#…}`: `*`, `?` and `[…]`; a backslash takes a character as it is. Time is at most lengths multiplied. */
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { CHARACTER_CLASSES } from '../programs/character-classes.ts';

type Token =
  | { token: 'one'; character: string }
  | { token: 'any' }
  | { token: 'many' }
  | { token: 'class'; isNot: boolean; ranges: [number, number][]; classes: RegExp[] };

export type Pattern = readonly Token[];

/** Compiled patterns that are kept, in characters of all of them. */
const KEPT = 50_000;
const known = new BoundedMap<Pattern>(KEPT, (pattern) => pattern.length + 50);

/** A text so that it matches itself only. */
export const escapePattern = (text: string): string => text.replace(/[*?[\]\\!^-]/g, '\\$&');

/** The text of a pattern in which nothing is special; undefined: something is. */
export function literalOf(pattern: Pattern): string | undefined {
  let text = '';
  for (const token of pattern) {
    if (token.token !== 'one') return undefined;
    text += token.character;
  }
  return text;
}

/** `[…]` behind its bracket. @returns the place behind it; undefined: it is no class. */
function readClass(text: string, from: number): { token: Token; end: number } | undefined {
  let i = from;
  const isNot = text[i] === '!' || text[i] === '^';
  if (isNot) i++;
  const ranges: [number, number][] = [];
  const classes: RegExp[] = [];
  for (let isFirst = true; ; isFirst = false) {
    const character = text[i];
    if (character === undefined) return undefined;
    if (character === ']' && !isFirst) return { token: { token: 'class', isNot, ranges, classes }, end: i + 1 };
    const named = character === '[' ? /^\[:(\w+):\]/.exec(text.slice(i, i + 12)) : null;
    if (named && Object.hasOwn(CHARACTER_CLASSES, named[1]!)) {
      classes.push(new RegExp(`[${CHARACTER_CLASSES[named[1]!]}]`));
      i += named[0].length;
      continue;
    }
    if (character === '\\' && i + 1 < text.length) i++;
    const low = text.charCodeAt(i++);
    let high = low;
    if (text[i] === '-' && text[i + 1] !== undefined && text[i + 1] !== ']') {
      i++;
      if (text[i] === '\\' && i + 1 < text.length) i++;
      high = text.charCodeAt(i++);
    }
    ranges.push([low, high]);
  }
}

export function compilePattern(text: string): Pattern {
  const found = known.get(text);
  if (found) return found;
  const tokens: Token[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '*') {
      if (tokens.at(-1)?.token !== 'many') tokens.push({ token: 'many' });
    } else if (character === '?') tokens.push({ token: 'any' });
    else if (character === '\\' && i + 1 < text.length) tokens.push({ token: 'one', character: text[++i]! });
    else {
      const group = character === '[' ? readClass(text, i + 1) : undefined;
      tokens.push(group?.token ?? { token: 'one', character });
      if (group) i = group.end - 1;
    }
  }
  known.set(text, tokens);
  return tokens;
}

function isOne(token: Token, character: string): boolean {
  if (token.token === 'one') return token.character === character;
  if (token.token !== 'class') return token.token === 'any';
  const code = character.charCodeAt(0);
  const isIn =
    token.ranges.some(([low, high]) => low <= code && code <= high) ||
    token.classes.some((each) => each.test(character));
  return isIn !== token.isNot;
}

/** Whether the whole text is as the pattern says. */
export function matches(pattern: Pattern, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let mark = 0;
  while (place < text.length) {
    const token = pattern[at];
    if (token?.token === 'many') {
      star = at++;
      mark = place;
    } else if (token && isOne(token, text[place]!)) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++mark;
    } else return false;
  }
  while (pattern[at]?.token === 'many') at++;
  return at === pattern.length;
}

/** The lengths that a pattern can match from a place on, told by one pass: the shortest and the longest. */
export function prefixLengths(
  pattern: Pattern,
  text: string,
  from = 0,
): { shortest: number; longest: number } | undefined {
  // The set of places in the pattern that are reached, as it goes over the text.
  let reached = closure(new Set([0]), pattern);
  let shortest: number | undefined;
  let longest: number | undefined;
  for (let length = 0; ; length++) {
    if (reached.has(pattern.length)) {
      shortest ??= length;
      longest = length;
    }
    const character = text[from + length];
    if (character === undefined || reached.size === 0) break;
    const next = new Set<number>();
    for (const at of reached) {
      const token = pattern[at];
      if (!token) continue;
      if (token.token === 'many') next.add(at);
      else if (isOne(token, character)) next.add(at + 1);
    }
    reached = closure(next, pattern);
  }
  return shortest === undefined || longest === undefined ? undefined : { shortest, longest };
}

function closure(places: Set<number>, pattern: Pattern): Set<number> {
  for (const at of places) if (pattern[at]?.token === 'many') places.add(at + 1);
  return places;
}

/** A pattern from its end to its beginning, for suffixes. */
export const reversed = (pattern: Pattern): Pattern => pattern.toReversed();
