import { expect, it } from 'vitest';
import { CONFIG as config } from '../../test/storage-config.ts';
import { ADMIN } from '../apiserver/identity/authentication.ts';
import { createApiServer } from '../apiserver/server.ts';
import type { KeyValue, RangeRequest } from '../etcd/types.ts';
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

/** The status of a list from an object that says that its kinds are of this revision. */
async function statusFrom(catalogRevision: number): Promise<number> {
  const stub = {
    read: async (_epoch: string, ranges: unknown[]) => {
      const responses = ranges.map(() => ({ revision: 1, count: 0, more: false, kvs: [] }));
      return { value: { revision: 1, now: 0, catalogRevision, responses } };
    },
  } as unknown as ClusterStub;
  const held = new HeldBytes(LIGHT_BYTES).open('x');
  const storage = new RemoteStorage(stub, 'epoch', { draws: new Draws(), held, busy: () => undefined });
  const server = createApiServer({ storage, config });
  const response = await server.handle(new Request('http://cluster/api/v1/namespaces/default/pods'), ADMIN);
  return response.status;
}

it('serves the built-in kinds, and none of a cluster that has others', async () => {
  expect(await statusFrom(0)).toBe(200);
  expect(await statusFrom(1)).toBe(503);
});
