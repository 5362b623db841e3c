import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { MAX_DEPTH } from '../codec/json-text.ts';
import { applyJSONPatch, MAX_COPIED_BYTES, MAX_OPERATIONS, MAX_SHIFTED_ELEMENTS } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const POD = builtInStruct('io.k8s.api.core.v1.Pod');
const pod = () => ({
  metadata: { name: 'p', labels: { a: '1' }, finalizers: ['x', 'y'] },
  spec: {
    nodeSelector: { zone: 'a' },
    containers: [
      { name: 'one', image: 'i1', env: [{ name: 'A', value: '1' }] },
      { name: 'two', image: 'i2' },
    ],
    tolerations: [{ key: 'k' }],
  },
});

describe('a JSON patch', () => {
  it('runs its operations in order and leaves the original alone', () => {
    const original = { a: { b: [1, 2] } };
    const patched = applyJSONPatch(original, [
      { op: 'add', path: '/a/b/-', value: 3 },
      { op: 'remove', path: '/a/b/0' },
      { op: 'copy', from: '/a/b', path: '/c' },
      { op: 'test', path: '/c', value: [2, 3] },
    ]);
    expect(patched).toEqual({ a: { b: [2, 3] }, c: [2, 3] });
    expect(original).toEqual({ a: { b: [1, 2] } });
  });

  it('replaces what is not there, as the real server does', () => {
    expect(applyJSONPatch({ data: {} }, [{ op: 'replace', path: '/data/x', value: 1 }])).toEqual({ data: { x: 1 } });
  });

  it('is refused whole when one operation fails', () => {
    for (const operation of [
      { op: 'zzz', path: '/a' },
      { op: 'remove', path: '/nope' },
      { op: 'add', path: 'a', value: 1 },
      { op: 'test', path: '/a', value: 2 },
      { op: 'add', path: '/a/b/9', value: 1 },
    ])
      expect(() => applyJSONPatch({ a: { b: [1] } }, [operation])).toThrow('the server rejected our request');
  });
});

describe('a merge patch', () => {
  it('replaces lists and removes nulls', () => {
    expect(applyMergePatch({ a: [1], b: { c: 1, d: 2 } }, { a: [2], b: { c: null } })).toEqual({ a: [2], b: { d: 2 } });
    expect(applyMergePatch({ a: 1 }, { a: { b: null, c: 1 } })).toEqual({ a: { c: 1 } });
  });
});

describe('a strategic merge patch', () => {
  it('merges lists by their key and keeps the others', () => {
    const patched = applyStrategicMergePatch(
      pod(),
      {
        spec: {
          containers: [
            { name: 'two', image: 'new' },
            { name: 'three', image: 'i3' },
          ],
        },
      },
      POD,
    );
    expect(patched.spec.containers.map((c: LooseObject) => `${c.name}=${c.image}`)).toEqual([
      'one=i1',
      'two=new',
      'three=i3',
    ]);
    expect(patched.spec.containers[0].env).toEqual([{ name: 'A', value: '1' }]);
  });

  it('deletes and replaces where it is told to', () => {
    const patched = applyStrategicMergePatch(
      pod(),
      {
        spec: {
          containers: [{ name: 'one', $patch: 'delete' }],
          nodeSelector: { $patch: 'replace', disk: 'ssd' },
        },
      },
      POD,
    );
    expect(patched.spec.containers.map((c: LooseObject) => c.name)).toEqual(['two']);
    expect(patched.spec.nodeSelector).toEqual({ disk: 'ssd' });
  });

  it('merges plain lists, takes from them, and orders them', () => {
    const added = applyStrategicMergePatch(pod(), { metadata: { finalizers: ['z', 'x'] } }, POD);
    expect(added.metadata.finalizers).toEqual(['z', 'x', 'y']);
    const taken = applyStrategicMergePatch(
      pod(),
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], '$setElementOrder/finalizers': ['y'] } },
      POD,
    );
    expect(taken.metadata.finalizers).toEqual(['y']);
    const ordered = applyStrategicMergePatch(
      pod(),
      { spec: { '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }] } },
      POD,
    );
    expect(ordered.spec.containers.map((c: LooseObject) => c.name)).toEqual(['two', 'one']);
  });

  it('replaces lists without a merge key', () => {
    const patched = applyStrategicMergePatch(pod(), { spec: { tolerations: [{ key: 'other' }] } }, POD);
    expect(patched.spec.tolerations).toEqual([{ key: 'other' }]);
  });
});

