/** What there is in a JSON text, told in one pass that makes nothing of it. */

const TAB = 9;
const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const UPPER_E = 69;
const LIST = 91;
const BACKSLASH = 92;
const LIST_END = 93;
const LOWER_E = 101;
const LOWER_U = 117;
const OBJECT = 123;
const OBJECT_END = 125;
const DELETE = 127;

/** Integers of so many digits JavaScript keeps. */
const KEPT_DIGITS = 15;

export interface Outline {
  /** JSONObject of all objects together, if the text is JSON at all. */
  members: number;
  /** Levels of objects and lists. */
  depth: number;
  /** All numbers are integers that JavaScript keeps and prints as they are written. */
  plainNumbers: boolean;
  /** All characters are ASCII and can be printed, none is written as its code, no slash is escaped, and no tab stands between values. */
  plainText: boolean;
  /** The longest string that a colon follows, in characters as it is written. */
  longestKey: number;
}

export function outlineOf(text: string): Outline {
  const outline: Outline = { members: 0, depth: 0, plainNumbers: true, plainText: true, longestKey: 0 };
  let depth = 0;
  let digits = 0;
  let isPlain = true;
  let last = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) {
      const from = at;
      for (;;) {
        const inside = text.charCodeAt(++at);
        if (inside === QUOTE || Number.isNaN(inside)) break;
        if (inside === BACKSLASH) {
          const escaped = text.charCodeAt(++at);
          if (escaped === LOWER_U || escaped === SLASH) isPlain = false;
        } else if (inside >= DELETE) isPlain = false;
      }
      last = at - from;
      digits = 0;
    } else if (c >= ZERO && c <= NINE) {
      if (++digits > KEPT_DIGITS) outline.plainNumbers = false;
    } else {
      if (c === COLON) {
        outline.members++;
        if (last > outline.longestKey) outline.longestKey = last;
      }
      if (c === OBJECT || c === LIST) {
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

/** JSONObject of all objects in a value. */
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
