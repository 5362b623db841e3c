/** At a realistic pace a pod shows what it goes through. */
import { expect, it } from 'vitest';
import { get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const realistic = { behaviours: [{ match: {}, pace: 'realistic' as const }] };
const phases = ({ status }: Json): string[] => [
  status.phase,
  ...status.conditions.map((c: Json) => `${c.type}=${c.status}`).slice(0, 3),
];

it('a pod has its sandbox, then its address, and is ready when a probe has been tried', async () => {
  const sandbox = createSandbox(1, realistic);
  const readinessProbe = { httpGet: { path: '/', port: 80 } };
  const begun = await make(sandbox, pod('p', {}, { readinessProbe }));
  expect(phases(begun)).toEqual(['Pending', 'PodReadyToStartContainers=False', 'Initialized=True', 'Ready=False']);
  sandbox.advance(1_000);
  const sandboxed = await get(sandbox, 'p');
  expect(phases(sandboxed)).toEqual(['Pending', 'PodReadyToStartContainers=True', 'Initialized=True', 'Ready=False']);
  expect(sandboxed.status.podIP).toBeUndefined();
  sandbox.advance(500);
  const running = await get(sandbox, 'p');
  expect(phases(running)).toEqual(['Running', 'PodReadyToStartContainers=True', 'Initialized=True', 'Ready=False']);
  expect(running.status.podIP).toBe('10.244.0.2');
  sandbox.advance(1_000);
  expect((await get(sandbox, 'p')).status.containerStatuses[0].ready).toBe(true);
});

it('a pod is over some time after its containers', async () => {
  const sandbox = createSandbox(1, realistic);
  await make(sandbox, pod('p', { restartPolicy: 'Never' }, { image: 'busybox', command: ['false'] }));
  sandbox.advance(1_500);
  expect((await get(sandbox, 'p')).status.containerStatuses[0].state.running).toBeDefined();
  sandbox.advance(500);
  const ended = await get(sandbox, 'p');
  expect(ended.status.containerStatuses[0].state.terminated.exitCode).toBe(1);
  expect(ended.status.phase).not.toBe('Failed');
  expect(ended.status.conditions.find((c: Json) => c.type === 'Ready')).toMatchObject({ reason: 'PodFailed' });
  sandbox.advance(1_500);
  const { status } = await get(sandbox, 'p');
  expect(status.phase).toBe('Failed');
  expect(status.conditions[0]).toMatchObject({ status: 'False', message: 'pod sandbox is not ready' });
});
