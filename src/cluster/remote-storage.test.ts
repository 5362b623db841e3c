import { expect, it } from 'vitest';
import { ADMIN } from '../apiserver/authentication.ts';
import { createApiServer } from '../apiserver/server.ts';
import { componentsOf } from '../platform/components.ts';
import { Draws } from '../simulation/draws.ts';
import { heldBytes } from '../simulation/held-bytes.ts';
import { type ClusterStub, RemoteStorage } from './remote-storage.ts';

const config = {
  id: 'x',
  seed: 'x',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.244.0.0/16',
  nodePortRange: [30000, 32767] as [number, number],
  components: componentsOf('api'),
};

/** The status of a list from an object that says that its kinds are of this revision. */
async function statusFrom(catalogRevision: number): Promise<number> {
  const stub = {
    read: async (_epoch: string, ranges: unknown[]) => {
      const responses = ranges.map(() => ({ revision: 1, count: 0, more: false, kvs: [] }));
      return { value: { revision: 1, now: 0, catalogRevision, responses } };
    },
  } as unknown as ClusterStub;
  const held = heldBytes.open('x');
  const storage = new RemoteStorage(stub, 'epoch', { draws: new Draws(), held, busy: () => undefined });
  const server = createApiServer({ storage, config });
  const response = await server.handle(new Request('http://cluster/api/v1/namespaces/default/pods'), ADMIN);
  held.give();
  return response.status;
}

it('serves the built-in kinds, and none of a cluster that has others', async () => {
  expect(await statusFrom(0)).toBe(200);
  expect(await statusFrom(1)).toBe(503);
});