const jsonPatched = (target: object, operations: object[]): KubeObject =>
  applyJSONPatch(target, operations) as KubeObject;

describe('a patch that grows', () => {
  const doubling = (times: number) => [
    { op: 'add', path: '/metadata', value: { a: 'x' } },
    ...Array.from({ length: times }, (_, i) => ({ op: 'copy', from: '/metadata', path: `/metadata/k${i}` })),
  ];

  it('may copy what the real server lets it copy', () => {
    const half = { data: 'x'.repeat(MAX_COPIED_BYTES / 2 - 2) };
    const copy = (path: string) => ({ op: 'copy', from: '/data', path });
    expect(Object.keys(jsonPatched(half, [copy('/a'), copy('/b')]))).toEqual(['a', 'b', 'data']);
    expect(() => applyJSONPatch(half, [copy('/a'), copy('/b'), { op: 'copy', from: '/none', path: '/c' }])).toThrow(
      'the server rejected our request',
    );
  });

  it('is stopped while it grows', () => {
    expect(Object.keys(jsonPatched({}, doubling(10)).metadata)).toHaveLength(11);
    expect(() => applyJSONPatch({}, doubling(60))).toThrow('the server rejected our request');
  });

  it('may have as many operations as the real server takes', () => {
    const tests = (count: number) => Array.from({ length: count }, () => ({ op: 'test', path: '/a', value: 1 }));
    expect(applyJSONPatch({ a: 1 }, tests(MAX_OPERATIONS))).toEqual({ a: 1 });
    expect(() => applyJSONPatch({ a: 1 }, tests(MAX_OPERATIONS + 1))).toThrow('maximum operations in a JSON patch');
  });

  it('may push a bounded number of elements aside', () => {
    const long = { list: Array(MAX_SHIFTED_ELEMENTS / 100).fill(0) };
    const remove = Array.from({ length: 99 }, () => ({ op: 'remove', path: '/list/0' }));
    expect(jsonPatched(long, remove).list).toHaveLength(MAX_SHIFTED_ELEMENTS / 100 - 99);
    expect(() => applyJSONPatch(long, [...remove, ...remove])).toThrow('the server rejected our request');
  });

  it('may not nest more than a body may', () => {
    const nest = (times: number) =>
      Array.from({ length: times }, () => ({ op: 'move', from: '/a', path: '/b' })).flatMap((move) => [
        move,
        { op: 'add', path: '/a', value: {} },
        { op: 'move', from: '/b', path: '/a/c' },
      ]);
    expect(applyJSONPatch({ a: 1 }, nest(MAX_DEPTH - 2))).toBeTruthy();
    expect(() => applyJSONPatch({ a: 1 }, nest(MAX_DEPTH + 1))).toThrow('the server rejected our request');
  });

  it('sets a key that all objects have as LooseObject other', () => {
    const patched = jsonPatched({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }]);
    expect(Object.keys(patched)).toEqual(['__proto__']);
    expect(patched.polluted).toBeUndefined();
    const merged = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}')) as JSONObject;
    expect([Object.keys(merged), merged.polluted]).toEqual([['__proto__'], undefined]);
  });
});

describe('a strategic merge patch of long lists', () => {
  it('merges, deletes and orders them in time that grows with them', () => {
    const names = Array.from({ length: 30_000 }, (_, i) => ({ name: `c${i}` }));
    const live = { spec: { containers: names.map((c) => ({ ...c, image: 'i' })) } };
    const order = [...names].reverse();
    const patched = applyStrategicMergePatch(
      live,
      { spec: { containers: order.map((c) => ({ ...c, image: 'j' })), '$setElementOrder/containers': order } },
      POD,
    );
    expect(patched.spec.containers.at(-1)).toEqual({ name: 'c0', image: 'j' });
    const emptied = applyStrategicMergePatch(
      live,
      { spec: { containers: names.map((c) => ({ ...c, $patch: 'delete' })) } },
      POD,
    );
    expect(emptied.spec.containers).toEqual([]);
  });
});
