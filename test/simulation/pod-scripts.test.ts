/** Pods whose program ends as soon as it has begun, because its script says so. */
import { describe, expect, it } from 'vitest';
import { MAX_MOUNTS } from '../../src/kubelet/programs/program-end.ts';
import { create, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const script = (text: string, more: Json = {}): Json => ({ image: 'busybox', command: ['sh', '-c', text], ...more });
const once = (text: string, more: Json = {}, spec: Json = {}): Json =>
  pod('p', { restartPolicy: 'Never', ...spec }, script(text, more));
const terminated = ({ status }: Json): Json => status.containerStatuses[0].state.terminated;

describe('a script that ends at once', () => {
  it('ends its pod with its exit code', async () => {
    const failed = await make(createSandbox(1), once('exit 3'));
    expect(failed.status.phase).toBe('Failed');
    expect(terminated(failed)).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect((await make(createSandbox(1), once('echo hello'))).status.phase).toBe('Succeeded');
  });

  it('runs on where its end cannot be told', async () => {
    expect((await make(createSandbox(1), once('echo hello; sleep 3600'))).status.phase).toBe('Running');
    expect((await make(createSandbox(1), pod('p', {}, { args: ['exit', '3'] }))).status.phase).toBe('Running');
  });

  it('sees its environment', async () => {
    const sandbox = createSandbox(1);
    await create(sandbox, 'ConfigMap', 'configmaps', { metadata: { name: 'm' }, data: { code: '7' } });
    const env = [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'code' } } },
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    const made = await make(sandbox, once('if [ "$NAME" = p ]; then exit $A; fi', { env }));
    expect(terminated(made).exitCode).toBe(7);
    const direct = pod('q', { restartPolicy: 'Never' }, { ...script('exit $(A)'), env });
    expect(terminated(await make(sandbox, direct)).exitCode).toBe(7);
  });

  it('finds what it has left in a volume of its pod, and nowhere else', async () => {
    const failsOnce = (path: string): string => `if [ -e ${path} ]; then exit 0; else touch ${path}; exit 1; fi`;
    const mounted = { volumeMounts: [{ name: 'v', mountPath: '/data' }] };
    const spec = { restartPolicy: 'OnFailure', volumes: [{ name: 'v', emptyDir: {} }] };
    const kept = await make(createSandbox(1), once(failsOnce('/data/foo'), mounted, spec));
    expect(kept.status).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ restartCount: 1 }] });
    const lost = await make(createSandbox(1), once(failsOnce('/tmp/foo'), mounted, spec));
    expect(lost.status.containerStatuses[0].state.waiting.reason).toBe('CrashLoopBackOff');
  });

  it('knows nothing of a volume that another container writes into, or of very many', async () => {
    const text = 'if [ -e /data/foo ]; then exit 0; else exit 1; fi';
    const volumeMounts = [{ name: 'v', mountPath: '/data' }];
    const volumes = [{ name: 'v', emptyDir: {} }];
    const other = { name: 'i', image: 'busybox', command: ['true'], volumeMounts };
    const shared = await make(createSandbox(1), once(text, { volumeMounts }, { volumes, initContainers: [other] }));
    expect(shared.status.phase).toBe('Running');
    const within = [...volumeMounts, { name: 'w', mountPath: '/data/in' }];
    const deeper = { volumes: [...volumes, { name: 'w', emptyDir: {} }] };
    expect((await make(createSandbox(1), once(text, { volumeMounts: within }, deeper))).status.phase).toBe('Running');
    const phaseWith = async (count: number): Promise<string> => {
      const more = Array.from({ length: count - 2 }, (_, i) => ({ name: 'v', mountPath: `/m${i}` }));
      // One mount is the token's.
      return (
        await make(createSandbox(1), once('[ -e /tmp/x ]', { volumeMounts: [...volumeMounts, ...more] }, { volumes }))
      ).status.phase;
    };
    expect(await phaseWith(MAX_MOUNTS)).toBe('Failed');
    expect(await phaseWith(MAX_MOUNTS + 1)).toBe('Running');
  });

  it('knows a folder of its node that no pod has used before', async () => {
    const sandbox = createSandbox(1);
    const text = 'if [ -e /data/foo ]; then exit 0; else touch /data/foo; exit 1; fi';
    const mounted = { ...script(text), volumeMounts: [{ name: 'v', mountPath: '/data' }] };
    const phase = async (name: string, path: string): Promise<string> => {
      const volumes = [{ name: 'v', hostPath: { path } }];
      return (await make(sandbox, pod(name, { restartPolicy: 'Never', volumes }, mounted))).status.phase;
    };
    expect(await phase('first', '/tmp/a')).toBe('Failed');
    expect(await phase('second', '/tmp/a/b')).toBe('Running');
    expect(await phase('third', '/tmp/ab')).toBe('Failed');
    expect(await phase('fourth', '/var/lib/a')).toBe('Running');
    // Of two that come together, one is the first.
    const volumes = [{ name: 'v', hostPath: { path: '/tmp/both' } }];
    const both = pod('x', { restartPolicy: 'Never', volumes }, mounted);
    for (const name of ['x', 'y'])
      await sandbox.request('POST', '/api/v1/namespaces/default/pods', { ...both, metadata: { name } });
    sandbox.advance(0);
    const phases = await Promise.all(['x', 'y'].map(async (name) => (await get(sandbox, name)).status.phase));
    expect(phases.sort()).toEqual(['Failed', 'Running']);
  });

  it('leaves a message', async () => {
    const message = async (text: string, more: Json = {}): Promise<string | undefined> =>
      terminated(await make(createSandbox(1), once(text, more))).message;
    const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };
    expect(await message('echo -n OK > /dev/termination-log; echo DONE', fallback)).toBe('OK');
    expect(await message('echo -n DONE; false', fallback)).toBe('DONE');
    expect(await message('echo -n DONE; true', fallback)).toBeUndefined();
    expect(await message('echo -n DONE; false')).toBeUndefined();
    expect(await message('echo -n DONE > /dev/own', { terminationMessagePath: '/dev/own' })).toBe('DONE');
  });

  it('counts for a Job by its exit code', async () => {
    const sandbox = createSandbox(1);
    const path = '/apis/batch/v1/namespaces/default/jobs';
    const odd = 'if [ $(expr $JOB_COMPLETION_INDEX % 2) -ne 0 ]; then exit 1; else exit 0; fi';
    await sandbox.request('POST', path, {
      metadata: { name: 'j' },
      spec: {
        completions: 4,
        parallelism: 4,
        completionMode: 'Indexed',
        backoffLimitPerIndex: 0,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', ...script(odd) }] } },
      },
    });
    sandbox.advance(60_000);
    const { status } = await sandbox.request('GET', `${path}/j`);
    expect(status).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1,3' });
  });

  it('holds up its pod if it is an init container’s that fails', async () => {
    const sandbox = createSandbox(1);
    const { status } = await make(sandbox, pod('p', { initContainers: [{ name: 'i', ...script('exit 2') }] }));
    expect(status.initContainerStatuses[0].lastState.terminated.exitCode).toBe(2);
    expect((await get(sandbox, 'p')).status.phase).toBe('Pending');
  });
});
