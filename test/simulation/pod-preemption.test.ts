/** A node makes room for a pod that the cluster cannot do without. */
import { expect, it } from 'vitest';
import { eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const asking = (cpu: string): Json => ({ resources: { requests: { cpu } } });
const critical = (name: string, cpu: string): Json =>
  pod(name, { nodeName: 'node-1', priorityClassName: 'system-node-critical' }, asking(cpu));

it('by stopping one that is less important, with its grace period', async () => {
  const sandbox = createSandbox(1);
  const spec = { terminationGracePeriodSeconds: 5 };
  await make(sandbox, pod('small', spec, { ...asking('2'), command: ['sleep', '99'] }));
  await make(sandbox, pod('big', spec, { ...asking('12'), command: ['sleep', '99'] }));
  expect((await make(sandbox, critical('needed', '6'))).status.phase).toBe('Pending');
  expect(await eventsOf(sandbox, 'big', 'Preempting')).toMatchObject([
    { type: 'Warning', message: 'Preempted in order to admit critical pod', count: 1 },
  ]);
  expect((await get(sandbox, 'big')).status.phase).toBe('Running');
  sandbox.advance(6_000);
  const { status } = await get(sandbox, 'big');
  expect(status).toMatchObject({ phase: 'Failed', reason: 'Preempting' });
  expect(status.conditions[0]).toMatchObject({ type: 'DisruptionTarget', reason: 'TerminationByKubelet' });
  expect(await eventsOf(sandbox, 'big', 'Killing')).toMatchObject([{ count: 1 }]);
  expect((await get(sandbox, 'needed')).status.phase).toBe('Running');
  expect((await get(sandbox, 'small')).status.phase).toBe('Running');
});

it('unless nothing that is there may yield', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, critical('first', '12'));
  expect((await make(sandbox, critical('second', '6'))).status).toMatchObject({
    phase: 'Failed',
    reason: 'UnexpectedAdmissionError',
    message:
      'Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 2000), ]',
  });
  const elsewhere = critical('elsewhere', '6');
  elsewhere.spec.nodeSelector = { a: 'b' };
  expect((await make(sandbox, elsewhere)).status.reason).toBe('NodeAffinity');
});
