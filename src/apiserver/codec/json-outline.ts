/** What there is in a JSON text, told in one pass that makes nothing of it. */

const TAB = 9;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const UPPER_E = 69;
const LIST = 91;
const BACKSLASH = 92;
const LIST_END = 93;
const LOWER_E = 101;
const OBJECT = 123;
const OBJECT_END = 125;
const DELETE = 127;

/** Integers of so many digits JavaScript keeps. */
const KEPT_DIGITS = 15;

export interface Outline {
  /** Members of all objects together, if the text is JSON at all. */
  members: number;
  /** Levels of objects and lists. */
  depth: number;
  /** All numbers are integers that JavaScript keeps and prints as they are written. */
  plainNumbers: boolean;
  /** Nothing is escaped, nothing but spaces and line ends stands between values, and all characters are ASCII and can be printed. */
  plainText: boolean;
  /** The longest string, in characters as they are written. */
  longest: number;
}

export function outlineOf(text: string): Outline {
  const outline: Outline = { members: 0, depth: 0, plainNumbers: true, plainText: true, longest: 0 };
  let depth = 0;
  let digits = 0;
  let isPlain = true;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) {
      const from = at;
      for (;;) {
        const inside = text.charCodeAt(++at);
        if (inside === QUOTE || Number.isNaN(inside)) break;
        if (inside === BACKSLASH) {
          isPlain = false;
          at++;
        } else if (inside >= DELETE) isPlain = false;
      }
      if (at - from > outline.longest) outline.longest = at - from;
      digits = 0;
    } else if (c >= ZERO && c <= NINE) {
      if (++digits > KEPT_DIGITS) outline.plainNumbers = false;
    } else {
      if (c === COLON) outline.members++;
      else if (c === OBJECT || c === LIST) {
        if (++depth > outline.depth) outline.depth = depth;
      } else if (c === OBJECT_END || c === LIST_END) depth--;
      else if (c === DOT || c === PLUS || c === UPPER_E || (c === LOWER_E && digits > 0)) outline.plainNumbers = false;
      else if (c === MINUS && text.charCodeAt(at + 1) === ZERO) outline.plainNumbers = false;
      else if (c === TAB || c >= DELETE) isPlain = false;
      digits = 0;
    }
  }
  outline.plainText = isPlain;
  return outline;
}

/** Members of all objects in a value. */
export function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') members += membersIn(item);
    return members;
  }
  for (const key in value) {
    members++;
    const part: unknown = value[key as keyof typeof value];
    if (typeof part === 'object') members += membersIn(part);
  }
  return members;
}
