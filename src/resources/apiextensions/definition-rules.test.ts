import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';
import type { Schema } from '../custom/schema.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { expressionsIn, MAX_RULE_COST, MAX_SCHEMA_COST, validateDefinitionRules } from './definition-rules.ts';
import { validateDefinitionSchema } from './definition-schema.ts';

type Rule = NonNullable<Schema['x-kubernetes-validations']>[number];

const ruled = (schema: Schema, ...rules: Rule[]): Schema => ({ ...schema, 'x-kubernetes-validations': rules });
const holding = (a: Schema): Schema => ({ type: 'object', properties: { a } });
const texts = (validate: typeof validateDefinitionRules, schema: Schema): string[] =>
  validate(schema, 'schema', []).map(({ field, message }) => `${field}: ${message}`);
const errorsOf = (schema: Schema): string[] => texts(validateDefinitionRules, schema);
const AT = 'schema.properties[a].x-kubernetes-validations[0]';
const LIST: Schema = { type: 'array', items: { type: 'string', maxLength: 10 } };

it('accepts rules that can be read', () => {
  expect(errorsOf(holding(ruled({ type: 'string' }, { rule: 'self.startsWith("a")' })))).toEqual([]);
});

it('says what it cannot read, with the rule as it is', () => {
  expect(errorsOf(holding(ruled({ type: 'string' }, { rule: '1', reason: 'FieldValueInvalid' })))).toEqual([
    `${AT}.rule: Invalid value: {"Rule":"1","Message":"","MessageExpression":"","Reason":"FieldValueInvalid","FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool`,
  ]);
  const [told] = errorsOf(holding(ruled({ type: 'string' }, { rule: 'true', messageExpression: '1' })));
  expect(told).toContain(`${AT}.messageExpression: `);
  expect(told).toContain('messageExpression must evaluate to a string');
});

it('needs a type', () => {
  expect(errorsOf(holding(ruled({ 'x-kubernetes-preserve-unknown-fields': true }, { rule: 'true' })))).toEqual([
    'schema.properties[a].x-kubernetes-validations: Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations',
  ]);
});

it('looks at no rules of a schema that is wrong itself', () => {
  const schema = holding(ruled({ type: 'string' }, { rule: '1', reason: 'Other' as 'FieldValueInvalid' }));
  const told = validateDefinitionSchema(schema, 'schema', false);
  expect(told.map(({ field }) => field)).toEqual([`${AT}.reason`]);
});

it('looks at a default by the rules', () => {
  const schema = holding({ ...ruled({ type: 'string' }, { rule: 'self == "b"' }), default: 'a' });
  expect(validateDefinitionSchema(schema, 'schema', false).map(({ field }) => field)).toEqual([
    'schema.properties[a].default',
  ]);
});

describe('rules about a change', () => {
  const items = (more: Partial<Schema>): Schema =>
    holding({ type: 'array', items: ruled({ type: 'string' }, { rule: 'self == oldSelf' }), maxItems: 2, ...more });

  it('need something that can be known again', () => {
    expect(errorsOf(items({}))).toEqual([
      'schema.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[a]',
    ]);
  });

  it('may not ask for what they do not use', () => {
    expect(errorsOf(holding(ruled({ type: 'string' }, { rule: 'true', optionalOldSelf: true })))).toEqual([
      `${AT}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
    ]);
  });
});

describe('what rules may cost', () => {
  const all = { rule: 'self.all(x, x.startsWith("abcdef"))' };
  const words = (factor: string): string =>
    `exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
  const nested = (maxItems: number): Schema =>
    holding({ type: 'array', maxItems, items: ruled({ ...LIST, maxItems: 1000 }, all) });
  const told = (maxItems: number): string | undefined =>
    errorsOf(nested(maxItems))
      .find((text) => text.includes('estimated rule cost exceeds'))
      ?.replace(/^.*Forbidden: /, '');

  it('goes by how often they are asked', () => {
    expect(told(10)).toBeUndefined();
    expect(told(10_000)).toBe(`estimated rule cost ${words('5.0x')}`);
    expect(told(10_000_000)).toBe(`estimated rule cost ${words('more than 100x')}`);
  });

  it.each([0, 1])('is for one so much, and %i more', (more) => {
    const one = Number(MAX_RULE_COST);
    // Each item that starts with nothing costs 5.
    const size = Math.floor((one - 2) / 5) + more;
    const list: Schema = { ...LIST, maxItems: size };
    const found = errorsOf(holding(ruled(list, { rule: 'self.all(x, x.startsWith("a"))' })));
    expect(found.some((text) => text.includes('estimated rule cost exceeds'))).toBe(more === 1);
  });

  it('is for all together so much, and those that take most are named', () => {
    const rule = ruled({ ...LIST, maxItems: 1_900_000 }, all);
    const of = (count: number): string[] =>
      errorsOf({
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, rule])),
      });
    const fits = Math.floor(Number(MAX_SCHEMA_COST) / (1_900_000 * 5 + 2));
    expect(of(fits)).toEqual([]);
    const beyond = of(fits + 1);
    expect(beyond).toHaveLength(5);
    expect(beyond[4]).toBe(
      `schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema ${words('1.045000x')}`,
    );
  });
});

describe('what the release before does not know', () => {
  const list: Schema = { type: 'array', maxItems: 5, items: { type: 'integer' } };
  const schema = holding(
    ruled(
      list,
      { rule: 'self.includes(1)', messageExpression: '[1].includes(1) ? "a" : "b"' },
      { rule: 'self.max() > 1' },
    ),
  );

  it('may not be used by new expressions', () => {
    const told = texts(validateDefinitionRules, schema);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("undeclared reference to 'includes' (in container '')");
  });

  it('may be where it was used before', () => {
    expect(validateDefinitionRules(schema, 'schema', [], expressionsIn([schema]))).toEqual([]);
    const rules = { ...expressionsIn([schema]), messages: new Set<string>() };
    expect(validateDefinitionRules(schema, 'schema', [], rules).map(({ field }) => field)).toEqual([
      `${AT}.messageExpression`,
    ]);
    const nested: Schema = { type: 'object', additionalProperties: { type: 'array', items: schema } as Schema };
    expect(expressionsIn([undefined, nested])).toEqual(expressionsIn([schema]));
  });

  it('is so from one version of a definition to the next', () => {
    const definition = (openAPIV3Schema: Schema): CustomResourceDefinition =>
      ({
        metadata: { name: 'foos.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Cluster',
          names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
          conversion: { strategy: 'None' },
        },
        status: { storedVersions: ['v1'] },
      }) as CustomResourceDefinition;
    const { validate, validateUpdate } = customResourceDefinition;
    const context = {} as never;
    expect(validate!(definition(schema), context)).toHaveLength(1);
    expect(validateUpdate!(definition(schema), definition(schema), context)).toEqual([]);
    expect(validateUpdate!(definition(schema), definition(holding(list)), context)).toHaveLength(1);
  });
});
