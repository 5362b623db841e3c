import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const BATCH = '/apis/batch/v1/namespaces/default';

const pod = (name: string, spec: object = {}, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
});

const job = (name: string, command: string[], spec: object = {}, podSpec: object = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command }], ...podSpec } },
    ...spec,
  },
});

const get = (sandbox: Sandbox, path: string): Promise<any> => sandbox.request('GET', path);
const typesOf = (object: any): string[] => object.status.conditions.map((c: any) => c.type).sort();

describe('a pod', () => {
  it('runs its init containers one after the other, and keeps sidecars beside the others', async () => {
    const sandbox = createSandbox(1);
    const initContainers = [
      { name: 'first', image: 'busybox', command: ['true'] },
      { name: 'proxy', image: 'envoy', restartPolicy: 'Always' },
    ];
    await sandbox.request('POST', `${CORE}/pods`, pod('p', { initContainers }));
    sandbox.advance(0);
    const { status } = await get(sandbox, `${CORE}/pods/p`);
    expect(status.phase).toBe('Running');
    expect(status.initContainerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(status.initContainerStatuses[1]).toMatchObject({ started: true, ready: true });
    expect(status.conditions.map((c: any) => `${c.type}=${c.status}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
  });

  it('does not start without a ConfigMap that it refers to, and starts when that comes', async () => {
    const sandbox = createSandbox(1);
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }];
    await sandbox.request('POST', `${CORE}/pods`, pod('p', { containers: [{ name: 'c', image: 'nginx', env }] }));
    sandbox.advance(0);
    const waiting = (await get(sandbox, `${CORE}/pods/p`)).status.containerStatuses[0].state.waiting;
    expect(waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "settings" not found' });
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: 'b' } };
    await sandbox.request('POST', `${CORE}/configmaps`, settings);
    sandbox.advance(0);
    expect((await get(sandbox, `${CORE}/pods/p`)).status.phase).toBe('Running');
  });

  it('is ready when its probe may first have succeeded', async () => {
    const sandbox = createSandbox(1);
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 7 };
    const containers = [{ name: 'c', image: 'nginx', readinessProbe }];
    await sandbox.request('POST', `${CORE}/pods`, pod('p', { containers }));
    const ready = async () => (await get(sandbox, `${CORE}/pods/p`)).status.containerStatuses[0].ready;
    sandbox.advance(6_000);
    expect(await ready()).toBe(false);
    sandbox.advance(2_000);
    expect(await ready()).toBe(true);
  });

  it('fails when it has been active for longer than it may', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${CORE}/pods`, pod('p', { activeDeadlineSeconds: 20 }));
    sandbox.advance(19_000);
    expect((await get(sandbox, `${CORE}/pods/p`)).status.phase).toBe('Running');
    sandbox.advance(2_000);
    expect((await get(sandbox, `${CORE}/pods/p`)).status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
    });
  });

  it('leaves a node whose taint it does not tolerate', async () => {
    const sandbox = createSandbox(1);
    const tolerations = [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }];
    await sandbox.request('POST', `${CORE}/pods`, pod('patient', { tolerations }));
    await sandbox.request('POST', `${CORE}/pods`, pod('p'));
    sandbox.advance(0);
    await sandbox.request('PATCH', '/api/v1/nodes/node-1', { spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } });
    sandbox.advance(1_000);
    const names = async () => (await get(sandbox, `${CORE}/pods`)).items.map((p: any) => p.metadata.name);
    expect(await names()).toEqual(['patient']);
    sandbox.advance(60_000);
    expect(await names()).toEqual([]);
  });
});

