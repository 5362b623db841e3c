/** Reads a script: lists, pipelines and simple commands, one complete command after the other, as shells run them. */
import { readCompound } from './compounds.ts';
import { type Grammar, RESERVED, Reader } from './reader.ts';
import { readRedirect } from './redirects.ts';
import { readSimple } from './simple.ts';
import { type Command, type Dialect, MAX_SCRIPT_BYTES, SyntaxFault, type Word } from './syntax.ts';
import { readText, readWithin, readWord } from './words.ts';

const GRAMMAR: Grammar = {
  list: readList,
  command: readCommand,
  word: readWord,
  within: readWithin,
  hereDocument(reader, text, line): Word {
    const inner = new Reader(text, reader.dialect, GRAMMAR, line);
    inner.depth = reader.depth;
    inner.enter();
    return readText(inner);
  },
};

/** Whether a list ends here: at the end, at an operator or reserved word that closes what it is in. */
function isEnd(reader: Reader, ends: ReadonlySet<string>): boolean {
  if (reader.isAtEnd) return true;
  const operator = reader.operator();
  if (operator !== '') return ends.has(operator);
  return ends.has(reader.bare());
}

/** Commands up to one of the `ends`, which is not passed over. */
function readList(reader: Reader, ends: ReadonlySet<string>): Command {
  const { line } = reader;
  const parts: Command[] = [];
  reader.skipNewlines();
  while (!isEnd(reader, ends)) {
    parts.push(readItem(reader));
    reader.skipNewlines();
  }
  return parts.length === 1 ? parts[0]! : { command: 'list', parts, line };
}

/** One command of a list with its `;` or `&`. */
function readItem(reader: Reader): Command {
  const command = readAndOr(reader);
  reader.skipBlanks();
  const operator = reader.operator();
  if (operator === '&') {
    reader.at++;
    return { command: 'async', body: command, line: command.line };
  }
  if (operator === ';') reader.at++;
  return command;
}

function readAndOr(reader: Reader): Command {
  let left = readPipeline(reader);
  for (;;) {
    reader.skipBlanks();
    const operator = reader.operator();
    if (operator !== '&&' && operator !== '||') return left;
    reader.at += 2;
    reader.skipNewlines();
    left = { command: operator === '&&' ? 'and' : 'or', left, right: readPipeline(reader), line: left.line };
  }
}

function readPipeline(reader: Reader): Command {
  reader.skipBlanks();
  const { line } = reader;
  let isNot = false;
  let isTimed = false;
  for (;;) {
    if ((!isNot || reader.isBash) && reader.takeReserved('!')) isNot = !isNot;
    else if (!isTimed && reader.isBash && reader.takeReserved('time')) {
      isTimed = true;
      reader.takeReserved('-p');
    } else break;
  }
  reader.skipBlanks();
  if (isNot && reader.isBash && (reader.isAtEnd || /^[;\n&)]/.test(reader.peek()))) {
    return { command: 'pipeline', parts: [{ command: 'list', parts: [], line }], isNot, isTimed, line };
  }
  const parts = [readCommand(reader)];
  for (;;) {
    reader.skipBlanks();
    if (reader.operator() !== '|') break;
    reader.at++;
    if (reader.peek() === '&' && reader.isBash) {
      reader.at++;
      const last = parts.at(-1)!;
      last.redirects = [
        ...(last.redirects ?? []),
        { descriptor: 2, operator: '>&', target: { parts: [], plain: '1' } },
      ];
    }
    reader.skipNewlines();
    parts.push(readCommand(reader));
  }
  if (parts.length === 1 && !isNot && !isTimed) return parts[0]!;
  return { command: 'pipeline', parts, isNot, isTimed, line };
}

function readCommand(reader: Reader): Command {
  reader.enter();
  const compound = readCompound(reader);
  if (compound) {
    for (;;) {
      const redirect = readRedirect(reader);
      if (!redirect) break;
      compound.redirects = [...(compound.redirects ?? []), redirect];
    }
    reader.leave();
    return compound;
  }
  if (RESERVED.has(reader.bare()) && reader.bare() !== 'in') throw reader.fault();
  const simple = readSimple(reader);
  if (!simple) throw reader.fault();
  reader.leave();
  return simple;
}

/** A script, read as it is run. */
export class Parser {
  readonly #reader: Reader;

  constructor(text: string, dialect: Dialect, how: { line?: number; isPartial?: boolean } = {}) {
    this.#reader = new Reader(text, dialect, GRAMMAR, how.line);
    this.#reader.isPartial = how.isPartial ?? false;
  }

  /** The next complete command: what stands up to the end of a line. Undefined: there is none. @throws SyntaxFault */
  next(): Command | undefined {
    const reader = this.#reader;
    reader.depth = 0;
    if (reader.text.length > MAX_SCRIPT_BYTES) throw new SyntaxFault('script too long', { line: 1 });
    reader.skipNewlines();
    if (reader.isAtEnd) return undefined;
    const { line } = reader;
    const parts: Command[] = [];
    for (;;) {
      parts.push(readItem(reader));
      reader.skipBlanks();
      if (reader.isAtEnd) {
        reader.readHereDocuments();
        break;
      }
      if (reader.takeNewline()) break;
      if (isSeparator(reader)) continue;
      throw reader.fault();
    }
    return parts.length === 1 ? parts[0]! : { command: 'list', parts, line };
  }

  /** Whether nothing but blanks and comments is left. */
  get isAtEnd(): boolean {
    return /^(?:\s|#[^\n]*(?:\n|$))*$/.test(this.#reader.text.slice(this.#reader.at));
  }

  /** The line that is being read, for messages. */
  get lineText(): string {
    const { text, at } = this.#reader;
    const start = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
    const end = text.indexOf('\n', at);
    return text.slice(start, end < 0 ? undefined : end);
  }
}

/** Whether the item before has ended, so that another may follow on the line. */
function isSeparator(reader: Reader): boolean {
  const before = reader.text.slice(0, reader.at).trimEnd().at(-1);
  return before === ';' || before === '&';
}

/** A text with expansions, such as a prompt or a here-document. @throws SyntaxFault */
export const parseText = (text: string, dialect: Dialect): Word => readText(new Reader(text, dialect, GRAMMAR));
