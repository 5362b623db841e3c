/** Simple commands: assignments, words, redirections. */
import { isMeta, type Reader } from './reader.ts';
import { readRedirect } from './redirects.ts';
import { type Assignment, type Command, type Redirect, SyntaxFault, type Word } from './syntax.ts';
import { readParts, readWithin, withTildes, wordOf } from './words.ts';

const ASSIGNMENT = /([A-Za-z_]\w*)(?:(\[)|(\+?=))/y;
/** Builtins whose arguments may be assignments, which are not cut into words. */
const DECLARING = new Set(['export', 'local', 'readonly', 'declare', 'typeset', 'alias']);

/** `name=value`, `name+=value`, `name[i]=value` or `name=(…)`; undefined: no assignment stands here. */
function readAssignment(reader: Reader): Assignment | undefined {
  ASSIGNMENT.lastIndex = reader.at;
  const found = ASSIGNMENT.exec(reader.text);
  if (!found) return undefined;
  const start = reader.at;
  const assignment: Assignment = { name: found[1]!, isAppended: false, value: undefined };
  reader.at += found[1]!.length;
  if (found[2]) {
    if (!reader.isBash) return back(reader, start);
    reader.at++;
    assignment.index = readWithin(reader, false, (character) => character === ']' || character === '\n');
    if (!reader.take(']')) return back(reader, start);
  }
  if (reader.take('+=')) {
    if (!reader.isBash) return back(reader, start);
    assignment.isAppended = true;
  } else if (!reader.take('=')) return back(reader, start);
  if (reader.isBash && reader.peek() === '(') {
    reader.at++;
    assignment.elements = readElements(reader);
    return assignment;
  }
  const from = reader.at;
  assignment.value = wordOf(withTildes(readParts(reader, isMeta), true), reader.text.slice(from, reader.at));
  return assignment;
}

function back(reader: Reader, start: number): undefined {
  reader.at = start;
  return undefined;
}

function readElements(reader: Reader): NonNullable<Assignment['elements']> {
  const elements: NonNullable<Assignment['elements']> = [];
  for (;;) {
    reader.skipNewlines();
    if (reader.take(')')) return elements;
    let index: Word | undefined;
    if (/\[[^\]\s]*\]=/y.exec(reader.text.slice(reader.at, reader.at + 200))) {
      reader.at++;
      index = readWithin(reader, false, (character) => character === ']');
      reader.at += 2;
    }
    const value = reader.grammar.word(reader) ?? (index && { parts: [], plain: '' });
    if (!value) throw reader.fault(')');
    elements.push(index ? { index, value } : { value });
  }
}

/** `name=value` as an argument of a builtin that declares: a word that is not cut. */
function readDeclaration(reader: Reader): Word | Assignment | undefined {
  const start = reader.at;
  const assignment = readAssignment(reader);
  if (!assignment) return undefined;
  if (assignment.elements || assignment.index) return assignment;
  const sign = assignment.isAppended ? '+=' : '=';
  const parts = [
    { part: 'text' as const, text: `${assignment.name}${sign}`, quoted: true },
    // Quoted, so that it stays one word.
    ...assignment.value!.parts.map((part) =>
      part.part === 'text' || !('quoted' in part) ? part : { ...part, quoted: true },
    ),
  ];
  const quoted = parts.map((part) => (part.part === 'text' ? { ...part, quoted: true } : part));
  return wordOf(quoted, reader.text.slice(start, reader.at));
}

/** A simple command, or the definition of a function; undefined: none stands here. */
export function readSimple(reader: Reader): Command | undefined {
  reader.skipBlanks();
  const { line } = reader;
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    reader.skipBlanks();
    const redirect = readRedirect(reader);
    if (redirect) {
      redirects.push(redirect);
      continue;
    }
    const isDeclaring = words.length > 0 && DECLARING.has(words[0]!.plain ?? '');
    const assignment = words.length === 0 ? readAssignment(reader) : isDeclaring ? readDeclaration(reader) : undefined;
    if (assignment && 'name' in assignment) {
      assignments.push(words.length > 0 ? { ...assignment, isArgument: true } : assignment);
      if (words.length > 0) words.push({ parts: [], plain: assignment.name });
      continue;
    }
    const word = assignment ?? reader.grammar.word(reader);
    if (!word) break;
    words.push(word);
    if (words.length === 1 && isFunction(reader, word, assignments, redirects)) return readFunction(reader, word, line);
  }
  if (assignments.length + words.length + redirects.length === 0) return undefined;
  const simple: Command = { command: 'simple', assignments, words, line };
  if (redirects.length > 0) simple.redirects = redirects;
  return simple;
}

function isFunction(reader: Reader, word: Word, assignments: Assignment[], redirects: Redirect[]): boolean {
  if (assignments.length + redirects.length > 0) return false;
  reader.skipBlanks();
  return reader.peek() === '(' && (word.plain !== undefined || !reader.isBash);
}

/** `name() command`. */
function readFunction(reader: Reader, word: Word, line: number): Command {
  reader.at++;
  reader.expect(')');
  const name = word.plain ?? '';
  if (reader.dialect === 'bash' ? /[$'"\\]/.test(word.source ?? '') : !/^[A-Za-z_]\w*$/.test(name)) {
    throw new SyntaxFault('bad function name', { line });
  }
  return functionOf(reader, name, line);
}

/** The body of a function, and its text. */
export function functionOf(reader: Reader, name: string, line: number): Command {
  reader.skipNewlines();
  const start = reader.at;
  const body = reader.grammar.command(reader);
  return { command: 'function', name, body, source: reader.text.slice(start, reader.at), line };
}
