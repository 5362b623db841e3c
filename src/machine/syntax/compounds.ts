/** Compound commands: if, for, while, until, case, groups, subshells, functions, `[[ ]]` and `(( ))`. */

import { readCondition } from './condition.ts';
import type { Reader } from './reader.ts';
import { functionOf } from './simple.ts';
import { arithmeticEnd, expressionOf } from './substitutions.ts';
import { type Command, type CommandOf, SyntaxFault, type Word } from './syntax.ts';

const THEN = new Set(['then']);
const ARM = new Set(['elif', 'else', 'fi']);
const FI = new Set(['fi']);
const DO = new Set(['do']);
const DONE = new Set(['done']);
const BRACE = new Set(['}']);
const PARENTHESIS = new Set([')']);
const CASE_END = new Set([';;', ';&', ';;&', 'esac']);

/** Commands of which there has to be at least one, up to the word that ends them. */
function body(reader: Reader, ends: ReadonlySet<string>): Command {
  const list = reader.grammar.list(reader, ends);
  if (list.command === 'list' && list.parts.length === 0) {
    throw reader.isAtEnd ? reader.fault([...ends].at(-1)) : reader.fault();
  }
  return list;
}

/** The compound command that stands here; undefined: none does. @throws SyntaxFault */
export function readCompound(reader: Reader): Command | undefined {
  reader.skipBlanks();
  const { line } = reader;
  if (reader.peek() === '(') return readParenthesis(reader, line);
  switch (reader.bare()) {
    case '{':
      reader.at++;
      return { command: 'group', body: closed(reader, BRACE, '}'), line };
    case 'if':
      reader.at += 2;
      return readIf(reader, line);
    case 'while':
    case 'until': {
      const command = reader.bare() as 'while' | 'until';
      reader.at += 5;
      const test = body(reader, DO);
      reader.expect('do');
      return { command, test, body: closed(reader, DONE, 'done'), line };
    }
    case 'for':
      reader.at += 3;
      return readFor(reader, line);
    case 'case':
      reader.at += 4;
      return readCase(reader, line);
    case 'function':
      return reader.dialect === 'dash' ? undefined : readNamed(reader, line);
    case '[[':
      if (reader.dialect === 'dash') return undefined;
      reader.at += 2;
      return { command: 'test', test: readCondition(reader), line };
    default:
      return undefined;
  }
}

function closed(reader: Reader, ends: ReadonlySet<string>, end: string): Command {
  const list = body(reader, ends);
  reader.expect(end);
  return list;
}

function readParenthesis(reader: Reader, line: number): Command {
  if (reader.peek(1) === '(' && reader.isBash) {
    const end = arithmeticEnd(reader.text, reader.at + 2);
    if (end !== undefined) {
      const text = reader.text.slice(reader.at + 2, end);
      reader.at = end + 2;
      return { command: 'arithmetic', expression: expressionOf(reader, text), line };
    }
  }
  reader.at++;
  return { command: 'subshell', body: closed(reader, PARENTHESIS, ')'), line };
}

function readIf(reader: Reader, line: number): Command {
  const arms: CommandOf<'if'>['arms'] = [];
  let otherwise: Command | undefined;
  for (;;) {
    const test = body(reader, THEN);
    reader.expect('then');
    arms.push({ test, body: body(reader, ARM) });
    if (reader.takeReserved('elif')) continue;
    if (reader.takeReserved('else')) otherwise = body(reader, FI);
    reader.expect('fi');
    return { command: 'if', arms, otherwise, line };
  }
}

function readFor(reader: Reader, line: number): Command {
  reader.skipBlanks();
  if (reader.isBash && reader.startsWith('((')) return readLoop(reader, line);
  const name = reader.bare();
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    if (reader.isBash && (reader.isAtEnd || reader.operator() !== '' || reader.peek() === '\n')) throw reader.fault();
    throw new SyntaxFault('bad for loop variable', { line: reader.line });
  }
  reader.at += name.length;
  reader.skipNewlines();
  let words: Word[] | undefined;
  if (reader.takeReserved('in')) {
    words = [];
    for (;;) {
      const word = reader.grammar.word(reader);
      if (!word) break;
      words.push(word);
    }
    reader.skipBlanks();
    if (reader.operator() === ';') reader.at++;
    else if (reader.peek() !== '\n') throw reader.fault();
  } else {
    reader.skipBlanks();
    if (reader.operator() === ';') reader.at++;
  }
  reader.skipNewlines();
  return { command: 'for', name, words, body: readDo(reader), line };
}

/** `do … done`, or in bash `{ … }`. */
function readDo(reader: Reader): Command {
  if (reader.isBash && reader.takeReserved('{')) return closed(reader, BRACE, '}');
  reader.expect('do');
  return closed(reader, DONE, 'done');
}

/** `for ((first; test; step))`. */
function readLoop(reader: Reader, line: number): Command {
  const end = arithmeticEnd(reader.text, reader.at + 2);
  const parts = end === undefined ? [] : reader.text.slice(reader.at + 2, end).split(';');
  if (end === undefined || parts.length !== 3) throw reader.fault();
  reader.at = end + 2;
  const [first, test, step] = parts.map((part) => expressionOf(reader, part.trim())) as [Word, Word, Word];
  reader.skipBlanks();
  if (reader.operator() === ';') reader.at++;
  reader.skipNewlines();
  return { command: 'loop', first, test, step, body: readDo(reader), line };
}

function readCase(reader: Reader, line: number): Command {
  const word = reader.grammar.word(reader);
  if (!word) throw reader.fault();
  reader.skipNewlines();
  reader.expect('in');
  reader.skipNewlines();
  const arms: CommandOf<'case'>['arms'] = [];
  while (!reader.takeReserved('esac')) {
    if (reader.isAtEnd) throw reader.fault('esac');
    reader.skipBlanks();
    if (reader.operator() === '(') reader.at++;
    const patterns: Word[] = [];
    for (;;) {
      const pattern = reader.grammar.word(reader);
      if (!pattern) throw reader.fault();
      patterns.push(pattern);
      reader.skipBlanks();
      if (reader.operator() !== '|') break;
      reader.at++;
    }
    reader.expect(')');
    const list = reader.grammar.list(reader, CASE_END);
    reader.skipBlanks();
    const operator = reader.operator();
    const end = operator === ';&' || operator === ';;&' ? operator : ';;';
    if (CASE_END.has(operator)) reader.at += operator.length;
    arms.push({ patterns, body: list, end });
    reader.skipNewlines();
    if (operator === '' && reader.bare() !== 'esac') throw reader.fault(';;');
  }
  return { command: 'case', word, arms, line };
}

/** `function name [()] command`. */
function readNamed(reader: Reader, line: number): Command {
  reader.at += 'function'.length;
  reader.skipBlanks();
  const name = reader.bare();
  if (name === '') throw reader.fault();
  reader.at += name.length;
  reader.skipBlanks();
  if (reader.peek() === '(') {
    reader.at++;
    reader.expect(')');
  }
  return functionOf(reader, name, line);
}
