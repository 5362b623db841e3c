import { describe, expect, it } from 'vitest';
import { MAX_RULE_MESSAGE_BYTES, RULES_COST_BUDGET, validateRules } from './rule-validation.ts';
import { rulesOf } from './rules.ts';
import type { Schema } from './schema.ts';

type Rule = NonNullable<Schema['x-kubernetes-validations']>[number];

const ruled = (schema: Schema, ...rules: (string | Rule)[]): Schema => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
});
const TEXT: Schema = { type: 'string' };
const NUMBER: Schema = { type: 'integer' };
const object = (properties: Record<string, Schema>): Schema => ({ type: 'object', properties });
const list = (items: Schema, more: Partial<Schema> = {}): Schema => ({ type: 'array', items, ...more });

interface Before {
  old?: unknown;
}

function check(schema: Schema, value: unknown, { old }: Before = {}): { errors: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const node = rulesOf(schema, false);
  if (!node) return { errors: ['no rules'], warnings };
  const before = old === undefined ? undefined : { old, schema };
  const errors = validateRules(node, value, '', { old, before, warn: (text) => void warnings.push(text) });
  return { errors: errors.map(({ field, message }) => `${field}: ${message}`), warnings };
}

const errorsOf = (schema: Schema, value: unknown, before?: Before): string[] => check(schema, value, before).errors;

describe('what is told of a rule that does not hold', () => {
  it.each<[string, Rule, string]>([
    ['the rule', { rule: 'self > 1' }, 'Invalid value: 1: failed rule: self > 1'],
    ['its message', { rule: 'self > 1', message: ' more ' }, 'Invalid value: 1: more'],
    ['what it makes', { rule: 'self > 1', messageExpression: '"not " + string(self)' }, 'Invalid value: 1: not 1'],
    [
      'its message, where it makes none',
      { rule: 'self > 1', message: 'more', messageExpression: '" "' },
      'Invalid value: 1: more',
    ],
    [
      'its message, where what it makes has lines',
      { rule: 'self > 1', message: 'more', messageExpression: '"a\\nb"' },
      'Invalid value: 1: more',
    ],
    [
      'its message, where what it makes fails',
      { rule: 'self > 1', message: 'more', messageExpression: 'string(self / 0)' },
      'Invalid value: 1: more',
    ],
    ['that it is forbidden', { rule: 'self > 1', message: 'm', reason: 'FieldValueForbidden' }, 'Forbidden: m'],
    ['that it is needed', { rule: 'self > 1', message: 'm', reason: 'FieldValueRequired' }, 'Required value: m'],
    ['that it is there', { rule: 'self > 1', reason: 'FieldValueDuplicate' }, 'Duplicate value: 1'],
  ])('%s', (_, rule, words) => {
    expect(errorsOf(object({ n: ruled(NUMBER, rule) }), { n: 1 })).toEqual([`n: ${words}`]);
  });

  it('is at the field that it names, without the value where that is much', () => {
    const at = (fieldPath: string): string[] =>
      errorsOf(
        ruled(object({ a: object({ b: TEXT }), m: { type: 'object', additionalProperties: TEXT } }), {
          rule: 'false',
          message: 'no',
          fieldPath,
        }),
        {},
      );
    expect(at('.a.b')).toEqual(['a.b: Invalid value: no']);
    expect(at(".m['x.y']")).toEqual(['m[x.y]: Invalid value: no']);
  });

  it.each([0, 1])('has of what it makes so much: %i more', (more) => {
    const messageExpression = `"${'a'.repeat(MAX_RULE_MESSAGE_BYTES + more)}"`;
    const [told] = errorsOf(ruled(NUMBER, { rule: 'false', message: 'plain', messageExpression }), 1);
    expect(told!.endsWith('plain')).toBe(more === 1);
  });

  it('is why it could not be asked', () => {
    expect(errorsOf(ruled(NUMBER, '1 / self > 0'), 0)).toEqual([
      '<nil>: Invalid value: "integer": division by zero evaluating rule: 1 / self > 0',
    ]);
    expect(errorsOf(ruled({ 'x-kubernetes-int-or-string': true }, 'self > 1'), 'a')).toEqual([
      `<nil>: Invalid value: "": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self > 1`,
    ]);
  });
});

describe('rules about a change', () => {
  const fixed = ruled(TEXT, 'self == oldSelf');

  it('are asked of what was there', () => {
    expect(errorsOf(object({ a: fixed }), { a: 'x' })).toEqual([]);
    expect(errorsOf(object({ a: fixed }), { a: 'x' }, { old: {} })).toEqual([]);
    expect(errorsOf(object({ a: fixed }), { a: 'x' }, { old: { a: 'y' } })).toHaveLength(1);
  });

  it('know the items of a list by their keys', () => {
    const keyed = list(object({ k: TEXT, v: ruled(TEXT, 'self == oldSelf') }), {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    });
    const [a, b] = [
      { k: 'a', v: '1' },
      { k: 'b', v: '2' },
    ];
    expect(errorsOf(keyed, [b, a], { old: [a, b] })).toEqual([]);
    expect(errorsOf(keyed, [b, { k: 'a', v: '3' }], { old: [a, b] })).toEqual([
      '[1].v: Invalid value: "3": failed rule: self == oldSelf',
    ]);
  });

  it('have it as an optional, if they ask for it', () => {
    const first = ruled(TEXT, { rule: 'oldSelf.hasValue() || self == "first"', optionalOldSelf: true });
    expect(errorsOf(first, 'first')).toEqual([]);
    expect(errorsOf(first, 'second')).toHaveLength(1);
    expect(errorsOf(first, 'second', { old: 'first' })).toEqual([]);
  });
});

describe('what was wrong before', () => {
  const schema = object({ a: ruled(NUMBER, 'self > 1'), b: NUMBER, l: list(ruled(NUMBER, 'self > 1')) });

  it('is forgiven, and told of', () => {
    expect(check(schema, { a: 1, b: 2 }, { old: { a: 1, b: 1 } })).toEqual({
      errors: [],
      warnings: ['a: Invalid value: 1: failed rule: self > 1'],
    });
    expect(check(schema, { a: 0 }, { old: { a: 1 } }).errors).toHaveLength(1);
  });

  it('is so in a list without keys while the list is as it was', () => {
    expect(errorsOf(schema, { l: [1, 2] }, { old: { l: [1, 2] } })).toEqual([]);
    expect(errorsOf(schema, { l: [1, 3] }, { old: { l: [1, 2] } })).toHaveLength(1);
  });
});

describe('all rules of an object', () => {
  const items = Array.from({ length: 1000 }, (_, i) => `item-${i}`);
  const dear = ruled(list(TEXT), 'self.all(x, self.exists(y, y == x))');

  it('end where one costs more than it may', () => {
    expect(errorsOf(object({ l: dear, n: ruled(NUMBER, 'false') }), { l: items, n: 1 })).toEqual([
      `l: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.exists(y, y == x))`,
    ]);
  });

  it('end where they cost more together', () => {
    const node = rulesOf(ruled(NUMBER, 'self > 1'), false)!;
    const ask = (left: number) => {
      const budget = { left };
      return { errors: validateRules(node, 2, 'n', { budget }).map(({ message }) => message), left: budget.left };
    };
    const { left } = ask(RULES_COST_BUDGET);
    const cost = RULES_COST_BUDGET - left;
    expect(ask(cost)).toEqual({ errors: [], left: 0 });
    expect(ask(cost - 1)).toEqual({
      errors: [
        'Invalid value: "integer": validation failed due to running out of cost budget, no further validation rules will be run',
      ],
      left: -1,
    });
  });
});
