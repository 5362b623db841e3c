import { describe, expect, it } from 'vitest';
import { evaluate } from './cel.ts';
import { compileRules, type ValidationRule } from './rules.ts';
import type { CelSchema } from './schema.ts';
import { valueOfSchema } from './schema-value.ts';
import { CelOptional, NONE } from './value.ts';

const compileOne = (schema: CelSchema, rule: string | ValidationRule, root = false) =>
  compileRules(schema, [typeof rule === 'string' ? { rule } : rule], root)![0]!;

/** What a rule says of a value, or why it can't. */
function judge(schema: CelSchema, rule: string, json: unknown, root = false): unknown {
  const compiled = compileOne(schema, rule, root);
  if (!compiled.program) return compiled.error;
  const self = valueOfSchema(json, schema);
  const { value, error } = evaluate(compiled.program, new Map([['self', self]]));
  return value ?? error;
}

const TEXT: CelSchema = { type: 'string' };
const NUMBER: CelSchema = { type: 'integer' };

describe('what a rule is refused with', () => {
  it.each([
    [
      TEXT,
      'self.zzz > 1',
      "compilation failed: ERROR: <input>:1:5: type 'string' does not support field selection\n | self.zzz > 1\n | ....^",
    ],
    [
      TEXT,
      'self == 1',
      "compilation failed: ERROR: <input>:1:6: found no matching overload for '_==_' applied to '(string, int)'\n | self == 1\n | .....^",
    ],
    [TEXT, '1 + 1', 'cel expression must evaluate to a bool'],
    [TEXT, 'int("x") > 0', "program instantiation failed: type conversion error from 'string' to 'int'"],
    [
      { type: 'object', properties: { a: NUMBER } },
      'self.b > 1',
      "compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^",
    ],
  ] as const)('%j: %s', (schema, rule, error) => {
    expect(compileOne(schema, rule).error).toBe(error);
  });

  it('tells of a message what is wrong with it', () => {
    const compiled = compileOne(TEXT, { rule: 'true', messageExpression: '1' });
    expect(compiled.message?.error).toBe('messageExpression must evaluate to a string');
  });

  it('is empty where there is nothing but space', () => {
    expect(compileOne(TEXT, '  ')).toMatchObject({ empty: true, error: undefined, program: undefined });
  });

  it('has no rules where nothing can be declared', () => {
    expect(compileRules({}, [{ rule: 'true' }], false)).toBeUndefined();
  });
});

