/** `$name` and `${name…}`. */
import type { Reader } from './reader.ts';
import { type Dialect, type Parameter, type Part, SyntaxFault } from './syntax.ts';

const NAME = /[A-Za-z_]\w*/y;
const SPECIAL = '@*#?-$!0123456789';
const OPERATORS = [
  ':-',
  ':=',
  ':?',
  ':+',
  '##',
  '%%',
  '//',
  '/#',
  '/%',
  '^^',
  ',,',
  '-',
  '=',
  '?',
  '+',
  '#',
  '%',
  ':',
  '/',
  '^',
  ',',
  '@',
];
/** Whose word is a pattern: quotes in it quote, also within double quotes. */
const OF_PATTERNS = new Set(['#', '##', '%', '%%', '/', '//', '/#', '/%', '^', '^^', ',', ',,']);

const nameAt = (reader: Reader): string => {
  NAME.lastIndex = reader.at;
  return NAME.exec(reader.text)?.[0] ?? '';
};

const badSubstitution = (reader: Reader): SyntaxFault => new SyntaxFault('bad substitution', { line: reader.line });

/** What stands at a `$`; undefined: a dollar sign. */
export function readParameter(reader: Reader, quoted: boolean): Part | undefined {
  const next = reader.peek(1);
  if (next === '{') return readBraced(reader, quoted);
  if (next !== '' && SPECIAL.includes(next)) {
    reader.at += 2;
    return { part: 'parameter', name: next, quoted };
  }
  reader.at++;
  const name = nameAt(reader);
  if (name === '') {
    reader.at--;
    return undefined;
  }
  reader.at += name.length;
  return { part: 'parameter', name, quoted };
}

function readName(reader: Reader): string {
  const name = nameAt(reader) || /\d+/y.exec(reader.text.slice(reader.at, reader.at + 10))?.[0] || '';
  if (name !== '') {
    reader.at += name.length;
    return name;
  }
  const special = reader.peek();
  if (special === '' || !SPECIAL.includes(special)) return '';
  reader.at++;
  return special;
}

function readBraced(reader: Reader, quoted: boolean): Parameter {
  reader.enter();
  reader.at += 2;
  const parameter: Parameter = { part: 'parameter', name: '', quoted };
  if (
    reader.peek() === '#' &&
    reader.peek(1) !== '}' &&
    !/^#[-+=?:#%]/.test(reader.text.slice(reader.at, reader.at + 2))
  ) {
    parameter.isLength = true;
    reader.at++;
  } else if (reader.peek() === '!' && reader.peek(1) !== '}' && reader.isBash) {
    parameter.isIndirect = true;
    reader.at++;
  }
  parameter.name = readName(reader);
  if (reader.isAtEnd) throw endOf(reader);
  if (reader.peek() === '[' && reader.isBash && /^[A-Za-z_]/.test(parameter.name)) {
    reader.at++;
    parameter.index = reader.grammar.within(reader, quoted, (character) => character === ']');
    if (!reader.take(']')) throw badSubstitution(reader);
  }
  if (!reader.take('}')) readOperator(reader, parameter, quoted);
  else if (parameter.name === '') {
    // What is wrong with it is said when it is expanded.
    parameter.operator = 'bad';
  }
  reader.leave();
  return parameter;
}

function endOf(reader: Reader): SyntaxFault {
  return new SyntaxFault("missing '}'", { line: reader.line, isIncomplete: true, token: '}' });
}

function isKnown(dialect: Dialect, operator: string): boolean {
  if (dialect === 'bash' || /^(?::?[-=?+]|[#%]{1,2})$/.test(operator)) return true;
  return dialect === 'ash' && (operator === ':' || operator.startsWith('/'));
}

function readOperator(reader: Reader, parameter: Parameter, quoted: boolean): void {
  const isOther = parameter.name === '' || parameter.isLength;
  const operator = isOther ? undefined : OPERATORS.find((each) => reader.startsWith(each));
  const isPlace = (character: string): boolean => character === '}';
  if (operator === undefined || !isKnown(reader.dialect, operator)) {
    parameter.operator = 'bad';
    reader.grammar.within(reader, quoted, isPlace);
    if (!reader.take('}')) throw endOf(reader);
    return;
  }
  parameter.operator = operator;
  reader.at += operator.length;
  const isPattern = OF_PATTERNS.has(operator);
  const within = quoted && !isPattern;
  if (operator === ':') {
    parameter.word = reader.grammar.within(reader, within, (character) => character === ':' || character === '}');
    if (reader.take(':')) parameter.second = reader.grammar.within(reader, within, isPlace);
  } else if (operator.startsWith('/')) {
    parameter.word = reader.grammar.within(reader, false, (character) => character === '/' || character === '}');
    if (reader.take('/')) parameter.second = reader.grammar.within(reader, quoted, isPlace);
  } else parameter.word = reader.grammar.within(reader, within, isPlace);
  if (!reader.take('}')) throw endOf(reader);
}
