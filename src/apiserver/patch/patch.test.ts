import { describe, expect, it } from 'vitest';
import { applyJSONPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const POD = 'io.k8s.api.core.v1.Pod';
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
    expect(patched.spec.containers.map((c: any) => `${c.name}=${c.image}`)).toEqual(['one=i1', 'two=new', 'three=i3']);
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
    expect(patched.spec.containers.map((c: any) => c.name)).toEqual(['two']);
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
    expect(ordered.spec.containers.map((c: any) => c.name)).toEqual(['two', 'one']);
  });

  it('replaces lists without a merge key', () => {
    const patched = applyStrategicMergePatch(pod(), { spec: { tolerations: [{ key: 'other' }] } }, POD);
    expect(patched.spec.tolerations).toEqual([{ key: 'other' }]);
  });
});