describe('a Job', () => {
  it('tries again after a growing pause, and gives up at its limit', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${BATCH}/jobs`, job('j', ['false'], { backoffLimit: 2 }));
    sandbox.advance(9_000);
    expect((await get(sandbox, `${BATCH}/jobs/j`)).status).toMatchObject({ failed: 1 });
    sandbox.advance(2_000);
    expect((await get(sandbox, `${BATCH}/jobs/j`)).status).toMatchObject({ failed: 2 });
    sandbox.advance(25_000);
    const failed = await get(sandbox, `${BATCH}/jobs/j`);
    expect(failed.status).toMatchObject({ failed: 3 });
    expect(typesOf(failed)).toEqual(['Failed', 'FailureTarget']);
  });

  it('ends by its policies: for failures, for successes, and for each index', async () => {
    const sandbox = createSandbox(1);
    const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 1 };
    const onExitCodes = { operator: 'In', values: [1] };
    const jobs = [
      job('policy', ['false'], { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } }),
      job('success', ['true'], { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } }),
      job('index', ['false'], { ...indexed, backoffLimitPerIndex: 0 }),
    ];
    for (const body of jobs) await sandbox.request('POST', `${BATCH}/jobs`, body);
    sandbox.advance(1_000);
    const verdict = async (name: string) => {
      const { status } = await get(sandbox, `${BATCH}/jobs/${name}`);
      const { type, reason } = status.conditions.at(-1);
      return { type, reason, succeeded: status.succeeded, failedIndexes: status.failedIndexes };
    };
    expect(await verdict('policy')).toMatchObject({ type: 'Failed', reason: 'PodFailurePolicy' });
    expect(await verdict('success')).toMatchObject({ type: 'Complete', reason: 'SuccessPolicy', succeeded: 1 });
    expect(await verdict('index')).toMatchObject({ type: 'Failed', reason: 'FailedIndexes', failedIndexes: '0-2' });
  });

  it('is made by a CronJob every minute, and kept as long as the history says', async () => {
    const sandbox = createSandbox(1);
    const { spec } = job('j', ['true']);
    const cron = { schedule: '* * * * *', successfulJobsHistoryLimit: 2, jobTemplate: { spec } };
    const body = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c' }, spec: cron };
    await sandbox.request('POST', `${BATCH}/cronjobs`, body);
    sandbox.advance(61_000);
    expect((await get(sandbox, `${BATCH}/jobs`)).items.map((j: any) => j.metadata.name)).toEqual(['c-29460121']);
    sandbox.advance(240_000);
    expect((await get(sandbox, `${BATCH}/jobs`)).items).toHaveLength(2);
    expect((await get(sandbox, `${BATCH}/cronjobs/c`)).status.lastScheduleTime).toBe('2026-01-05T10:05:00Z');
  });
});

describe('garbage', () => {
  const owned = (name: string, owner: any) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid }] },
  });

  it('goes with its last owner, and stays for one that orphans it', async () => {
    const sandbox = createSandbox(1);
    const owner = (name: string) =>
      sandbox.request('POST', `${CORE}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const first = (await owner('first')).metadata;
    const second = (await owner('second')).metadata;
    await sandbox.request('POST', `${CORE}/configmaps`, owned('of-first', first));
    await sandbox.request('POST', `${CORE}/configmaps`, owned('of-second', second));
    await sandbox.request('DELETE', `${CORE}/configmaps/first`);
    await sandbox.request('DELETE', `${CORE}/configmaps/second?propagationPolicy=Orphan`);
    sandbox.advance(1_000);
    const names = (await get(sandbox, `${CORE}/configmaps`)).items.map((m: any) => m.metadata.name);
    expect(names).toEqual(['kube-root-ca.crt', 'of-second']);
  });

  it('is what names an owner that never was', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${CORE}/configmaps`, owned('stray', { name: 'nobody', uid: 'none' }));
    sandbox.advance(1_000);
    expect((await get(sandbox, `${CORE}/configmaps/stray`)).reason).toBe('NotFound');
  });
});

describe('a namespace', () => {
  it('has its service account and its certificate at once, and takes everything with it', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'n' },
    });
    sandbox.advance(0);
    expect((await get(sandbox, '/api/v1/namespaces/n/serviceaccounts/default')).kind).toBe('ServiceAccount');
    expect((await get(sandbox, '/api/v1/namespaces/n/configmaps/kube-root-ca.crt')).data).toEqual({ 'ca.crt': 'PEM' });
    await sandbox.request('POST', '/api/v1/namespaces/n/pods', pod('p'));
    sandbox.advance(0);
    await sandbox.request('DELETE', '/api/v1/namespaces/n');
    sandbox.advance(60_000);
    expect((await get(sandbox, '/api/v1/namespaces/n')).reason).toBe('NotFound');
    expect((await get(sandbox, '/api/v1/pods')).items).toEqual([]);
  });
});

describe('a StatefulSet', () => {
  it('makes its pods in order, and replaces them from the last to the first', async () => {
    const sandbox = createSandbox(1);
    const template = { metadata: { labels: { app: 's' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
    const spec = { serviceName: 's', replicas: 3, selector: { matchLabels: { app: 's' } }, template };
    const body = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' }, spec };
    await sandbox.request('POST', `${APPS}/statefulsets`, body);
    sandbox.advance(0);
    const names = async () => (await get(sandbox, `${CORE}/pods`)).items.map((p: any) => p.metadata.name);
    expect(await names()).toEqual(['s-0', 's-1', 's-2']);
    const before = (await get(sandbox, `${APPS}/statefulsets/s`)).status.currentRevision;
    const image = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } } };
    await sandbox.request('PATCH', `${APPS}/statefulsets/s`, image);
    sandbox.advance(120_000);
    const { status } = await get(sandbox, `${APPS}/statefulsets/s`);
    expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentReplicas: 3 });
    expect(status.currentRevision).toBe(status.updateRevision);
    expect(status.currentRevision).not.toBe(before);
    expect(sandbox.errors).toEqual([]);
  });
});

describe('events', () => {
  it('are over an hour after they were last written', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${CORE}/pods`, pod('p'));
    sandbox.advance(59 * 60_000);
    expect((await get(sandbox, `${CORE}/events`)).items).not.toEqual([]);
    sandbox.advance(2 * 60_000);
    expect((await get(sandbox, `${CORE}/events`)).items).toEqual([]);
  });
});
