import { expect, it } from 'vitest';
import { eventsOf } from './pods.ts';
import { createSandbox } from './sandbox.ts';

it('a node’s kubelet says that it started, and how the node is', async () => {
  const events = await eventsOf(createSandbox(2), 'node-2');
  expect(events.filter((e) => e.source.component === 'kubelet').map((e) => `${e.reason}: ${e.message}`)).toEqual([
    'Starting: Starting kubelet.',
    'InvalidDiskCapacity: invalid capacity 0 on image filesystem',
    'NodeAllocatableEnforced: Updated Node Allocatable limit across pods',
    'NodeHasSufficientMemory: Node node-2 status is now: NodeHasSufficientMemory',
    'NodeHasNoDiskPressure: Node node-2 status is now: NodeHasNoDiskPressure',
    'NodeHasSufficientPID: Node node-2 status is now: NodeHasSufficientPID',
    'NodeReady: Node node-2 status is now: NodeReady',
  ]);
  expect(events[0]).toMatchObject({
    source: { component: 'kubelet', host: 'node-2' },
    metadata: { namespace: 'default' },
  });
});

it('a node that is closed to new pods, or opened again, says so', async () => {
  const sandbox = createSandbox(1);
  for (const unschedulable of [true, false]) {
    await sandbox.request('PATCH', '/api/v1/nodes/node-1', { spec: { unschedulable } });
    sandbox.advance(0);
  }
  const told = async (reason: string) => (await eventsOf(sandbox, 'node-1', reason)).map((e) => e.message);
  expect(await told('NodeNotSchedulable')).toEqual(['Node node-1 status is now: NodeNotSchedulable']);
  expect(await told('NodeSchedulable')).toEqual(['Node node-1 status is now: NodeSchedulable']);
});
