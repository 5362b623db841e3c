import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

const configMap = (name: string, owners: object[] = []) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ownerReferences: owners },
});

const referenceTo = ({ kind, apiVersion, metadata }: any, blockOwnerDeletion = false) => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  blockOwnerDeletion,
});

async function eventsOf(sandbox: Sandbox, reason: string): Promise<any[]> {
  const { items } = await sandbox.request('GET', '/api/v1/events');
  return items.filter((event: any) => event.reason === reason);
}

describe('garbage without a namespace', () => {
  it('is none while it names an owner that would have one', async () => {
    const sandbox = createSandbox(1);
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'nobody' };
    const kept = { metadata: { name: 'kept', ownerReferences: [owner] } };
    await sandbox.request('POST', '/api/v1/namespaces', kept);
    await sandbox.request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { ...kept, value: 5 });
    sandbox.advance(5_000);
    expect((await sandbox.request('GET', '/api/v1/namespaces/kept')).status.phase).toBe('Active');
    expect((await sandbox.request('GET', '/apis/scheduling.k8s.io/v1/priorityclasses/kept')).value).toBe(5);
    expect(await eventsOf(sandbox, 'OwnerRefInvalidNamespace')).toEqual([]);
  });

  it('is told of when that owner is somewhere, and goes with an owner that has no namespace either', async () => {
    const sandbox = createSandbox(1);
    const owner = await sandbox.request('POST', MAPS, configMap('owner'));
    const above = await sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: 'above' } });
    const ofOwner = { metadata: { name: 'kept', ownerReferences: [referenceTo(owner)] }, value: 1 };
    const ofAbove = { metadata: { name: 'gone', ownerReferences: [referenceTo(above)] }, value: 1 };
    for (const body of [ofOwner, ofAbove])
      await sandbox.request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', body);
    await sandbox.request('DELETE', '/api/v1/namespaces/above');
    sandbox.advance(60_000);
    const { items } = await sandbox.request('GET', '/apis/scheduling.k8s.io/v1/priorityclasses');
    const names = items.map((item: any) => item.metadata.name);
    expect(names).toContain('kept');
    expect(names).not.toContain('gone');
    const [event] = await eventsOf(sandbox, 'OwnerRefInvalidNamespace');
    expect(event.message).toBe(
      `ownerRef [v1/ConfigMap, namespace: , name: owner, uid: ${owner.metadata.uid}] does not exist in namespace ""`,
    );
    expect(event.metadata.namespace).toBe('default');
  });
});

describe('garbage', () => {
  it('is what names an owner of another namespace, and an event tells of it', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
    const owner = await sandbox.request('POST', '/api/v1/namespaces/other/configmaps', configMap('owner'));
    await sandbox.request('POST', MAPS, configMap('child', [referenceTo(owner)]));
    sandbox.advance(1_000);
    expect((await sandbox.request('GET', `${MAPS}/child`)).reason).toBe('NotFound');
    const [event] = await eventsOf(sandbox, 'OwnerRefInvalidNamespace');
    expect(event).toMatchObject({
      type: 'Warning',
      message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
      involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'child', apiVersion: 'v1' },
      source: { component: 'garbage-collector-controller' },
      count: 1,
    });
    expect(event.involvedObject.resourceVersion).toBeUndefined();
  });

  for (const size of [2, 3, 5])
    it(`goes in a circle of ${size} that waits for itself`, async () => {
      const sandbox = createSandbox(1);
      const maps: any[] = [];
      for (let i = 0; i < size; i++) maps.push(await sandbox.request('POST', MAPS, configMap(`m${i}`)));
      for (let i = 0; i < size; i++) {
        const owner = referenceTo(maps[(i + size - 1) % size], true);
        await sandbox.request('PATCH', `${MAPS}/m${i}`, { metadata: { ownerReferences: [owner] } });
      }
      await sandbox.request('DELETE', `${MAPS}/m0?propagationPolicy=Foreground`);
      sandbox.advance(5_000);
      const { items } = await sandbox.request('GET', MAPS);
      expect(items.map((item: any) => item.metadata.name)).toEqual(['kube-root-ca.crt']);
    });
});

