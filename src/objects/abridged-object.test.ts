import { expect, it } from 'vitest';
import { abridgedObject, MAX_PART_BYTES, MAX_PARTS } from './abridged-object.ts';
import { heapBytes } from './heap-bytes.ts';
import type { KubeObject } from './object.ts';

const env = Array.from({ length: 100 }, (_, i) => ({ name: `V${i}`, value: 'x'.repeat(100) }));
const pod = (): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'default',
    labels: { a: 'b' },
    annotations: { note: 'x'.repeat(1000) },
    managedFields: [{ manager: 'm' }],
  },
  spec: {
    nodeName: 'n',
    containers: [
      { name: 'a', image: 'nginx', env, resources: { requests: { cpu: '1' } } },
      { name: 'b', image: 'redis' },
    ],
  },
  status: { phase: 'Running' },
});

function abridged(object: KubeObject) {
  let reads = 0;
  const { value, bytes } = abridgedObject(object, () => {
    reads++;
    return structuredClone(object);
  });
  return { object: value, bytes, reads: () => reads };
}

it('what is small is there wherever it is; what is large is read when it is looked at', () => {
  const { object, reads } = abridged(pod());
  const { containers, nodeName } = object.spec;
  expect([nodeName, object.status?.phase, object.metadata.labels]).toEqual(['n', 'Running', { a: 'b' }]);
  expect(containers.map((c: Record<string, unknown>) => [c.name, c.image, c.resources])).toEqual([
    ['a', 'nginx', { requests: { cpu: '1' } }],
    ['b', 'redis', undefined],
  ]);
  expect(reads()).toBe(0);
  expect(containers[0].env).toEqual(env);
  expect(object.metadata.annotations?.note).toBe('x'.repeat(1000));
  expect(object.metadata.managedFields).toEqual([{ manager: 'm' }]);
  expect(reads()).toBe(3);
});

it('a copy, a comparison and a listing have all of it', () => {
  const { object, bytes } = abridged(pod());
  expect({ ...object }).toEqual(pod());
  expect(JSON.stringify(object)).toBe(JSON.stringify(pod()));
  expect(structuredClone(object)).toEqual(pod());
  expect(Object.keys(object.metadata)).toEqual(Object.keys(pod().metadata));
  expect(bytes).toBeLessThan(heapBytes(pod()) / 10);
});

it.each([
  ['a text', (size: number) => 'x'.repeat(size - heapBytes('')), MAX_PART_BYTES],
  ['a list', (size: number) => Array.from({ length: size }, () => 'x'.repeat(MAX_PART_BYTES / 4)), MAX_PARTS],
  [
    'a map',
    (size: number) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, 'x'.repeat(100)])),
    MAX_PARTS,
  ],
] as const)('%s is there up to its limit', (_, make, limit) => {
  for (const [extra, made] of [
    [0, 0],
    [1, 1],
  ] as const) {
    const { object, reads } = abridged({ ...pod(), data: { part: make(limit + extra) } });
    expect(object.data.part).toEqual(make(limit + extra));
    expect(reads()).toBe(made);
  }
});

it('a list with one item that is too large is read late as a whole', () => {
  const items = ['a', 'x'.repeat(MAX_PART_BYTES)];
  const { object, reads } = abridged({ ...pod(), data: { items } });
  expect(object.data.items).toEqual(items);
  expect(reads()).toBe(1);
});

it('keys such as __proto__ are as any other', () => {
  const data = JSON.parse(`{"__proto__":"${'x'.repeat(MAX_PART_BYTES)}","a":{"__proto__":{"b":"c"}}}`);
  const { object } = abridged({ ...pod(), data });
  expect(JSON.stringify(object.data)).toBe(JSON.stringify(data));
});
