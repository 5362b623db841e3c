/** A running pod that is given other resources. */
import { expect, it } from 'vitest';
import { eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const asking = (cpu: string): Json => ({
  resources: { requests: { cpu, memory: '32Mi' }, limits: { cpu, memory: '64Mi' } },
});

async function resize(sandbox: Sandbox, cpu: string): Promise<Json> {
  const object = await get(sandbox, 'p');
  Object.assign(object.spec.containers[0], asking(cpu));
  await sandbox.request('PUT', '/api/v1/namespaces/default/pods/p/resize', object);
  sandbox.advance(0);
  return get(sandbox, 'p');
}

it('has them without being started again, and its status and events say so', async () => {
  const sandbox = createSandbox(1);
  const before = await make(sandbox, pod('p', {}, asking('1')));
  expect(before.status).toMatchObject({ allocatedResources: { cpu: '1' }, resources: { limits: { cpu: '1' } } });
  const { status } = await resize(sandbox, '2');
  expect(status.containerStatuses[0]).toMatchObject({
    restartCount: 0,
    allocatedResources: { cpu: '2', memory: '32Mi' },
    resources: asking('2').resources,
  });
  expect(status).toMatchObject({ observedGeneration: 2, resources: { requests: { cpu: '2' } } });
  expect(status.conditions.map((c: Json) => c.type)).not.toContain('PodResizeInProgress');
  const summary =
    '{"containers":[{"name":"c","resources":{"limits":{"cpu":"2","memory":"64Mi"},"requests":{"cpu":"2","memory":"32Mi"}}}],"generation":2}';
  expect(await eventsOf(sandbox, 'p', 'ResizeStarted')).toMatchObject([{ message: `Pod resize started: ${summary}` }]);
  expect(await eventsOf(sandbox, 'p', 'ResizeCompleted')).toMatchObject([
    { message: `Pod resize completed: ${summary}` },
  ]);
});

it('waits for room on its node', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, pod('p', {}, asking('1')));
  await make(sandbox, pod('other', {}, asking('10')));
  const { status } = await resize(sandbox, '7');
  expect(status.conditions[0]).toMatchObject({
    type: 'PodResizePending',
    reason: 'Deferred',
    message: "Node didn't have enough resource: cpu, requested: 7000, used: 10000, capacity: 16000",
  });
  expect(await eventsOf(sandbox, 'p', 'ResizeDeferred')).toMatchObject([{ type: 'Warning', count: 1 }]);
  await sandbox.request('DELETE', '/api/v1/namespaces/default/pods/other', { gracePeriodSeconds: 0 });
  sandbox.advance(180_000);
  const later = (await get(sandbox, 'p')).status;
  expect(later.containerStatuses[0].resources.requests.cpu).toBe('7');
  expect(later.conditions[0].type).toBe('PodReadyToStartContainers');
});
