/** Definitions that are together more than a Worker may be told at once. */
import { expect, it } from 'vitest';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { KnownKinds, MAX_READ_SINGLY } from '../../src/cluster/known-kinds.ts';
import { resultOf } from '../../src/cluster/read-result.ts';
import { type ClusterStub, RemoteStorage } from '../../src/cluster/remote-storage.ts';
import { MAX_READ_BYTES, readIfRoom } from '../../src/etcd/bounded-read.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { Draws } from '../../src/simulation/draws.ts';
import { HeldBytes, LIGHT_BYTES } from '../../src/simulation/held-bytes.ts';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CHARACTERS = 200_000;

async function define(sandbox: Sandbox, i: number): Promise<void> {
  const plural = `t${i}`;
  const openAPIV3Schema = { type: 'object', description: 'x'.repeat(CHARACTERS) };
  const made = await sandbox.request('POST', DEFINITIONS, {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural, singular: plural, kind: `T${i}`, listKind: `T${i}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  });
  expect(made.kind).toBe('CustomResourceDefinition');
}

/** What a Worker answers that knows these kinds so far, and how often it asked the object. */
async function asked(sandbox: Sandbox, kinds: KnownKinds, path: string): Promise<{ status: number; calls: number }> {
  let calls = 0;
  const { cluster } = sandbox;
  const stub = {
    read: async (...[, ranges, allowed]: Parameters<ClusterStub['read']>) => {
      calls++;
      const read = readIfRoom((range) => cluster.store.range(range), ranges, allowed);
      return { value: 'heavy' in read ? read : resultOf(cluster, read) };
    },
  } as unknown as ClusterStub;
  const held = new HeldBytes(LIGHT_BYTES).open('x');
  const storage = new RemoteStorage(stub, 'epoch', { draws: new Draws(), held, busy: () => undefined, kinds });
  const config = {
    id: 'sandbox',
    seed: 'sandbox',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767] as [number, number],
    components: componentsOf('full'),
  };
  const { status } = await createApiServer({ storage, config }).handle(new Request(`http://cluster${path}`), ADMIN);
  return { status, calls };
}

it('are read part by part, all of them or those that have changed', async () => {
  const sandbox = createSandbox(0);
  const count = Math.ceil((2 * MAX_READ_BYTES) / CHARACTERS);
  expect(count).toBeGreaterThan(MAX_READ_SINGLY);
  for (let i = 0; i < count; i++) await define(sandbox, i);
  sandbox.advance(60_000);
  const kinds = new KnownKinds();
  const last = `/apis/example.com/v1/t${count - 1}`;
  const first = await asked(sandbox, kinds, last);
  expect(first.status).toBe(200);
  expect(first.calls).toBeLessThan(10);
  const { calls } = await asked(sandbox, kinds, last);
  await define(sandbox, count);
  sandbox.advance(60_000);
  // What is read in vain, the definitions' keys, and the new one.
  expect(await asked(sandbox, kinds, `/apis/example.com/v1/t${count}`)).toEqual({ status: 200, calls: calls + 3 });
  for (let i = 0; i < MAX_READ_SINGLY; i++)
    await sandbox.request('PATCH', `${DEFINITIONS}/t${i}.example.com`, { metadata: { labels: { a: 'b' } } });
  expect((await asked(sandbox, kinds, last)).status).toBe(200);
  for (let i = 0; i <= MAX_READ_SINGLY; i++)
    await sandbox.request('PATCH', `${DEFINITIONS}/t${i}.example.com`, { spec: { names: { shortNames: [`s${i}`] } } });
  expect((await asked(sandbox, kinds, last)).status).toBe(200);
});
