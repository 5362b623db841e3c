import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const APPS = '/apis/apps/v1/namespaces/default';
const PODS = '/api/v1/namespaces/default/pods';

const template = (image: string, labels: object = {}, spec: object = {}) => ({
  metadata: { labels: { app: 'x', ...labels } },
  spec: { containers: [{ name: 'c', image }], ...spec },
});

const daemonSet = (strategy: object = {}) => ({
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'x' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: strategy },
    template: template('one'),
  },
});

const items = async (sandbox: Sandbox, path: string): Promise<any[]> => (await sandbox.request('GET', path)).items;
const imagesOf = async (sandbox: Sandbox): Promise<string[]> =>
  (await items(sandbox, PODS)).map((pod) => pod.spec.containers[0].image).sort();

describe('the revisions of a DaemonSet', () => {
  it('carry the hash that its pods carry, and count up when it goes back', async () => {
    const sandbox = createSandbox(2);
    await sandbox.request('POST', `${APPS}/daemonsets`, daemonSet());
    sandbox.advance(1_000);
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, { spec: { template: template('two') } });
    sandbox.advance(60_000);
    const revisions = await items(sandbox, `${APPS}/controllerrevisions`);
    expect(revisions.map((revision) => revision.revision).sort()).toEqual([1, 2]);
    const newest = revisions.find((revision) => revision.revision === 2);
    const hash = newest.metadata.labels['controller-revision-hash'];
    expect(newest.metadata).toMatchObject({ name: `d-${hash}`, labels: { app: 'x' } });
    expect(newest.metadata.labels['controller.kubernetes.io/hash']).toBeUndefined();
    for (const pod of await items(sandbox, PODS)) expect(pod.metadata.labels['controller-revision-hash']).toBe(hash);
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, { spec: { template: template('one') } });
    sandbox.advance(60_000);
    const after = await items(sandbox, `${APPS}/controllerrevisions`);
    expect(after.map((revision) => revision.revision).sort()).toEqual([2, 3]);
    expect(await imagesOf(sandbox)).toEqual(['one', 'one']);
  });

  it('are adopted by one that takes the place of another', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', `${APPS}/daemonsets`, daemonSet());
    sandbox.advance(1_000);
    const [pod] = await items(sandbox, PODS);
    await sandbox.request('DELETE', `${APPS}/daemonsets/d?propagationPolicy=Orphan`);
    sandbox.advance(1_000);
    await sandbox.request('POST', `${APPS}/daemonsets`, daemonSet());
    sandbox.advance(1_000);
    const revisions = await items(sandbox, `${APPS}/controllerrevisions`);
    expect(revisions).toHaveLength(1);
    expect(revisions[0].metadata.ownerReferences).toMatchObject([{ kind: 'DaemonSet', name: 'd' }]);
    expect((await items(sandbox, PODS)).map((p) => p.metadata.name)).toEqual([pod.metadata.name]);
  });
});

describe('a DaemonSet', () => {
  it('goes back without touching the pods that were never replaced', async () => {
    const sandbox = createSandbox(3);
    await sandbox.request('POST', `${APPS}/daemonsets`, daemonSet());
    sandbox.advance(1_000);
    const stuck = template('two', { ready: 'never' });
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, { spec: { template: stuck } });
    sandbox.advance(60_000);
    expect(await imagesOf(sandbox)).toEqual(['one', 'one', 'two']);
    const old = (await items(sandbox, PODS)).filter((pod) => pod.spec.containers[0].image === 'one');
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, {
      spec: { template: { metadata: { labels: { app: 'x', ready: null } }, spec: template('one').spec } },
    });
    sandbox.advance(60_000);
    const names = (await items(sandbox, PODS)).map((pod) => pod.metadata.name);
    expect(names).toHaveLength(3);
    for (const pod of old) expect(names).toContain(pod.metadata.name);
    expect((await sandbox.request('GET', `${APPS}/daemonsets/d`)).status).toMatchObject({
      numberReady: 3,
      updatedNumberScheduled: 3,
    });
  });

  it('brings a new pod before the old one goes, where it may surge', async () => {
    const sandbox = createSandbox(2);
    await sandbox.request('POST', `${APPS}/daemonsets`, daemonSet({ maxSurge: 1, maxUnavailable: 0 }));
    sandbox.advance(1_000);
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, { spec: { template: template('two', { ready: 'never' }) } });
    sandbox.advance(60_000);
    expect(await imagesOf(sandbox)).toEqual(['one', 'one', 'two']);
    await sandbox.request('PATCH', `${APPS}/daemonsets/d`, {
      spec: { template: { metadata: { labels: { app: 'x', ready: null } }, spec: template('three').spec } },
    });
    sandbox.advance(60_000);
    expect(await imagesOf(sandbox)).toEqual(['three', 'three']);
  });

  it('replaces a pod that its node rejects after ever longer pauses', async () => {
    const sandbox = createSandbox(1);
    const port = { ports: [{ containerPort: 80, hostPort: 80 }] };
    const bound = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i', ...port }] };
    await sandbox.request('POST', PODS, { metadata: { name: 'first' }, spec: bound });
    sandbox.advance(1_000);
    const body = daemonSet();
    body.spec.template = template('one', {}, { nodeName: 'node-1', containers: bound.containers });
    await sandbox.request('POST', `${APPS}/daemonsets`, body);
    sandbox.advance(600_000);
    const failed = (await items(sandbox, '/api/v1/events')).filter((event) => event.reason === 'FailedDaemonPod');
    expect(failed.length).toBeGreaterThan(4);
    expect(failed.length).toBeLessThan(12);
    await sandbox.request('DELETE', `${PODS}/first?gracePeriodSeconds=0`);
    sandbox.advance(900_000);
    const [daemon] = await items(sandbox, PODS);
    expect(daemon.status.phase).toBe('Running');
  });
});

