import { describe, expect, it } from 'vitest';
import { applyJSONPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';

describe('the order of what a patch went into', () => {
  it('is that of its keys, and of what it did not touch as before', () => {
    const before = { z: { b: 1, a: 2 }, c: { y: 1, x: { q: 1, p: 2 } } };
    expect(JSON.stringify(applyMergePatch(before, { c: { w: 1 }, a: { t: 1, s: 2 } }))).toBe(
      '{"a":{"s":2,"t":1},"c":{"w":1,"x":{"q":1,"p":2},"y":1},"z":{"b":1,"a":2}}',
    );
    expect(JSON.stringify(applyJSONPatch(before, [{ op: 'add', path: '/c/w', value: 1 }]))).toBe(
      '{"c":{"w":1,"x":{"q":1,"p":2},"y":1},"z":{"b":1,"a":2}}',
    );
  });
  it('leaves a key that all objects have a key', () => {
    const patched = applyMergePatch({ b: 1 }, JSON.parse('{"__proto__": {"d": 1, "c": 2}, "a": 1}'));
    expect(JSON.stringify(patched)).toBe('{"__proto__":{"c":2,"d":1},"a":1,"b":1}');
  });
});
