/** How a pod ends: asked to stop, waited for, and killed when its grace period is over, on the cluster's clock. */
import { describe, expect, it } from 'vitest';
import { eventsOf, get, type Json, make, pod, remove } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const SLEEP = { image: 'busybox', command: ['sleep', '3600'] };
const sh = (script: string): Json => ({ image: 'busybox', command: ['sh', '-c', script] });

describe('a deleted pod', () => {
  it('stays, Terminating and Running, until its grace period is over', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, SLEEP));
    const { metadata, status } = await remove(sandbox, 'p');
    expect(metadata).toMatchObject({ deletionGracePeriodSeconds: 30, generation: 2 });
    expect(metadata.deletionTimestamp).toBeDefined();
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses[0]).toMatchObject({ ready: true });
    expect(status.observedGeneration).toBe(2);
    expect(await eventsOf(sandbox, 'p', 'Killing')).toMatchObject([{ message: 'Stopping container c', count: 1 }]);
    sandbox.advance(29_999);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(1);
    expect((await get(sandbox, 'p')).code).toBe(404);
    expect(await eventsOf(sandbox, 'p', 'Killing')).toMatchObject([{ count: 1 }]);
  });

  it.each([
    ['killed', SLEEP, 'Failed', 137],
    ['in good order', {}, 'Succeeded', 0],
    ['with a code of its own', sh("trap 'exit 5' TERM; sleep 3600 & wait"), 'Failed', 5],
  ])('that a finalizer keeps shows how it ended: %s', async (_, container, phase, exitCode) => {
    const sandbox = createSandbox(1);
    const kept = pod('p', { terminationGracePeriodSeconds: 5 }, container);
    kept.metadata.finalizers = ['example.com/keep'];
    await make(sandbox, kept);
    await remove(sandbox, 'p');
    sandbox.advance(5_000);
    const { status, metadata } = await get(sandbox, 'p');
    expect(metadata.deletionGracePeriodSeconds).toBe(0);
    expect(status.phase).toBe(phase);
    expect(status.containerStatuses[0].state.terminated).toMatchObject({ exitCode });
    sandbox.advance(60_000);
    expect((await get(sandbox, 'p')).status).toEqual(status);
  });

  it('that serves is gone soon, and is seen to go', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p'));
    expect((await remove(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(2_000);
    expect((await get(sandbox, 'p')).code).toBe(404);
  });

  it('is not waited for longer by a second deletion that is in more of a hurry, nor stopped sooner', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, SLEEP));
    await remove(sandbox, 'p', { gracePeriodSeconds: 20 });
    sandbox.advance(5_000);
    expect((await remove(sandbox, 'p', { gracePeriodSeconds: 1 })).metadata.deletionGracePeriodSeconds).toBe(1);
    sandbox.advance(14_999);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(1);
    expect((await get(sandbox, 'p')).code).toBe(404);
  });

  it('goes at once without grace, and when nothing of it runs', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, SLEEP));
    expect((await remove(sandbox, 'p', { gracePeriodSeconds: 0 })).code).toBe(404);
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }];
    await make(sandbox, pod('q', {}, { ...SLEEP, env }));
    expect((await remove(sandbox, 'q')).code).toBe(404);
  });

  it('has its hook run first, and its sidecars stopped last', async () => {
    const sandbox = createSandbox(1);
    const slow = { lifecycle: { preStop: { sleep: { seconds: 4 } } } };
    await make(sandbox, pod('p', {}, slow));
    await remove(sandbox, 'p');
    sandbox.advance(4_000);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(1_000);
    expect((await get(sandbox, 'p')).code).toBe(404);
    const initContainers = [{ name: 'side', restartPolicy: 'Always', ...SLEEP }];
    await make(sandbox, pod('q', { initContainers }, { ...sh("trap 'sleep 3; exit 0' TERM; sleep 99 & wait") }));
    await remove(sandbox, 'q', { gracePeriodSeconds: 10 });
    sandbox.advance(9_999);
    expect((await get(sandbox, 'q')).status.phase).toBe('Running');
    sandbox.advance(1);
    expect((await get(sandbox, 'q')).code).toBe(404);
    const messages = (await eventsOf(sandbox, 'q', 'Killing')).map((e) => e.message);
    expect(messages).toEqual(['Stopping container side', 'Stopping container c']);
  });

  it('says that its hook failed', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, { lifecycle: { preStop: { exec: { command: ['false'] } } } }));
    await remove(sandbox, 'p');
    expect(await eventsOf(sandbox, 'p', 'FailedPreStopHook')).toMatchObject([{ message: 'PreStopHook failed' }]);
  });

  it('goes on ending after an eviction of the cluster from memory', async () => {
    const sandbox = createSandbox(1);
    await make(sandbox, pod('p', {}, SLEEP));
    await remove(sandbox, 'p');
    sandbox.advance(10_000);
    sandbox.evict();
    sandbox.advance(19_999);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(1);
    expect((await get(sandbox, 'p')).code).toBe(404);
  });
});

it('a pod that has been active for too long is stopped with its grace period', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, pod('p', { activeDeadlineSeconds: 10, terminationGracePeriodSeconds: 5 }, SLEEP));
  sandbox.advance(10_000);
  expect((await get(sandbox, 'p')).status.phase).toBe('Running');
  expect(await eventsOf(sandbox, 'p', 'DeadlineExceeded')).toMatchObject([{ type: 'Normal' }]);
  sandbox.advance(5_000);
  const { status } = await get(sandbox, 'p');
  expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  expect(status.containerStatuses[0].state.terminated.exitCode).toBe(137);
});

describe('a Job’s pod that is evicted', () => {
  it.each([
    ['an image’s own program', {}],
    ['sleep', SLEEP],
  ])('has not succeeded: %s', async (_, container) => {
    const sandbox = createSandbox(1);
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app', ...container }] } };
    const spec = { backoffLimit: 0, podReplacementPolicy: 'Failed', template };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec };
    const path = '/apis/batch/v1/namespaces/default/jobs';
    await sandbox.request('POST', path, job);
    sandbox.advance(0);
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/pods');
    const { name } = items[0].metadata;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
    await sandbox.request('POST', `/api/v1/namespaces/default/pods/${name}/eviction`, eviction);
    sandbox.advance(60_000);
    const { status } = await sandbox.request('GET', `${path}/j`);
    expect(status.succeeded).toBeUndefined();
    expect(status.failed).toBe(1);
  });
});
