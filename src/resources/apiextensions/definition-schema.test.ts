import { describe, expect, it } from 'vitest';
import { validateDefinitionSchema } from './definition-schema.ts';

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
