import { expect, it } from 'vitest';
import { CONFIG as config } from '../../test/storage-config.ts';
import { ADMIN } from '../apiserver/identity/authentication.ts';
import { createApiServer } from '../apiserver/server.ts';
import type { KeyValue, RangeRequest } from '../etcd/types.ts';
import { catalogOf, DEFINITIONS_PREFIX } from '../resources/custom/catalog.ts';
import { Draws } from '../simulation/draws.ts';
import { HeldBytes, LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { type ClusterStub, RemoteStorage } from './remote-storage.ts';

const kv = (key: string, characters: number): KeyValue => ({
  key,
  value: 'v'.repeat(characters),
  createRevision: 2,
  modRevision: 2,
  version: 1,
  lease: '0',
});

/** A storage of single keys, and how many ranges each of its calls was about. */
function storageOf(kvs: KeyValue[]): { storage: RemoteStorage; calls: number[] } {
  const calls: number[] = [];
  const stub: Pick<ClusterStub, 'read'> = {
    async read(_epoch, ranges, allowed) {
      calls.push(ranges.length);
      const responses = ranges.map((range) => {
        const found = kvs.filter(({ key }) => key === range.key);
        return { revision: 2, kvs: found, more: false, count: found.length };
      });
      const bytes = responses.flatMap((response) => response.kvs).reduce((sum, { value }) => sum + value.length, 0);
      return { value: bytes > allowed ? { heavy: bytes } : { revision: 2, now: 0, catalogRevision: 0, responses } };
    },
  };
  const held = new HeldBytes(100 * LIGHT_BYTES).open('cluster');
  return {
    storage: new RemoteStorage(stub as ClusterStub, 'epoch', { draws: new Draws(), held, busy: () => undefined }),
    calls,
  };
}

const lengths = async (storage: RemoteStorage, ranges: RangeRequest[]): Promise<number[]> =>
  (await storage.read(ranges)).responses.map(({ kvs }) => kvs[0]?.value.length ?? -1);

it('what is foreseen comes with the read before it, where it is little', async () => {
  for (const [size, calls] of [
    [LIGHT_BYTES - 1, [2]],
    [LIGHT_BYTES, [2, 1, 1]],
  ] as const) {
    const { storage, calls: made } = storageOf([kv('small', 1), kv('a', size)]);
    storage.foresee({ key: 'a' });
    expect(await lengths(storage, [{ key: 'small' }])).toEqual([1]);
    expect(await lengths(storage, [{ key: 'a' }])).toEqual([size]);
    expect(made).toEqual(calls);
    expect(storage.bytes).toBe(size);
  }
});

it('what was foreseen is read once, and only as it was foreseen', async () => {
  const { storage, calls } = storageOf([kv('a', 3), kv('b', 4)]);
  storage.foresee({ key: 'a' });
  expect(await lengths(storage, [])).toEqual([]);
  expect(await lengths(storage, [{ key: 'a', revision: 1 }])).toEqual([3]);
  expect(await lengths(storage, [{ key: 'a' }])).toEqual([3]);
  storage.foresee({ key: 'a' });
  expect(await lengths(storage, [])).toEqual([]);
  expect(await lengths(storage, [{ key: 'a' }])).toEqual([3]);
  expect(await lengths(storage, [{ key: 'a' }])).toEqual([3]);
  expect(calls).toEqual([1, 1, 1, 1, 1]);
});

const DEFINITION = JSON.stringify({
  metadata: { name: 'foos.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural: 'foos', kind: 'Foo' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
  status: { acceptedNames: { plural: 'foos', kind: 'Foo' }, conditions: [{ type: 'Established', status: 'True' }] },
});

/** The status of a list from an object that has this definition or none, and says that its kinds are of this revision. */
async function statusFrom(path: string, definitions: string[], catalogRevision: number): Promise<number> {
  const key = `${DEFINITIONS_PREFIX}foos.example.com`;
  const kvs = definitions.map((value) => ({ ...kv(key, 0), value }));
  const stub = {
    read: async (_epoch: string, ranges: RangeRequest[]) => {
      const responses = ranges.map((range) => {
        const found = range.key === DEFINITIONS_PREFIX || range.key === key ? kvs : [];
        return { revision: 2, count: found.length, more: false, kvs: found };
      });
      return { value: { revision: 2, now: 0, catalogRevision, responses } };
    },
  } as unknown as ClusterStub;
  const held = new HeldBytes(LIGHT_BYTES).open('x');
  const storage = new RemoteStorage(stub, 'epoch', { draws: new Draws(), held, busy: () => undefined });
  const server = createApiServer({ storage, config });
  return (await server.handle(new Request(`http://cluster${path}`), ADMIN)).status;
}

const FOOS = '/apis/example.com/v1/foos';

it('serves the kinds that the definitions of the cluster bring, whatever was known before', async () => {
  const stored = [{ key: `${DEFINITIONS_PREFIX}foos.example.com`, revision: 2, text: DEFINITION }];
  const { revision } = catalogOf(stored);
  expect(await statusFrom('/api/v1/namespaces/default/pods', [], 0)).toBe(200);
  expect(await statusFrom(FOOS, [], 0)).toBe(404);
  expect(await statusFrom(FOOS, [DEFINITION], revision)).toBe(200);
});

it('asks to come back where the kinds never are those that it is told of', async () => {
  expect(await statusFrom(FOOS, [DEFINITION], 1)).toBe(429);
});
