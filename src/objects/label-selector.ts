/** The `labelSelector` of a request: its grammar, errors and matching. Source: k8s.io/apimachinery/pkg/labels/selector.go. */
import { type FieldError, invalid } from './field-error.ts';
import { isLabelValue, isQualifiedName } from './names.ts';
import type { Labels } from './selectors.ts';

export type TextOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

export interface TextRequirement {
  key: string;
  operator: TextOperator;
  /** Sorted, without repeats. */
  values: string[];
}

export type TextSelector = TextRequirement[];

type TokenKind = 'end' | 'word' | 'error' | ')' | ',' | '!' | '==' | '=' | '>' | '<' | '!=' | '(' | 'in' | 'notin';

interface Token {
  kind: TokenKind;
  text: string;
}

const SYMBOLS: readonly string[] = [')', ',', '!', '==', '=', '>', '<', '!=', '('];
const BINARY = 'in, notin, =, ==, !=, gt, lt';

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text.charAt(i);
    if (/[ \t\r\n]/.test(c)) {
      i++;
      continue;
    }
    if (!/[=!(),<>]/.test(c)) {
      const word = /^[^=!(),<> \t\r\n]+/.exec(text.slice(i))?.[0] ?? '';
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'word', text: word });
      i += word.length;
      continue;
    }
    const two = text.slice(i, i + 2);
    const symbol = SYMBOLS.includes(two) ? two : c;
    tokens.push({ kind: symbol as TokenKind, text: symbol });
    i += symbol.length;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

/** Throws `Error` with the API server's message. An empty selector matches everything. */
export function parseLabelSelector(text: string): TextSelector {
  const tokens = tokenize(text);
  let position = 0;
  /** Where values are expected `in` and `notin` are plain words. */
  const peek = (words = true): Token => {
    const token = tokens[position] ?? { kind: 'end', text: '' };
    return words && (token.kind === 'in' || token.kind === 'notin') ? { kind: 'word', text: token.text } : token;
  };
  const take = (words = true): Token => {
    const token = peek(words);
    position++;
    return token;
  };
  const selector: TextSelector = [];
  for (;;) {
    const token = peek();
    if (token.kind === 'end') break;
    if (token.kind !== 'word' && token.kind !== '!')
      throw new Error(`found '${token.text}', expected: !, identifier, or 'end of string'`);
    try {
      selector.push(parseRequirement(peek, take));
    } catch (error) {
      throw new Error(`unable to parse requirement: ${(error as Error).message}`);
    }
    const after = take();
    if (after.kind === 'end') break;
    if (after.kind !== ',') throw new Error(`found '${after.text}', expected: ',' or 'end of string'`);
    const next = peek();
    if (next.kind !== 'word' && next.kind !== '!')
      throw new Error(`found '${next.text}', expected: identifier after ','`);
  }
  return selector.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

type Cursor = (words?: boolean) => Token;

function parseRequirement(peek: Cursor, take: Cursor): TextRequirement {
  let token = take();
  const negated = token.kind === '!';
  if (negated) token = take();
  if (token.kind !== 'word') throw new Error(`found '${token.text}', expected: identifier`);
  const key = token.text;
  const wrong = isQualifiedName(key);
  if (wrong.length > 0) throw new Error(print([invalid('<nil>', key, wrong.join('; '))]));
  const after = peek().kind;
  if (after === 'end' || after === ',') return requirement(key, negated ? '!' : 'exists', []);
  if (negated) return requirement(key, '!', []);
  const operator = take(false);
  switch (operator.kind) {
    case 'in':
    case 'notin':
      return requirement(key, operator.kind, parseValues(peek, take));
    case '=':
    case '==':
    case '!=':
      return requirement(key, operator.kind, [parseValue(peek, take)]);
    case '>':
    case '<':
      return requirement(key, operator.kind === '>' ? 'gt' : 'lt', [parseValue(peek, take)]);
    default:
      throw new Error(`found '${operator.text}', expected: ${BINARY}`);
  }
}

function parseValue(peek: Cursor, take: Cursor): string {
  const next = peek();
  if (next.kind === 'end' || next.kind === ',') return '';
  take();
  if (next.kind !== 'word') throw new Error(`found '${next.text}', expected: identifier`);
  return next.text;
}

function parseValues(peek: Cursor, take: Cursor): string[] {
  const open = take();
  if (open.kind !== '(') throw new Error(`found '${open.text}' expected: '('`);
  const first = peek();
  if (first.kind === ')') {
    take();
    return [''];
  }
  if (first.kind !== 'word' && first.kind !== ',')
    throw new Error(`found '${first.text}', expected: ',', ')' or identifier`);
  const values = new Set<string>();
  for (;;) {
    const token = take();
    if (token.kind === 'word') {
      values.add(token.text);
      const next = peek();
      if (next.kind === ')') break;
      if (next.kind !== ',') throw new Error(`found '${next.text}', expected: ',' or ')'`);
    } else if (token.kind === ',') {
      if (values.size === 0) values.add('');
      const next = peek().kind;
      if (next === ')' || next === ',') values.add('');
      if (next === ')') break;
    } else throw new Error(`found '${token.text}', expected: ',', or identifier`);
  }
  take();
  return [...values].sort();
}

function requirement(key: string, operator: TextOperator, values: string[]): TextRequirement {
  const errors: FieldError[] = [];
  if (operator === 'gt' || operator === 'lt')
    for (const [i, value] of values.entries())
      if (!/^[+-]?\d+$/.test(value))
        errors.push(invalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
  for (const [i, value] of values.entries()) {
    const wrong = isLabelValue(value);
    if (wrong.length > 0) errors.push(invalid(`values[${i}][${key}]`, value, wrong.join('; ')));
  }
  if (errors.length > 0) throw new Error(print(errors));
  return { key, operator, values };
}

function print(errors: FieldError[]): string {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

export function matchesTextSelector(selector: TextSelector, labels: Labels | undefined): boolean {
  return selector.every((r) => matchesTextRequirement(r, labels));
}

function matchesTextRequirement(r: TextRequirement, labels: Labels | undefined): boolean {
  const value = labels && Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && r.values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !r.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const limit = r.values[0];
      if (value === undefined || limit === undefined || !/^[+-]?\d+$/.test(value)) return false;
      return r.operator === 'gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
    }
    default:
      return r.operator satisfies never;
  }
}
