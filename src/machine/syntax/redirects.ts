/** Redirections. */
import type { Reader } from './reader.ts';
import { type Redirect, SyntaxFault } from './syntax.ts';

const OPERATORS = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '&>', '&>>', '<<', '<<-', '<<<']);

/** The redirection that stands here, with the number before it; undefined: none. @throws SyntaxFault */
export function readRedirect(reader: Reader): Redirect | undefined {
  reader.skipBlanks();
  const start = reader.at;
  const number = /\d+(?=[<>])/y;
  number.lastIndex = start;
  const digits = number.exec(reader.text)?.[0] ?? '';
  reader.at += digits.length;
  const operator = reader.operator();
  const isProcess = (operator === '<' || operator === '>') && reader.peek(1) === '(' && reader.dialect !== 'dash';
  if (!OPERATORS.has(operator) || isProcess) {
    reader.at = start;
    return undefined;
  }
  reader.at += operator.length;
  const redirect: Redirect = {
    descriptor: digits === '' ? undefined : Number(digits),
    operator: operator as Redirect['operator'],
    target: { parts: [] },
  };
  reader.skipBlanks();
  const target = reader.grammar.word(reader);
  if (!target) {
    if (reader.isBash && reader.isAtEnd)
      throw new SyntaxFault('newline', { line: reader.line, isIncomplete: reader.isPartial });
    throw reader.fault();
  }
  if (operator !== '<<' && operator !== '<<-') return { ...redirect, target };
  const isQuoted = /['"\\]/.test(target.source ?? '');
  const delimiter = isQuoted ? (target.source ?? '').replace(/\\(.)|['"]/gs, '$1') : (target.source ?? '');
  reader.await(redirect, delimiter, isQuoted);
  return redirect;
}
