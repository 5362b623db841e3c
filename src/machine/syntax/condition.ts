/** `[[ … ]]`: its words are neither cut nor looked up as names of files. */
import { isMeta, type Reader } from './reader.ts';
import { SyntaxFault, type Test, type Word } from './syntax.ts';
import { readParts, withTildes, wordOf } from './words.ts';

const UNARY = /^-[a-hknoprstuvwxzGLNORS]$/;
const BINARY = new Set([
  '=',
  '==',
  '!=',
  '=~',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
]);

export function readCondition(reader: Reader): Test {
  reader.enter();
  const test = readOr(reader);
  reader.skipNewlines();
  if (!reader.takeReserved(']]')) throw conditionFault(reader);
  reader.leave();
  return test;
}

const conditionFault = (reader: Reader): SyntaxFault => {
  if (reader.isAtEnd) return reader.fault(']]');
  return new SyntaxFault('conditional expression', { line: reader.line, token: reader.bare() || reader.operator() });
};

function readOr(reader: Reader): Test {
  let left = readAnd(reader);
  for (;;) {
    reader.skipNewlines();
    if (!reader.take('||')) return left;
    left = { test: 'or', left, right: readAnd(reader) };
  }
}

function readAnd(reader: Reader): Test {
  let left = readPrimary(reader);
  for (;;) {
    reader.skipNewlines();
    if (!reader.take('&&')) return left;
    left = { test: 'and', left, right: readPrimary(reader) };
  }
}

function readPrimary(reader: Reader): Test {
  reader.enter();
  try {
    reader.skipNewlines();
    if (reader.takeReserved('!')) return { test: 'not', operand: readPrimary(reader) };
    if (reader.take('(')) {
      const inner = readOr(reader);
      reader.skipNewlines();
      if (!reader.take(')')) throw conditionFault(reader);
      return inner;
    }
    const bare = reader.bare();
    if (UNARY.test(bare)) {
      const back = reader.at;
      reader.at += bare.length;
      const operand = readOperand(reader);
      if (operand && operand.plain !== ']]' && !BINARY.has(operand.plain ?? ''))
        return { test: 'unary', operator: bare, operand };
      reader.at = back;
    }
    const left = readOperand(reader);
    if (!left || left.plain === ']]') throw conditionFault(reader);
    return readBinary(reader, left);
  } finally {
    reader.leave();
  }
}

function readOperand(reader: Reader): Word | undefined {
  return reader.grammar.word(reader);
}

function readBinary(reader: Reader, left: Word): Test {
  reader.skipBlanks();
  const sign = /(?:==|=~|!=|=|<|>|-[a-z]{2})(?=\s)/y;
  sign.lastIndex = reader.at;
  const operator = sign.exec(reader.text)?.[0];
  if (!operator || !BINARY.has(operator)) return { test: 'unary', operator: '-n', operand: left };
  reader.at += operator.length;
  reader.skipBlanks();
  const right = operator === '=~' ? readPattern(reader) : readOperand(reader);
  if (!right) throw conditionFault(reader);
  return { test: 'binary', operator, left, right };
}

/** A regular expression: parentheses and bars belong to it. */
function readPattern(reader: Reader): Word | undefined {
  const start = reader.at;
  let depth = 0;
  const parts = readParts(reader, (character) => {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    return character === '\n' || (isMeta(character) && !'()|<>'.includes(character) && depth <= 0);
  });
  return reader.at === start ? undefined : wordOf(withTildes(parts, false), reader.text.slice(start, reader.at));
}
