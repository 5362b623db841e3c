/** The words of an awk program. */
import { Failure } from '../applet.ts';
import { BUILTINS } from './syntax.ts';

export type Token =
  | { kind: 'number'; value: number }
  | { kind: 'string' | 'regex' | 'name' | 'function-name' | 'builtin' | 'keyword' | 'operator'; text: string }
  | { kind: 'newline' | 'end' };

const KEYWORDS = new Set(
  'BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf'.split(
    ' ',
  ),
);

const OPERATORS = [
  '**=',
  '&&',
  '||',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '==',
  '<=',
  '>=',
  '!=',
  '!~',
  '>>',
  '**',
  ...'{}()[];,+-*/%^!<>|?:~$=',
];

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Escapes of a string, as awk has them. */
export const unescapeString = (text: string): string =>
  text.replace(/\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)/gs, (all, what: string) => {
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 255);
    if (/^x./.test(what)) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    return what === '\n' ? '' : (ESCAPES[what] ?? all);
  });

/** Behind these a `/` divides; anywhere else it begins a pattern. */
const ends = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind === 'number' ||
    token.kind === 'string' ||
    token.kind === 'name' ||
    (token.kind === 'builtin' && token.text === 'length') ||
    (token.kind === 'operator' && [')', ']', '$', '++', '--'].includes(token.text)));

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  for (;;) {
    match(/(?:[ \t\r]|\\\r?\n|#[^\n]*)*/y);
    if (at >= source.length) break;
    if (source[at] === '\n') {
      tokens.push({ kind: 'newline' });
      at++;
      continue;
    }
    const number = match(/0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) {
      tokens.push({ kind: 'number', value: Number(number) });
      continue;
    }
    const name = match(/[A-Za-z_]\w*/y);
    if (name !== undefined) {
      tokens.push(word(name, source[at] === '('));
      continue;
    }
    if (source[at] === '"') {
      const text = match(/"(?:\\.|[^"\\\n])*"/sy);
      if (text === undefined) throw new Failure('unterminated string', 2);
      tokens.push({ kind: 'string', text: unescapeString(text.slice(1, -1)) });
      continue;
    }
    if (source[at] === '/' && !ends(tokens.at(-1))) {
      const text = match(/\/(?:\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\n])*\]|[^/\\\n[])*\//y);
      if (text === undefined) throw new Failure('unterminated regexp', 2);
      tokens.push({ kind: 'regex', text: text.slice(1, -1).replaceAll('\\/', '/') });
      continue;
    }
    const operator = OPERATORS.find((candidate) => source.startsWith(candidate, at));
    if (operator === undefined) throw new Failure(`unexpected character '${source[at]}'`, 2);
    at += operator.length;
    tokens.push({ kind: 'operator', text: operator === '**' ? '^' : operator === '**=' ? '^=' : operator });
  }
  tokens.push({ kind: 'end' });
  return tokens;
}

function word(name: string, isCalled: boolean): Token {
  if (KEYWORDS.has(name)) return { kind: 'keyword', text: name === 'func' ? 'function' : name };
  if (BUILTINS.has(name)) return { kind: 'builtin', text: name };
  return { kind: isCalled ? 'function-name' : 'name', text: name };
}
