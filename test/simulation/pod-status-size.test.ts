/** A pod that is stored, with a status that will not be: more containers than what can be told of them has room for. */
import { expect, it } from 'vitest';
import { eventsOf, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const CONTAINERS = 1300;
const IMAGE = `registry.example.com/${'a'.repeat(120)}/app`;
/** In ten minutes: a real kubelet's pause, doubled each time, makes it six. */
const MAX_TRIES = 10;

it('is tried after longer and longer pauses, and nothing is told twice', async () => {
  const sandbox = createSandbox(1);
  const containers = Array.from({ length: CONTAINERS }, (_, i) => ({ name: `c${i}`, image: `${IMAGE}:v${i}` }));
  const { status } = await make(sandbox, pod('p', { nodeName: 'node-1', containers }));
  expect(status.phase).toBe('Pending');
  const { revision } = sandbox.cluster.store;
  sandbox.advance(600_000);
  expect(sandbox.errors.every((error) => error.endsWith('request is too large'))).toBe(true);
  expect(sandbox.errors.length).toBeGreaterThan(1);
  expect(sandbox.errors.length).toBeLessThan(MAX_TRIES);
  expect(sandbox.cluster.store.revision - revision).toBeLessThan(MAX_TRIES);
  const started = await eventsOf(sandbox, 'p', 'Started');
  expect(started.filter((event: Json) => event.count !== 1)).toEqual([]);
  expect(started).toHaveLength(CONTAINERS);
});
