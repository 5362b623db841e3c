/** How pods are attached to their network: the calls that can be read, and what is told when there is no address left. */
import { expect, it } from 'vitest';
import { podAttachment } from '../../src/cluster/pod-attachment.ts';
import { eventsOf, get, make, pod, remove } from './pods.ts';
import { createSandbox } from './sandbox.ts';

/** The addresses of pods on a node's range of eight. */
const SMALL = '10.244.0.0/29';

it('tells of each pod the calls that gave it its address', async () => {
  const sandbox = createSandbox(1, { podCIDR: SMALL });
  const calls = (name: string) => podAttachment(sandbox.cluster.reader(), 'default', name)!.calls;
  const expectAddress = async (name: string) => {
    const { status } = await get(sandbox, name);
    expect(calls(name)[1]!.result).toMatchObject({ ips: [{ address: `${status.podIP}/29`, gateway: '10.244.0.1' }] });
  };
  for (const name of ['a', 'b', 'c']) await make(sandbox, pod(name));
  await remove(sandbox, 'a', { gracePeriodSeconds: 0 });
  // Round robin: past what is free again.
  for (const name of ['d', 'e', 'f']) await make(sandbox, pod(name));
  for (const name of ['b', 'c', 'd', 'e', 'f']) await expectAddress(name);
  expect((await get(sandbox, 'f')).status.podIP).toBe('10.244.0.2');
  expect(podAttachment(sandbox.cluster.reader(), 'default', 'a')).toBeUndefined();
});

it('leaves a pod without an address waiting, in the words of the plugin', async () => {
  const sandbox = createSandbox(1, { podCIDR: SMALL });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await make(sandbox, pod(name));
  const { status } = await make(sandbox, pod('late'));
  expect(status.podIP).toBeUndefined();
  expect(status.containerStatuses[0].state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  const { containerID, calls } = podAttachment(sandbox.cluster.reader(), 'default', 'late')!;
  const [event] = await eventsOf(sandbox, 'late', 'FailedCreatePodSandBox');
  const why = 'no IP addresses available in range set: 10.244.0.1-10.244.0.6';
  expect(event!.message).toBe(
    `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${containerID}": plugin type="bridge" failed (add): failed to allocate for range 0: ${why}`,
  );
  expect(calls.map(({ exitCode }) => exitCode)).toEqual([0, 1]);
});

it('attaches a pod on the network of its node to nothing', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, pod('own', { hostNetwork: true }));
  expect(podAttachment(sandbox.cluster.reader(), 'default', 'own')!.calls).toEqual([]);
});
