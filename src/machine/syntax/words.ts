/** Words: text, quotes, and what is expanded in them. */

import { readParameter } from './parameters.ts';
import { isMeta, type Reader } from './reader.ts';
import { readArithmetic, readBackquotes, readCommand, readProcess } from './substitutions.ts';
import { type Part, SyntaxFault, type Word } from './syntax.ts';

/** Text that is looked at for names of files, or cut, where it is not quoted. */
const LIVELY = /[*?~\\]|\[.*\]|\{.*\}/s;

/** Text that stands side by side, as one part. */
function joinedText(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.part === 'text' && last?.part === 'text' && last.quoted === part.quoted) {
      joined[joined.length - 1] = { part: 'text', text: last.text + part.text, quoted: part.quoted };
    } else joined.push(part);
  }
  return joined;
}

/** Puts parts together: text is joined, and a word without anything to expand has its text ready. */
export function wordOf(parts: Part[], source: string): Word {
  const joined = joinedText(parts);
  const isPlain = joined.every((part) => part.part === 'text' && (part.quoted || !LIVELY.test(part.text)));
  const word: Word = { parts: joined, source };
  if (isPlain) word.plain = joined.map((part) => (part.part === 'text' ? part.text : '')).join('');
  if (joined.some(runs)) word.runs = true;
  return word;
}

const runs = (part: Part): boolean =>
  part.part === 'command' ||
  part.part === 'process' ||
  (part.part === 'arithmetic' && part.expression.runs === true) ||
  (part.part === 'parameter' && [part.word, part.second, part.index].some((word) => word?.runs));

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** `$'…'`, behind its first quote. */
function readEscaped(reader: Reader): string {
  let text = '';
  for (;;) {
    if (reader.isAtEnd) throw unterminated(reader, "'");
    const character = reader.peek();
    reader.at++;
    if (character === "'") return text;
    if (character !== '\\') {
      text += character;
      continue;
    }
    const number = /(?:x([\da-fA-F]{1,2})|([0-7]{1,3}))/y;
    number.lastIndex = reader.at;
    const found = number.exec(reader.text);
    if (found) {
      text += String.fromCharCode((found[1] ? Number.parseInt(found[1], 16) : Number.parseInt(found[2]!, 8)) & 255);
      reader.at += found[0].length;
      continue;
    }
    const escaped = reader.peek();
    reader.at++;
    text += ESCAPES[escaped] ?? ('\\\'"?'.includes(escaped) ? escaped : `\\${escaped}`);
  }
}

export const unterminated = (reader: Reader, quote: string): SyntaxFault =>
  new SyntaxFault('unterminated quoted string', { line: reader.line, isIncomplete: true, token: quote });

function readSingleQuoted(reader: Reader): string {
  const end = reader.text.indexOf("'", reader.at);
  if (end < 0) throw unterminated(reader, "'");
  const text = reader.text.slice(reader.at, end);
  reader.at = end + 1;
  for (const character of text) if (character === '\n') reader.line++;
  return text;
}

/** What a `$` or a backquote begins; undefined: the character itself. */
export function readExpansion(reader: Reader, quoted: boolean): Part | undefined {
  if (reader.peek() === '`') return readBackquotes(reader, quoted);
  const next = reader.peek(1);
  if (next === '(') {
    if (reader.peek(2) === '(') {
      const arithmetic = readArithmetic(reader, quoted);
      if (arithmetic) return arithmetic;
    }
    return readCommand(reader, quoted);
  }
  if (next === '[' && reader.isBash) return undefined;
  return readParameter(reader, quoted);
}

/** The inside of double quotes, behind the first. */
export function readDoubleQuoted(reader: Reader, parts: Part[]): void {
  parts.push({ part: 'text', text: '', quoted: true });
  for (;;) {
    if (reader.isAtEnd) throw unterminated(reader, '"');
    if (reader.take('"')) return;
    parts.push(readQuotedPiece(reader, '"'));
  }
}

