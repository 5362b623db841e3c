/** Pods whose program ends, because its script says so. */
import { describe, expect, it } from 'vitest';
import { create, get, type Json, make, pod } from './pods.ts';
import { createSandbox } from './sandbox.ts';

const script = (text: string, more: Json = {}): Json => ({ image: 'busybox', command: ['sh', '-c', text], ...more });
const once = (text: string, more: Json = {}, spec: Json = {}): Json =>
  pod('p', { restartPolicy: 'Never', ...spec }, script(text, more));
const terminated = ({ status }: Json): Json => status.containerStatuses[0].state.terminated;

describe('a script', () => {
  it('ends its pod with its exit code', async () => {
    const failed = await make(createSandbox(1), once('exit 3'));
    expect(failed.status.phase).toBe('Failed');
    expect(terminated(failed)).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect((await make(createSandbox(1), once('echo hello'))).status.phase).toBe('Succeeded');
  });

  it('is a shell that ends at once where there is none, unless it is to run for ever: then it stands for a program', async () => {
    const bare = (restartPolicy: string) =>
      make(createSandbox(1), pod('p', { restartPolicy }, { image: 'alpine:3.21' }));
    expect(terminated(await bare('Never'))).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect((await bare('OnFailure')).status.phase).toBe('Succeeded');
    expect((await bare('Always')).status.phase).toBe('Running');
  });

  it('runs on as long as it does', async () => {
    const sandbox = createSandbox(1);
    expect((await make(sandbox, once('echo hello; sleep 5; exit 4'))).status.phase).toBe('Running');
    sandbox.advance(4_999);
    expect((await get(sandbox, 'p')).status.phase).toBe('Running');
    sandbox.advance(1);
    expect(terminated(await get(sandbox, 'p')).exitCode).toBe(4);
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

  it('reaches other pods from its first instant, as do its hooks by the network of the node', async () => {
    const sandbox = createSandbox(2);
    const server = { image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec'] };
    const web = await make(sandbox, pod('web', {}, server));
    const host: string = web.status.podIP;
    const first = { name: 'i', ...script(`wget -qO- http://${host}:8080/echo?msg=script`) };
    const lifecycle = { postStart: { httpGet: { host, port: 8080, path: '/echo?msg=hook' } } };
    const made = await make(sandbox, pod('p', { initContainers: [first] }, { lifecycle }));
    expect(made.status.phase).toBe('Running');
    const target = { namespace: 'default', pod: 'web', uid: web.metadata.uid };
    const log = sandbox.cluster.machines.machine(target, sandbox.cluster.now(sandbox.now))!.log('c');
    const told = log.map(({ text }) => text).join('\n');
    expect(told).toContain('GET /echo?msg=script');
    expect(told).toContain('GET /echo?msg=hook');
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

  it('finds in a volume of its pod what another container has left there', async () => {
    const volumeMounts = [{ name: 'v', mountPath: '/data' }];
    const other = { name: 'i', ...script('echo 9 > /data/code'), volumeMounts };
    const spec = { volumes: [{ name: 'v', emptyDir: {} }], initContainers: [other] };
    const made = await make(createSandbox(1), once('exit $(cat /data/code)', { volumeMounts }, spec));
    expect(terminated(made).exitCode).toBe(9);
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
