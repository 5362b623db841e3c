/** The rules of a cluster that says nothing of any, as clusters and exported files of an earlier version do. */
import { expect, it } from 'vitest';
import { make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

it.each([
  ['without behaviours has the default ones', {}, false],
  ['with an empty list has none', { behaviours: [] }, true],
])('a cluster %s', async (_, options, ready) => {
  const sandbox = createSandbox(1, options);
  const { status } = await make(sandbox, pod('p', {}, {}, { ready: 'never' }));
  expect(status.containerStatuses[0].ready).toBe(ready);
});