describe('what nobody can read', () => {
  const put = (sandbox: Sandbox, key: string, value: string): void => {
    sandbox.cluster.store.put({ key, value });
  };
  const text = (sandbox: Sandbox, key: string): string => {
    const { value } = sandbox.cluster.store.range({ key }).kvs[0]!;
    return typeof value === 'string' ? value : new TextDecoder().decode(value);
  };
  const deployment = {
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  };
  const names = async (sandbox: Sandbox, path: string): Promise<string[]> =>
    (await sandbox.request('GET', path)).items.map((item: any) => item.metadata.name);

  it('is not deleted: what it owns stays, before and after an eviction, and goes on with it when it can be read', async () => {
    const sandbox = createSandbox(1);
    const apps = '/apis/apps/v1/namespaces/default';
    await sandbox.request('POST', `${apps}/deployments`, deployment);
    sandbox.advance(1_000);
    const pods = await names(sandbox, '/api/v1/namespaces/default/pods');
    const key = '/registry/deployments/default/web';
    const readable = text(sandbox, key);
    put(sandbox, key, 'k8s\0\xff\xfe');
    sandbox.advance(30_000);
    sandbox.evict();
    sandbox.advance(30_000);
    expect(await names(sandbox, `${apps}/replicasets`)).toHaveLength(1);
    expect(await names(sandbox, '/api/v1/namespaces/default/pods')).toEqual(pods);
    put(sandbox, key, readable.replace('"replicas":2', '"replicas":3'));
    sandbox.advance(1_000);
    expect(await names(sandbox, '/api/v1/namespaces/default/pods')).toHaveLength(3);
  });

  it('is not replaced: a set with a pod that cannot be read makes no other', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
    sandbox.advance(1_000);
    const pods = await names(sandbox, '/api/v1/namespaces/default/pods');
    const key = `/registry/pods/default/${pods[0]}`;
    put(sandbox, key, '\xff');
    sandbox.advance(1_000);
    sandbox.evict();
    sandbox.advance(60_000);
    expect(
      sandbox.cluster.store.range({ key: '/registry/pods/default/', rangeEnd: '/registry/pods/default0' }).count,
    ).toBe(2);
    sandbox.cluster.store.deleteRange({ key });
    sandbox.advance(2_000);
    expect(await names(sandbox, '/api/v1/namespaces/default/pods')).toHaveLength(2);
  });

  it('is an owner all the same: its end takes what it owned', async () => {
    const sandbox = createSandbox(1);
    const owner = await sandbox.request('POST', MAPS, configMap('owner'));
    await sandbox.request('POST', MAPS, configMap('child', [referenceTo(owner)]));
    sandbox.advance(1_000);
    const key = '/registry/configmaps/default/owner';
    put(sandbox, key, 'null');
    sandbox.evict();
    sandbox.advance(5_000);
    expect((await sandbox.request('GET', `${MAPS}/child`)).kind).toBe('ConfigMap');
    sandbox.cluster.store.deleteRange({ key });
    sandbox.advance(5_000);
    expect((await sandbox.request('GET', `${MAPS}/child`)).reason).toBe('NotFound');
  });

  it('keeps a pod on its node, and others go on meanwhile', async () => {
    const sandbox = createSandbox(2);
    const pod = (name: string, spec: object = {}) => ({
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
    });
    const path = '/api/v1/namespaces/default/pods';
    await sandbox.request('POST', path, pod('on-it', { nodeName: 'node-1' }));
    sandbox.advance(1_000);
    put(sandbox, '/registry/minions/node-1', '[1]');
    sandbox.evict();
    await sandbox.request('POST', path, pod('elsewhere'));
    sandbox.advance(120_000);
    expect((await sandbox.request('GET', `${path}/on-it`)).status.phase).toBe('Running');
    expect((await sandbox.request('GET', `${path}/elsewhere`)).spec.nodeName).toBe('node-2');
  });
});