describe('values by their schema', () => {
  const fields: CelSchema = {
    type: 'object',
    properties: {
      'my-field': NUMBER,
      in: NUMBER,
      'a.b': NUMBER,
      'x/y': NUMBER,
      __z: NUMBER,
      namespace: TEXT,
      either: { 'x-kubernetes-int-or-string': true },
    },
  };
  const object = { 'my-field': 1, in: 2, 'a.b': 3, 'x/y': 4, __z: 5, namespace: 'n', either: 7 };

  it.each([
    'self.my__dash__field == 1',
    'self.__in__ == 2',
    'self.a__dot__b == 3',
    'self.x__slash__y == 4',
    'self.__underscores__z == 5',
    'self.__namespace__ == "n" && self.namespace == "n"',
    'self.either == 7',
  ])('has names as they must be written: %s', (rule) => {
    expect(judge(fields, rule, object)).toBe(true);
  });

  it.each([
    [{ type: 'string', format: 'date-time' }, 'self > timestamp("2020-01-01T00:00:00Z")', '2021-01-01T00:00:00Z'],
    [{ type: 'string', format: 'duration' }, 'self < duration("1h")', '59m'],
    [{ type: 'string', format: 'byte' }, 'self == b"hello"', 'aGVsbG8='],
    [{ type: 'string', format: 'date' }, 'self.getDayOfWeek() == 4', '2026-01-01'],
    [{ type: 'number' }, 'self == 1.0', 1],
    [{ type: 'string', nullable: true }, 'self == null', null],
  ] as const)('%j: %s', (schema, rule, json) => {
    if (rule === 'self == null') expect(judge(schema, rule, json)).toContain('found no matching overload');
    else expect(judge(schema, rule, json)).toBe(true);
  });

  it('tells what is not as its schema says', () => {
    expect(judge(NUMBER, 'self > 1', 'a')).toBe('invalid data, expected int, got string');
    expect(judge(TEXT, 'self == "a"', null)).toBe('invalid data, got null for schema with nullable=false');
  });

  it('knows the names of a whole resource, whatever its schema says', () => {
    const schema: CelSchema = { type: 'object', properties: { spec: { type: 'object' } } };
    const json = { apiVersion: 'a/v1', kind: 'K', metadata: { name: 'n' }, spec: {} };
    const compiled = compileOne(schema, 'self.metadata.name == "n" && self.kind == "K"', true);
    expect(compiled.error).toBeUndefined();
    expect(judge({ ...schema, 'x-kubernetes-embedded-resource': true }, 'self.metadata.name == "n"', json, true)).toBe(
      true,
    );
  });

  it('compares sets and map lists by what is in them', () => {
    const set: CelSchema = { type: 'array', items: TEXT, 'x-kubernetes-list-type': 'set' };
    const map: CelSchema = {
      type: 'array',
      items: { type: 'object', properties: { k: TEXT, v: NUMBER } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    };
    const two = (items: CelSchema): CelSchema => ({ type: 'array', items });
    const sets = [
      ['x', 'y'],
      ['y', 'x'],
    ];
    const [p, q] = [
      { k: 'p', v: 1 },
      { k: 'q', v: 2 },
    ];
    const maps = [
      [p, q],
      [q, p],
    ];
    expect(judge(two(set), 'self[0] == self[1]', sets)).toBe(true);
    expect(judge(two({ ...set, 'x-kubernetes-list-type': 'atomic' }), 'self[0] == self[1]', sets)).toBe(false);
    expect(judge(two(map), 'self[0] == self[1]', maps)).toBe(true);
    expect(judge(two(set), '(self[0] + ["x", "z"]).size() == 3', sets)).toBe(true);
    expect(judge(two(map), '(self[0] + self[1]).size() == 2', maps)).toBe(true);
  });
});

describe('rules about a change', () => {
  it('are known by what they look at', () => {
    expect(compileOne(TEXT, 'self == oldSelf').usesOldSelf).toBe(true);
    expect(compileOne(TEXT, 'self == "oldSelf"').usesOldSelf).toBe(false);
  });

  it('have what was as an optional, if they ask for it', () => {
    const rule = { rule: 'oldSelf.hasValue() ? self == oldSelf.value() : self == "first"', optionalOldSelf: true };
    const { program } = compileOne(TEXT, rule);
    const of = (self: string, oldSelf: CelOptional) =>
      evaluate(
        program!,
        new Map<string, string | CelOptional>([
          ['self', self],
          ['oldSelf', oldSelf],
        ]),
      ).value;
    expect(of('first', NONE)).toBe(true);
    expect(of('second', NONE)).toBe(false);
    expect(of('second', new CelOptional('second'))).toBe(true);
  });
});

describe('what a rule may cost', () => {
  const items = (more: Partial<CelSchema>): CelSchema => ({
    type: 'array',
    items: { type: 'string', maxLength: 10 },
    ...more,
  });

  it('goes by how much there may be', () => {
    const bounded = compileOne(items({ maxItems: 5 }), 'self.all(x, x.startsWith("a"))');
    const unbounded = compileOne(items({}), 'self.all(x, x.startsWith("a"))');
    expect(bounded.maxCost).toBe(27n);
    expect(unbounded.maxCost).toBeGreaterThan(1_000_000n);
    expect(bounded.maxCardinality).toBe(1_048_576n);
  });
});
