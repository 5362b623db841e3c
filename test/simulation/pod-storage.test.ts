/** Pods that write more on their node's disk than they may. */
import { expect, it } from 'vitest';
import { CONTAINER_STATS_MS, VOLUME_STATS_MS } from '../../src/kubelet/storage-eviction.ts';
import { eventsOf, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const KILOBYTE = 1024;

/** A pod whose program has written so many bytes into a file, and then goes on. */
const writing = (bytes: number, file: string, spec: Json, container: Json, then = 'sleep 9'): Json => {
  const script = `head -c ${bytes} /dev/zero > ${file}; ${then}; while true; do sleep 9; done`;
  return pod('p', spec, { image: 'busybox', command: ['sh', '-c', script], ...container });
};

const inVolume = (bytes: number, emptyDir: Json, then?: string): Json =>
  writing(
    bytes,
    '/v/f',
    { volumes: [{ name: 'v', emptyDir }] },
    { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    then,
  );

it('go when a volume holds more than its limit, as it is measured', async () => {
  const sandbox = createSandbox(1);
  await make(sandbox, inVolume(4 * KILOBYTE + 1, { sizeLimit: '4Ki' }));
  expect((await get(sandbox, 'p')).status.phase).toBe('Running');
  sandbox.advance(VOLUME_STATS_MS + 5000);
  const message = 'Usage of EmptyDir volume "v" exceeds the limit "4Ki". ';
  expect((await get(sandbox, 'p')).status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message });
  expect(await eventsOf(sandbox, 'p', 'Evicted')).toMatchObject([{ type: 'Warning', message, count: 1 }]);
});

it('stay when it holds no more than that, or is in memory', async () => {
  for (const [bytes, emptyDir] of [
    [4 * KILOBYTE, { sizeLimit: '4Ki' }],
    [4 * KILOBYTE + 1, { sizeLimit: '4Ki', medium: 'Memory' }],
  ] as const) {
    const sandbox = createSandbox(1);
    await make(sandbox, inVolume(bytes, emptyDir));
    sandbox.advance(3 * VOLUME_STATS_MS);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    expect(await eventsOf(sandbox, 'p', 'Evicted')).toEqual([]);
  }
});

it('go when their containers have written more than they may in all, well if they end well', async () => {
  const sandbox = createSandbox(1);
  const limited = (limit: string): Json => ({
    resources: { requests: { 'ephemeral-storage': '0' }, limits: { 'ephemeral-storage': limit } },
  });
  await make(sandbox, writing(9 * KILOBYTE, '/f', {}, limited('8Ki'), 'trap "exit 0" TERM; sleep 60 & wait'));
  sandbox.advance(CONTAINER_STATS_MS + 5000);
  const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 8Ki. ';
  expect((await get(sandbox, 'p')).status).toMatchObject({ phase: 'Succeeded' });
  expect(await eventsOf(sandbox, 'p', 'Evicted')).toMatchObject([{ message }]);
});
