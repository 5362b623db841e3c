/** The members of an object in a JSON text, told without making anything of their values. */

const QUOTE = 34;
const COMMA = 44;
const LIST = 91;
const BACKSLASH = 92;
const LIST_END = 93;
const OBJECT = 123;
const OBJECT_END = 125;

/** A member's name, and where it and its value are in the text. */
export interface Member {
  name: string;
  from: number;
  start: number;
  end: number;
}

/**
 * Of the object that begins at `at` in a text that `JSON.stringify` has made: valid, and without spaces.
 * Undefined for what is no object. @throws SyntaxError for a name that is none
 */
export function membersOf(text: string, at = 0): Member[] | undefined {
  if (text.charCodeAt(at) !== OBJECT) return undefined;
  const members: Member[] = [];
  for (let from = at + 1; text.charCodeAt(from) === QUOTE; ) {
    const nameEnd = endOfString(text, from);
    const start = nameEnd + 1;
    const end = endOfValue(text, start);
    members.push({ name: textOf(text, from, nameEnd), from, start, end });
    from = text.charCodeAt(end) === COMMA ? end + 1 : end;
  }
  return members;
}

/** The string between two places, most of which stand there as they are. */
function textOf(text: string, from: number, end: number): string {
  const plain = text.slice(from + 1, end - 1);
  return plain.includes('\\') ? (JSON.parse(text.slice(from, end)) as string) : plain;
}

/** The place after the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at > 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function endOfValue(text: string, from: number): number {
  if (text.charCodeAt(from) === QUOTE) return endOfString(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) at = endOfString(text, at) - 1;
    else if (c === OBJECT || c === LIST) depth++;
    else if (c === OBJECT_END || c === LIST_END) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (c === COMMA && depth === 0) return at;
  }
  return text.length;
}
