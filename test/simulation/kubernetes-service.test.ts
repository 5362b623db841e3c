import { expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

it('the API server’s own Service is there again ten seconds after it was deleted', async () => {
  const sandbox = createSandbox(0);
  const path = '/api/v1/namespaces/default/services/kubernetes';
  const before = await sandbox.request('GET', path);
  await sandbox.request('DELETE', path);
  sandbox.advance(9_000);
  expect(await sandbox.request('GET', path)).toMatchObject({ code: 404 });
  sandbox.advance(2_000);
  const after = await sandbox.request('GET', path);
  expect(after.spec).toEqual(before.spec);
  expect(after.metadata.labels).toEqual(before.metadata.labels);
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect(sandbox.errors).toEqual([]);
});