describe('an owner whose selector is empty, which the API lets nobody make', () => {
  it('takes no pods, and is told so', async () => {
    const sandbox = createSandbox(1);
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
    const labelled = { selector: { matchLabels: { app: 'x' } }, template };
    const apps = '/apis/apps/v1/namespaces/default';
    await sandbox.request('POST', `${apps}/deployments`, {
      metadata: { name: 'd' },
      spec: { ...labelled, replicas: 0 },
    });
    await sandbox.request('POST', `${apps}/daemonsets`, { metadata: { name: 's' }, spec: { ...labelled } });
    sandbox.advance(5_000);
    const { store } = sandbox.cluster;
    for (const key of ['/registry/deployments/default/d', '/registry/daemonsets/default/s']) {
      const { value } = store.range({ key }).kvs[0]!;
      const text = typeof value === 'string' ? value : new TextDecoder().decode(value);
      store.put({ key, value: text.replace('"selector":{"matchLabels":{"app":"x"}}', '"selector":{}') });
    }
    await sandbox.request('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'alone' },
      spec: template.spec,
    });
    sandbox.advance(5_000);
    const alone = await sandbox.request('GET', '/api/v1/namespaces/default/pods/alone');
    expect(alone.metadata.ownerReferences).toBeUndefined();
    const messages = (await eventsOf(sandbox, 'SelectingAll')).map((event) => event.message);
    expect(messages.sort()).toEqual([
      'This daemon set is selecting all pods. A non-empty selector is required.',
      'This deployment is selecting all pods. A non-empty selector is required.',
    ]);
  });
});

describe('a namespace that is deleted', () => {
  it('is left alone for five seconds, so that what is created at the last moment is seen', async () => {
    const sandbox = createSandbox(1);
    await sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: 'ended' } });
    await sandbox.request('POST', '/api/v1/namespaces/ended/configmaps', configMap('content'));
    await sandbox.request('DELETE', '/api/v1/namespaces/ended');
    sandbox.advance(4_000);
    expect((await sandbox.request('GET', '/api/v1/namespaces/ended')).status).toEqual({ phase: 'Terminating' });
    expect((await sandbox.request('GET', '/api/v1/namespaces/ended/configmaps/content')).metadata.name).toBe('content');
    sandbox.advance(3_000);
    expect((await sandbox.request('GET', '/api/v1/namespaces/ended')).reason).toBe('NotFound');
  });

  it('stays while somebody else holds it, and says that nothing is left in it', async () => {
    const sandbox = createSandbox(1);
    const path = '/api/v1/namespaces/held';
    const spec = { finalizers: ['example.com/last', 'example.com/also'] };
    await sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: 'held' }, spec });
    const content = { ...configMap('content'), metadata: { name: 'content', finalizers: ['example.com/x'] } };
    await sandbox.request('POST', `${path}/configmaps`, content);
    await sandbox.request('DELETE', path);
    sandbox.advance(10_000);
    const reasons = async (): Promise<string[]> =>
      (await sandbox.request('GET', path)).status.conditions.slice(3).map((c: any) => c.reason);
    expect(await reasons()).toEqual(['SomeResourcesRemain', 'SomeFinalizersRemain']);
    await sandbox.request('PATCH', `${path}/configmaps/content`, { metadata: { finalizers: null } });
    sandbox.advance(10_000);
    const held = await sandbox.request('GET', path);
    expect(held.spec.finalizers).toEqual(['example.com/also', 'example.com/last']);
    expect(held.status.phase).toBe('Terminating');
    expect(await reasons()).toEqual(['ContentRemoved', 'ContentHasNoFinalizers']);
    await sandbox.request('PUT', `${path}/finalize`, { ...held, spec: {} });
    expect((await sandbox.request('GET', path)).reason).toBe('NotFound');
  });
});
