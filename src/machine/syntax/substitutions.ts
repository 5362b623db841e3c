/** `$(…)`, backquotes, `$((…))` and `<(…)`. */
import { Reader } from './reader.ts';
import { type Command, type Part, SyntaxFault, type Word } from './syntax.ts';

const CLOSING = new Set([')']);

/** The commands up to the closing parenthesis. */
function readBody(reader: Reader): Command {
  reader.enter();
  const body = reader.grammar.list(reader, CLOSING);
  reader.skipNewlines();
  if (!reader.take(')')) {
    if (!reader.isAtEnd) throw reader.fault(')');
    throw new SyntaxFault('end of file', { line: reader.line, expecting: ')', token: ')', isIncomplete: true });
  }
  reader.leave();
  return body;
}

/** `$(…)`. */
export function readCommand(reader: Reader, quoted: boolean): Part {
  reader.at += 2;
  return { part: 'command', body: readBody(reader), quoted };
}

/** `<(…)` and `>(…)`. */
export function readProcess(reader: Reader): Part {
  const way = reader.peek() as '<' | '>';
  reader.at += 2;
  return { part: 'process', way, body: readBody(reader) };
}

/** The script between backquotes, in which some backslashes are gone. */
export function readBackquotes(reader: Reader, quoted: boolean): Part {
  const { line } = reader;
  reader.at++;
  let text = '';
  for (;;) {
    if (reader.isAtEnd) {
      throw new SyntaxFault('EOF in backquote substitution', { line, isIncomplete: true, token: '`' });
    }
    const character = reader.peek();
    reader.at++;
    if (character === '`') break;
    if (character === '\n') reader.line++;
    const next = reader.peek();
    if (character === '\\' && (next === '`' || next === '\\' || next === '$' || (quoted && next === '"'))) {
      text += next;
      reader.at++;
    } else text += character;
  }
  const inner = new Reader(text, reader.dialect, reader.grammar, line);
  inner.depth = reader.depth;
  inner.enter();
  const body = inner.grammar.list(inner, new Set());
  if (!inner.isAtEnd) throw inner.fault();
  return { part: 'command', body, quoted };
}

/** Where an arithmetic text ends whose first character stands at `from`: the place of its `))`. */
export function arithmeticEnd(text: string, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === "'") {
      const end = text.indexOf("'", i + 1);
      if (end > 0) i = end;
    } else if (character === '(') depth++;
    else if (character === ')') {
      if (depth === 0) return text[i + 1] === ')' ? i : undefined;
      depth--;
    }
  }
  return undefined;
}

/** The expression as a word that is expanded before it is worked out. */
export function expressionOf(reader: Reader, text: string): Word {
  return reader.grammar.hereDocument(reader, text, reader.line);
}

/** `$((…))`; undefined where it is a command in parentheses after all. */
export function readArithmetic(reader: Reader, quoted: boolean): Part | undefined {
  const start = reader.at + 3;
  const end = arithmeticEnd(reader.text, start);
  if (end === undefined) return undefined;
  const text = reader.text.slice(start, end);
  const expression = expressionOf(reader, text.replaceAll('"', ''));
  for (const character of text) if (character === '\n') reader.line++;
  reader.at = end + 2;
  return { part: 'arithmetic', expression, quoted };
}
