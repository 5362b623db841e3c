import { describe, expect, it } from 'vitest';
import { sameJSON, sameObject } from './equality.ts';

const object = (metadata: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  ...rest,
});

describe('the same object', () => {
  it('may differ in its version and in when its managers wrote', () => {
    const entry = { manager: 'm', fieldsV1: { 'f:data': {} } };
    expect(
      sameObject(
        object({ resourceVersion: '1', managedFields: [{ ...entry, time: '1' }] }),
        object({ resourceVersion: '2', managedFields: [{ ...entry, time: '2' }] }),
      ),
    ).toBe(true);
    expect(sameObject(object({ managedFields: [entry] }), object({}))).toBe(false);
  });
  it('has the same of all else, whatever it is called', () => {
    for (const key of ['time', 'resourceVersion', 'metadata', 'managedFields'])
      expect(sameObject(object({}, { data: { [key]: '1' } }), object({}, { data: { [key]: '2' } }))).toBe(false);
    expect(sameObject(object({ labels: { time: '1' } }), object({ labels: { time: '2' } }))).toBe(false);
    expect(sameObject(object({}, { spec: {} }), object({}, { spec: {}, status: {} }))).toBe(false);
  });
});

it('a key that all objects seem to have counts as any other', () => {
  const named = JSON.parse('{"__proto__":{}}') as object;
  expect([
    sameJSON(named, { x: 1 }),
    sameJSON({ x: 1 }, named),
    sameJSON(named, JSON.parse('{"__proto__":{}}')),
  ]).toEqual([false, false, true]);
});
