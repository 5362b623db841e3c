/** What the pump holds of a cluster, and what it holds while it wakes. */
import { expect, it } from 'vitest';
import type { RangeRequest } from '../../src/etcd/types.ts';
import { LOAD_BYTES } from '../../src/simulated-cluster.ts';
import { createSandbox } from './sandbox.ts';

it('reads what it wakes with part by part', async () => {
  const sandbox = createSandbox(1);
  const names = Array.from({ length: 5 }, (_, i) => `large-${i}`);
  const size = Math.ceil(LOAD_BYTES * 0.4);
  for (const name of names)
    await sandbox.request('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name },
      data: { a: 'x'.repeat(size) },
    });
  sandbox.evict();
  const { store } = sandbox.cluster;
  const range = store.range.bind(store);
  let [most, all] = [0, 0];
  store.range = (request: RangeRequest) => {
    const response = range(request);
    const length = response.kvs.reduce((sum, { value }) => sum + value.length, 0);
    most = Math.max(most, length);
    all += length;
    return response;
  };
  const found = sandbox.cluster.reader().list('configmaps', 'default');
  expect(found.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(names));
  expect(all).toBeGreaterThan(names.length * size);
  expect(all).toBeLessThan((names.length + 1) * size + LOAD_BYTES);
  expect(most).toBeLessThanOrEqual(LOAD_BYTES + size);
});
