/** The tokens of CEL, numbered in the order in which cel-go's grammar has them, which is the order that error messages list them in. */

export const EOF = 0;
export const T = {
  equals: 1,
  notEquals: 2,
  in: 3,
  less: 4,
  lessEquals: 5,
  greaterEquals: 6,
  greater: 7,
  and: 8,
  or: 9,
  leftBracket: 10,
  rightBracket: 11,
  leftBrace: 12,
  rightBrace: 13,
  leftParen: 14,
  rightParen: 15,
  dot: 16,
  comma: 17,
  minus: 18,
  not: 19,
  question: 20,
  colon: 21,
  plus: 22,
  star: 23,
  slash: 24,
  percent: 25,
  true: 26,
  false: 27,
  null: 28,
  float: 31,
  int: 32,
  uint: 33,
  string: 34,
  bytes: 35,
  identifier: 36,
  escapedIdentifier: 37,
} as const;

const FIXED: [number, string][] = [
  [T.equals, '=='],
  [T.notEquals, '!='],
  [T.in, 'in'],
  [T.less, '<'],
  [T.lessEquals, '<='],
  [T.greaterEquals, '>='],
  [T.greater, '>'],
  [T.and, '&&'],
  [T.or, '||'],
  [T.leftBracket, '['],
  [T.rightBracket, ']'],
  [T.leftBrace, '{'],
  [T.rightBrace, '}'],
  [T.leftParen, '('],
  [T.rightParen, ')'],
  [T.dot, '.'],
  [T.comma, ','],
  [T.minus, '-'],
  [T.not, '!'],
  [T.question, '?'],
  [T.colon, ':'],
  [T.plus, '+'],
  [T.star, '*'],
  [T.slash, '/'],
  [T.percent, '%'],
  [T.true, 'true'],
  [T.false, 'false'],
  [T.null, 'null'],
];

const NAMES = new Map<number, string>([
  [EOF, '<EOF>'],
  ...FIXED.map(([type, text]): [number, string] => [type, `'${text}'`]),
  [T.float, 'NUM_FLOAT'],
  [T.int, 'NUM_INT'],
  [T.uint, 'NUM_UINT'],
  [T.string, 'STRING'],
  [T.bytes, 'BYTES'],
  [T.identifier, 'IDENTIFIER'],
  [T.escapedIdentifier, 'ESC_IDENTIFIER'],
]);

/** Tokens that are one text, by it. */
export const FIXED_TOKENS: ReadonlyMap<string, number> = new Map(FIXED.map(([type, text]) => [text, type]));

/** As a message lists what it expected: `')'`, or `{']', ','}`. */
export function describeTokens(types: Iterable<number>): string {
  const names = [...types].sort((a, b) => a - b).map((type) => NAMES.get(type)!);
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
}

export interface Token {
  type: number;
  /** In UTF-16 units; `end` is exclusive. */
  start: number;
  end: number;
  text: string;
}