describe('a StatefulSet', () => {
  const statefulSet = (spec: object = {}, podTemplate: object = template('one')) => ({
    metadata: { name: 's' },
    spec: { serviceName: 's', replicas: 1, selector: { matchLabels: { app: 'x' } }, template: podTemplate, ...spec },
  });

  it('makes a pod anew that its node rejected', async () => {
    const sandbox = createSandbox(1);
    const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 80 }] }];
    await sandbox.request('POST', PODS, { metadata: { name: 'first' }, spec: { nodeName: 'node-1', containers } });
    sandbox.advance(1_000);
    const pinned = template('one', {}, { nodeName: 'node-1', containers });
    await sandbox.request('POST', `${APPS}/statefulsets`, statefulSet({}, pinned));
    sandbox.advance(100);
    await sandbox.request('DELETE', `${PODS}/first?gracePeriodSeconds=0`);
    sandbox.advance(60_000);
    const pods = await items(sandbox, PODS);
    expect(pods.map((pod) => [pod.metadata.name, pod.status.phase])).toEqual([['s-0', 'Running']]);
  });

  it('names its revision as the real one does', async () => {
    const sandbox = createSandbox(1);
    const podTemplate = {
      metadata: { labels: { app: 's' }, annotations: { a: '<b>&' } },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'nginx',
            ports: [{ containerPort: 80 }],
            resources: { requests: { cpu: '0.1' } },
            env: [{ name: 'A', value: '1' }],
            readinessProbe: { httpGet: { port: 80 } },
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    };
    const body = statefulSet({ selector: { matchLabels: { app: 's' } } }, podTemplate);
    await sandbox.request('POST', `${APPS}/statefulsets`, body);
    sandbox.advance(0);
    const [revision] = await items(sandbox, `${APPS}/controllerrevisions`);
    // What Kubernetes' own encoder and hash make of the same template.
    expect(revision.metadata.name).toBe('s-5df8686566');
  });

  it('replaces as many pods at once as may be away', async () => {
    const sandbox = createSandbox(1);
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } };
    await sandbox.request('POST', `${APPS}/statefulsets`, statefulSet({ replicas: 5, updateStrategy }));
    sandbox.advance(10_000);
    await sandbox.request('PATCH', `${APPS}/statefulsets/s`, {
      spec: { template: template('two', { ready: 'never' }) },
    });
    sandbox.advance(120_000);
    const images = (await items(sandbox, PODS)).map((pod) => [pod.metadata.name, pod.spec.containers[0].image]);
    const replaced = images.filter(([, image]) => image === 'two').map(([name]) => name);
    expect(replaced).toEqual(['s-3']);
    expect(images).toHaveLength(4);
  });
});

describe('a ReplicaSet', () => {
  it('does not make pods without end for a node that rejects them', async () => {
    const sandbox = createSandbox(1);
    const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 80 }] }];
    await sandbox.request('POST', PODS, { metadata: { name: 'first' }, spec: { nodeName: 'node-1', containers } });
    sandbox.advance(1_000);
    const spec = {
      replicas: 1,
      selector: { matchLabels: { app: 'x' } },
      template: template('one', {}, { nodeName: 'node-1', containers }),
    };
    await sandbox.request('POST', `${APPS}/replicasets`, { metadata: { name: 'r' }, spec });
    sandbox.advance(3_600_000);
    const pods = await items(sandbox, PODS);
    expect(pods.length).toBeGreaterThan(4);
    expect(pods.length).toBeLessThan(40);
  });
});
