/** Definitions that are together more than a Worker may be told at once. */
import { expect, it } from 'vitest';
import { KnownKinds, MAX_READ_SINGLY, READ_AT_ONCE, wholeRanges } from '../../src/cluster/known-kinds.ts';
import { MAX_READ_BYTES, readIfRoom } from '../../src/etcd/bounded-read.ts';
import type { RangeRequest } from '../../src/etcd/types.ts';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CHARACTERS = 400_000;

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

/** Whether a Worker that knows these kinds so far gets to know of one, and by how many answers of the object. */
async function renewed(
  sandbox: Sandbox,
  kinds: KnownKinds,
  plural: string,
): Promise<{ known: boolean; calls: number }> {
  let calls = 0;
  const { store, catalog } = sandbox.cluster;
  const part = async (ranges: RangeRequest[]) => {
    calls++;
    const responses = readIfRoom((range) => store.range(range), ranges, MAX_READ_BYTES);
    if ('heavy' in responses) throw new Error('an answer is too large');
    return { revision: store.revision, responses };
  };
  await kinds.renew(wholeRanges(part), catalog.revision);
  return { known: kinds.catalog.resource('example.com', 'v1', plural) !== undefined, calls };
}

it('are read part by part, all of them or those that have changed', async () => {
  const sandbox = createSandbox(0);
  const count = Math.ceil((2 * MAX_READ_BYTES) / CHARACTERS);
  expect(count).toBeGreaterThan(MAX_READ_SINGLY);
  for (let i = 0; i < count; i++) await define(sandbox, i);
  sandbox.advance(60_000);
  const kinds = new KnownKinds();
  const last = `t${count - 1}`;
  // Their keys, and three parts.
  expect(await renewed(sandbox, kinds, last)).toEqual({ known: true, calls: 4 });
  await define(sandbox, count);
  sandbox.advance(60_000);
  expect(await renewed(sandbox, kinds, `t${count}`)).toEqual({ known: true, calls: 2 });
  for (const changed of [MAX_READ_SINGLY, MAX_READ_SINGLY + 1]) {
    for (let i = 0; i < changed; i++)
      await sandbox.request('PATCH', `${DEFINITIONS}/t${i}.example.com`, {
        metadata: { labels: { changed: String(changed) } },
      });
    const calls = changed > MAX_READ_SINGLY ? 4 : 1 + Math.ceil(changed / READ_AT_ONCE);
    expect(await renewed(sandbox, kinds, last)).toEqual({ known: true, calls });
  }
});
