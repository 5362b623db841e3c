import { expect, it } from 'vitest';
import { heapBytes } from './heap-bytes.ts';
import type { KubeObject } from './object.ts';
import { MAX_KEPT_METADATA, partialObject, partialOfText } from './partial-object.ts';

const secret = (labels: Record<string, string> = { a: 'b' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'token',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '7',
    labels,
    annotations: { note: 'long' },
    managedFields: [{ manager: 'm' }],
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'q' }],
  },
  type: 'Opaque',
  data: { k: 'dg==' },
});

/** How often the rest was read, and the object. */
function partial(object: KubeObject): { object: KubeObject; reads(): number } {
  let reads = 0;
  const load = () => {
    reads++;
    return structuredClone(object);
  };
  return { object: partialObject(object, load), reads: () => reads };
}

it('names, metadata and short values are there; the rest is read when it is looked at', () => {
  const { object, reads } = partial(secret());
  const { kind, type, metadata } = object;
  expect([kind, type, metadata.name, metadata.labels, metadata.ownerReferences?.[0]?.uid]).toEqual([
    'Secret',
    'Opaque',
    'token',
    { a: 'b' },
    'q',
  ]);
  expect(reads()).toBe(0);
  expect(object.data).toEqual({ k: 'dg==' });
  expect(metadata.annotations).toEqual({ note: 'long' });
  expect(metadata.managedFields).toEqual([{ manager: 'm' }]);
  expect(reads()).toBe(3);
  expect(object.status).toBeUndefined();
});

it('a copy, a comparison and a listing have all of it', () => {
  const { object } = partial(secret());
  expect({ ...object, metadata: { ...object.metadata } }).toEqual(secret());
  expect(JSON.parse(JSON.stringify(object))).toEqual(secret());
  expect(structuredClone(object)).toEqual(secret());
  expect(Object.keys(object)).toEqual(Object.keys(secret()));
  expect(Object.keys(object.metadata)).toEqual(Object.keys(secret().metadata));
});

it('of metadata that is large its names are kept', () => {
  const { labels: _, ...others } = secret({}).metadata;
  const { annotations, managedFields, ...early } = others;
  const rest = Object.values(early).reduce<number>((bytes, value) => bytes + heapBytes(value), 0);
  for (const [extra, reads] of [
    [0, 0],
    [1, 1],
  ] as const) {
    const labels = { a: 'x'.repeat(MAX_KEPT_METADATA - rest - heapBytes({ a: '' }) + extra) };
    const { object, reads: made } = partial(secret(labels));
    expect(object.metadata.labels).toEqual(labels);
    expect([object.metadata.name, object.metadata.uid, made()]).toEqual(['token', 'u', reads]);
  }
});

it('is made of a text as of the object, but for the version', () => {
  const { metadata, ...rest } = secret();
  const { resourceVersion: _, ...stored } = metadata;
  const texts = [
    { ...rest, metadata: stored },
    {
      kind: 'Secret',
      metadata: { name: 'n' },
      a: null,
      b: [],
      c: 'x'.repeat(41),
      d: 'y'.repeat(40),
      e: false,
      f: '"\\',
    },
    { kind: 'Secret', metadata: { name: 'n', labels: { l: 'x'.repeat(MAX_KEPT_METADATA) } } },
  ];
  for (const object of texts) {
    const whole = { ...object, metadata: { ...object.metadata, resourceVersion: '7' } } as KubeObject;
    const load = () => ({ ...structuredClone(whole), status: {} });
    const given = { modRevision: 7, always: ['status'] };
    const made = partialOfText(JSON.stringify(object), given, load)!;
    const { reads, object: expected } = partial({ ...whole, status: {} });
    expect(own(made)).toEqual(own(expected));
    expect(made).toEqual(expected);
    expect(Object.keys(made.metadata).sort()).toEqual(Object.keys(expected.metadata).sort());
    expect(reads()).toBeGreaterThan(0);
  }
});

/** What stands there without anything being read. */
const own = (object: KubeObject): unknown =>
  [object, object.metadata].map((part) =>
    Object.fromEntries(
      Object.entries(Object.getOwnPropertyDescriptors(part)).map(([field, { value, get }]) => [
        field,
        get ? 'late' : field === 'metadata' ? '' : value,
      ]),
    ),
  );

it('is not made of what has no name', () => {
  for (const text of ['[]', '{}', '{"metadata":[]}', '{"metadata":{}}', '{"metadata":{"name":1}}'])
    expect(partialOfText(text, { modRevision: 1, always: [] }, () => secret())).toBeUndefined();
});