/** A piece of text in which `$`, backquotes and some backslashes are special. */
export function readQuotedPiece(reader: Reader, end: string): Part {
  const text = (content: string): Part => ({ part: 'text', text: content, quoted: true });
  const character = reader.peek();
  if (character === '$' || character === '`') {
    const part = readExpansion(reader, true);
    if (part) return part;
    reader.at++;
    return text('$');
  }
  if (character === '\\') {
    const next = reader.peek(1);
    reader.at += 2;
    if (next === '\n') {
      reader.line++;
      return text('');
    }
    return text(
      next === '$' || next === '`' || next === '\\' || (next === '"' && end === '"') || (next === '}' && end === '}')
        ? next
        : `\\${next}`,
    );
  }
  const piece = /[^$`\\"}]+/y;
  piece.lastIndex = reader.at;
  const found = piece.exec(reader.text)?.[0] ?? character;
  reader.at += found.length;
  for (const each of found) if (each === '\n') reader.line++;
  return text(found);
}

/** What stands here up to what `isEnd` says; quotes and expansions are read. */
export function readParts(reader: Reader, isEnd: (character: string) => boolean): Part[] {
  const parts: Part[] = [];
  const unquoted = (text: string): void => void parts.push({ part: 'text', text, quoted: false });
  while (!reader.isAtEnd) {
    const character = reader.peek();
    if (isEnd(character)) {
      const isProcess = reader.dialect !== 'dash' && (character === '<' || character === '>') && reader.peek(1) === '(';
      if (!isProcess || parts.length > 0) break;
      parts.push(readProcess(reader));
    } else if (character === "'") {
      reader.at++;
      parts.push({ part: 'text', text: readSingleQuoted(reader), quoted: true });
    } else if (character === '"') {
      reader.at++;
      readDoubleQuoted(reader, parts);
    } else if (character === '\\') {
      const next = reader.peek(1);
      reader.at += 2;
      if (next === '\n') reader.line++;
      else parts.push({ part: 'text', text: next === '' ? '\\' : next, quoted: true });
    } else if (character === '$' && reader.peek(1) === "'" && reader.dialect !== 'dash') {
      reader.at += 2;
      parts.push({ part: 'text', text: readEscaped(reader), quoted: true });
    } else if (character === '$' && reader.peek(1) === '"' && reader.isBash) {
      reader.at += 2;
      readDoubleQuoted(reader, parts);
    } else if (character === '$' || character === '`') {
      const part = readExpansion(reader, false);
      if (part) parts.push(part);
      else {
        reader.at++;
        unquoted('$');
      }
    } else {
      reader.at++;
      if (character === '\n') reader.line++;
      unquoted(character);
    }
  }
  return parts;
}

/** `~` or `~name` at the beginning of a word, or behind `=` and `:` in an assignment. */
export function withTildes(parts: Part[], isAssigned: boolean): Part[] {
  const result: Part[] = [];
  const joined = joinedText(parts);
  for (const [i, part] of joined.entries()) {
    if (part.part !== 'text' || part.quoted) {
      result.push(part);
      continue;
    }
    const next = joined[i + 1];
    const pieces = isAssigned ? part.text.split(/(?<=:)/) : [part.text];
    for (const [j, piece] of pieces.entries()) {
      const canBegin = (i === 0 && j === 0) || (isAssigned && j > 0);
      const found = canBegin ? /^~([\w.-]*)(?=[/:]|$)/.exec(piece) : null;
      const isWhole = found && (found[0].length < piece.length || j < pieces.length - 1 || !next);
      if (!found || !isWhole) result.push({ ...part, text: piece });
      else {
        result.push({ part: 'tilde', user: found[1]! });
        if (found[0].length < piece.length) result.push({ ...part, text: piece.slice(found[0].length) });
      }
    }
  }
  return result;
}

/** The word that stands here; undefined where none does. */
export function readWord(reader: Reader): Word | undefined {
  reader.skipBlanks();
  const start = reader.at;
  const parts = readParts(reader, isMeta);
  if (reader.at === start) return undefined;
  return wordOf(withTildes(parts, false), reader.text.slice(start, reader.at));
}

/** The word of a `${…}`. In double quotes its text is quoted too, but for what is in quotes of its own. */
export function readWithin(reader: Reader, quoted: boolean, isEnd: (character: string) => boolean): Word {
  const start = reader.at;
  if (!quoted) {
    const parts = readParts(reader, isEnd);
    return wordOf(withTildes(parts, false), reader.text.slice(start, reader.at));
  }
  const parts: Part[] = [];
  while (!reader.isAtEnd && !isEnd(reader.peek())) {
    const character = reader.peek();
    if (character === '"') {
      reader.at++;
      readDoubleQuoted(reader, parts);
    } else if ('$`\\'.includes(character)) parts.push(readQuotedPiece(reader, '}'));
    else {
      reader.at++;
      if (character === '\n') reader.line++;
      parts.push({ part: 'text', text: character, quoted: true });
    }
  }
  return wordOf(parts, reader.text.slice(start, reader.at));
}

/** A text that is expanded as in double quotes, but for quotes: here-documents, prompts, arithmetic. */
export function readText(reader: Reader): Word {
  const parts: Part[] = [];
  while (!reader.isAtEnd) parts.push(readQuotedPiece(reader, ''));
  return wordOf(parts, reader.text);
}
