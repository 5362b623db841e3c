import { describe, expect, it } from 'vitest';
import type { Schema } from './schema.ts';
import { validateValue } from './validation.ts';

const told = (schema: Schema, value: unknown, old?: unknown): string[] =>
  validateValue(schema, value, '', old === undefined ? undefined : { old, schema }).map(
    (e) => `${e.field}: ${e.message}`,
  );

const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

describe('a value that its schema refuses', () => {
  it.each<[string, Schema, unknown, string[]]>([
    ['type', { type: 'integer' }, 'x', ['a: Invalid value: "string": a in body must be of type integer: "string"']],
    ['null', { type: 'string' }, null, ['a: Invalid value: "null": a in body must be of type string: "null"']],
    [
      'minimum',
      { type: 'integer', minimum: 2 },
      1,
      ['a: Invalid value: 1: a in body should be greater than or equal to 2'],
    ],
    [
      'an exclusive maximum',
      { type: 'number', maximum: 2, exclusiveMaximum: true },
      2,
      ['a: Invalid value: 2: a in body should be less than 2'],
    ],
    ['multiples', { type: 'integer', multipleOf: 3 }, 4, ['a: Invalid value: 4: a in body should be a multiple of 3']],
    [
      'the format of a number',
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
    ],
    ['length', { type: 'string', maxLength: 1 }, '🙂🙂', ['a: Too long: may not be more than 1 bytes']],
    ['pattern', { type: 'string', pattern: '^b$' }, 'c', ['a: Invalid value: "c": a in body should match \'^b$\'']],
    ['format', { type: 'string', format: 'date' }, 'c', ['a: Invalid value: "c": a in body must be of type date: "c"']],
    ['enum', { type: 'string', enum: ['b', 'c'] }, 'd', ['a: Unsupported value: "d": supported values: "b", "c"']],
    [
      'items',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['b', 'c'],
      ['a: Too many: 2: must have at most 1 items'],
    ],
    [
      'an item',
      { type: 'array', items: { type: 'string' } },
      ['b', 1],
      ['a[1]: Invalid value: "integer": a[1] in body must be of type string: "integer"'],
    ],
    [
      'a member of a map',
      { type: 'object', additionalProperties: { type: 'string' } },
      { b: 1 },
      ['a.b: Invalid value: "integer": a.b in body must be of type string: "integer"'],
    ],
    ['what must be there', object({}, { required: ['b'] }), {}, ['a.b: Required value']],
    [
      'all of several',
      { type: 'integer', allOf: [{ minimum: 2 }, { maximum: 5 }] },
      1,
      [
        'a: Invalid value: 1: a in body should be greater than or equal to 2',
        '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)',
      ],
    ],
    [
      'any of several',
      { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 2 }] },
      3,
      [
        '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
        'a: Invalid value: 3: a in body should be greater than or equal to 5',
      ],
    ],
    [
      'one of several',
      { type: 'integer', oneOf: [{ minimum: 1 }, { maximum: 5 }] },
      3,
      ['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'none',
      { type: 'integer', not: { minimum: 2 } },
      3,
      ['<nil>: Invalid value: "": "a" must not validate the schema (not)'],
    ],
  ])('%s', (_, schema, value, errors) => {
    expect(told(object({ a: schema }), { a: value })).toEqual(errors);
  });

  it('is told of under the field that the value is at', () => {
    expect(validateValue({ type: 'string' }, 1, 'spec.a').map(({ field }) => field)).toEqual(['spec.a']);
  });
});

it('takes an integer or a text where either may be', () => {
  const either: Schema = { 'x-kubernetes-int-or-string': true };
  expect(told(object({ a: either }), { a: 1 })).toEqual([]);
  expect(told(object({ a: either }), { a: '10%' })).toEqual([]);
  expect(told(object({ a: either }), { a: true })).toHaveLength(1);
});

describe('what was wrong before', () => {
  const schema = object({
    a: { type: 'integer', maximum: 1 },
    list: {
      type: 'array',
      items: object({ k: { type: 'string' }, n: { type: 'integer', maximum: 1 } }),
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    },
    plain: { type: 'array', items: { type: 'integer', maximum: 1 } },
  });

  it('may stay so while something else changes', () => {
    expect(told(schema, { a: 5, list: [] }, { a: 5 })).toEqual([]);
    expect(told(schema, { a: 6 }, { a: 5 })).toHaveLength(1);
  });

  it('is known again in a list with keys wherever it stands, and in another list only as a whole', () => {
    const item = (k: string, n: number) => ({ k, n });
    expect(told(schema, { list: [item('b', 1), item('a', 9)] }, { list: [item('a', 9)] })).toEqual([]);
    expect(told(schema, { list: [item('b', 9)] }, { list: [item('a', 9)] })).toHaveLength(1);
    expect(told(schema, { plain: [9] }, { plain: [9] })).toEqual([]);
    expect(told(schema, { plain: [9, 1] }, { plain: [9] })).toHaveLength(1);
  });
});
