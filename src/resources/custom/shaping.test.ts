/** What becomes of an object by its schema: what is unknown goes, what is missing comes. */
import { describe, expect, it } from 'vitest';
import { dropNulls, setDefaults } from './defaulting.ts';
import { validateListTypes } from './list-types.ts';
import { prune } from './pruning.ts';
import { asRoot, type Schema } from './schema.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'integer', default: 1 },
        open: {
          type: 'object',
          properties: { known: { type: 'object' } },
          'x-kubernetes-preserve-unknown-fields': true,
        },
        map: {
          type: 'object',
          additionalProperties: { type: 'object', properties: { b: { type: 'string', default: 'x' } } },
        },
        list: { type: 'array', items: { type: 'object', properties: { c: { type: 'string', nullable: true } } } },
        object: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
      },
    },
  },
};

describe('pruning', () => {
  it('tells of what it takes away, in order', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { labels: {} },
      other: 1,
      spec: {
        z: 1,
        open: { any: { thing: [1] }, known: { z: 1 } },
        map: { k: { b: 'y', z: 1 } },
        list: [{ z: 1 }],
        object: { kind: 'I', metadata: { z: 1 }, z: 1 },
      },
    };
    expect(prune(object, asRoot(schema), true)).toEqual([
      'other',
      'spec.list[0].z',
      'spec.map.k.z',
      'spec.object.z',
      'spec.open.known.z',
      'spec.z',
    ]);
    expect(object.spec).toEqual({
      open: { any: { thing: [1] }, known: {} },
      map: { k: { b: 'y' } },
      list: [{}],
      object: { kind: 'I', metadata: { z: 1 } },
    });
  });

  it('is not misled by names that all objects have', () => {
    const object = { spec: JSON.parse('{"constructor": 1, "__proto__": {"a": 1}}') };
    expect(prune(object, asRoot(schema), true)).toEqual(['spec.__proto__', 'spec.constructor']);
    expect(Object.keys(object.spec)).toEqual([]);
  });
});

describe('defaults', () => {
  it('come where something is missing, or null in vain, and never by themselves', () => {
    const object = { spec: { a: null, map: { k: {} }, list: [{ c: null }] } };
    dropNulls(object, schema);
    setDefaults(object, schema);
    expect(object).toEqual({ spec: { a: 1, map: { k: { b: 'x' } }, list: [{ c: null }] } });
    const empty = {};
    setDefaults(empty, schema);
    expect(empty).toEqual({});
  });

  it('are not shared between objects', () => {
    const nested: Schema = { type: 'object', properties: { a: { type: 'object', default: { b: [] } } } };
    const [one, other] = [{} as { a?: { b: number[] } }, {} as { a?: { b: number[] } }];
    setDefaults(one, nested);
    setDefaults(other, nested);
    one.a!.b.push(1);
    expect(other.a).toEqual({ b: [] });
  });
});

it('finds what is there twice in sets, and in lists with keys', () => {
  const lists: Schema = {
    type: 'object',
    properties: {
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a', 'b'],
        items: { type: 'object' },
      },
    },
  };
  const value = { set: ['x', 'y', 'x', 'x'], map: [{ a: 1, b: 2 }, { b: 2, a: 1, c: 3 }, { a: 1 }] };
  expect(validateListTypes(lists, value).map((e) => `${e.field}: ${e.message}`)).toEqual([
    'set[2]: Duplicate value: "x"',
    'map[1]: Duplicate value: {"a":1,"b":2}',
  ]);
});
