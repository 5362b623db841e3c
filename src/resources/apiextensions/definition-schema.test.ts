import { describe, expect, it } from 'vitest';
import type { CustomResourceDefinitionVersion } from '../../objects/generated/apiextensions-v1.gen.ts';
import { schemaWarnings, validateDefinitionSchema } from './definition-schema.ts';
import { MAX_DEPRECATION_WARNING, validateVersions } from './definition-versions.ts';
import { MAX_SELECTABLE_FIELDS, validateSelectableFields } from './selectable-fields.ts';

const said = (schema: object) => validateDefinitionSchema(schema, 's', false).map((e) => `${e.field}: ${e.message}`);

describe('schemas of custom resources', () => {
  it('say every type', () => {
    expect(said({ properties: { a: {} } })).toEqual([
      's.properties[a].type: Required value: must not be empty for specified object fields',
      's.type: Required value: must not be empty at the root',
    ]);
  });
  it('accept integers or strings in their usual form', () => {
    const either = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(said({ type: 'object', properties: { port: either } })).toEqual([]);
  });
  it('need keys of map lists to be there', () => {
    const items = { type: 'object', properties: { name: { type: 'string' } } };
    const list = { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
    expect(said({ type: 'object', properties: { list } })).toEqual([
      's.properties[list].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ]);
  });
});

describe('what a schema says', () => {
  it('of a value must be of a field that is there', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { properties: { b: { minLength: 1 } } }],
    };
    expect(said(schema)).toEqual([
      's.properties[b]: Required value: because it is defined in s.anyOf[1].properties[b]',
    ]);
  });

  it('is there by default must be allowed', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'object', properties: { b: { type: 'integer' } }, default: { b: 'x', c: 1 } } },
    };
    expect(said(schema)).toEqual([
      's.properties[a].default: Invalid value: {"b":"x","c":1}: must not have unknown fields',
      's.properties[a].default.b: Invalid value: "string": b in body must be of type integer: "string"',
    ]);
  });

  it('is told of where nobody can hold to it', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: 'string', format: 'colour' },
        b: {
          type: 'array',
          'x-kubernetes-list-type': 'set',
          items: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
        },
      },
    };
    expect(schemaWarnings(schema)).toEqual({
      formats: ['unrecognized format "colour"'],
      sets: [
        'x-kubernetes-list-type: set for items of type "object" is not supported by server-side apply or CEL validation rules',
      ],
    });
  });
});

const version = (more: object): CustomResourceDefinitionVersion[] => [
  { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, ...more },
];

it('warns of a version that is on its way out in so many words', () => {
  const told = (deprecationWarning: string) =>
    validateVersions(version({ deprecated: true, deprecationWarning })).map(({ message }) =>
      message.split(': ').at(-1),
    );
  expect(told('x'.repeat(MAX_DEPRECATION_WARNING))).toEqual([]);
  expect(told('x'.repeat(MAX_DEPRECATION_WARNING + 1))).toEqual(['must be <= 256 characters long']);
  expect(told('a\nb')).toEqual([
    'must only contain printable UTF-8 characters; non-printable character found at index 1',
  ]);
});

it('lets so many fields be selected by', () => {
  const names = Array.from({ length: MAX_SELECTABLE_FIELDS + 1 }, (_, i) => `f${i}`);
  const schema = { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) };
  const selected = (count: number) =>
    validateSelectableFields(
      names.slice(0, count).map((name) => ({ jsonPath: `.${name}` })),
      schema,
      'f',
    );
  expect(selected(MAX_SELECTABLE_FIELDS)).toEqual([]);
  expect(selected(MAX_SELECTABLE_FIELDS + 1)[0]!.message).toBe('Too many: 9: must have at most 8 items');
});
