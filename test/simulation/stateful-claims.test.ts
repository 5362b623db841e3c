import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const SETS = '/apis/apps/v1/namespaces/default/statefulsets';
const PODS = '/api/v1/namespaces/default/pods';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

type Kept = 'Retain' | 'Delete';

const statefulSet = (whenDeleted: Kept, whenScaled: Kept, replicas = 2) => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    serviceName: 'web',
    selector: { matchLabels: { app: 'web' } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  },
});

async function withSet(whenDeleted: Kept, whenScaled: Kept): Promise<Sandbox> {
  const sandbox = createSandbox(2);
  for (const name of ['a', 'b', 'c'])
    await sandbox.request('POST', '/api/v1/persistentvolumes', {
      metadata: { name },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/${name}` } },
    });
  await sandbox.request('POST', SETS, statefulSet(whenDeleted, whenScaled));
  sandbox.advance(60_000);
  return sandbox;
}

const owners = async (sandbox: Sandbox): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    (await sandbox.request('GET', CLAIMS)).items.map(({ metadata }: any) => [
      metadata.name,
      (metadata.ownerReferences ?? []).map(({ kind, name }: any) => `${kind} ${name}`),
    ]),
  );

const events = async (sandbox: Sandbox, reason: string): Promise<string[]> =>
  (await sandbox.request('GET', '/api/v1/namespaces/default/events')).items
    .filter((event: any) => event.reason === reason)
    .map((event: any) => event.message);

describe('the claims of a StatefulSet', () => {
  it('stay when it goes, unless it says otherwise', async () => {
    const sandbox = await withSet('Retain', 'Retain');
    expect(await owners(sandbox)).toEqual({ 'data-web-0': [], 'data-web-1': [] });
    await sandbox.request('DELETE', `${SETS}/web`);
    sandbox.advance(60_000);
    expect(Object.keys(await owners(sandbox))).toHaveLength(2);
  });

  it('go with it where they are to', async () => {
    const sandbox = await withSet('Delete', 'Retain');
    expect(await owners(sandbox)).toEqual({ 'data-web-0': ['StatefulSet web'], 'data-web-1': ['StatefulSet web'] });
    await sandbox.request('DELETE', `${SETS}/web`);
    sandbox.advance(60_000);
    expect(await owners(sandbox)).toEqual({});
  });

  it('go with the pods that are too many where they are to, and are made again', async () => {
    const sandbox = await withSet('Retain', 'Delete');
    expect(await owners(sandbox)).toEqual({ 'data-web-0': [], 'data-web-1': [] });
    const before = (await sandbox.request('GET', `${CLAIMS}/data-web-1`)).metadata.uid;
    await sandbox.request('PATCH', `${SETS}/web`, { spec: { replicas: 1 } });
    sandbox.advance(5);
    await sandbox.request('PATCH', `${SETS}/web`, { spec: { replicas: 2 } });
    sandbox.advance(60_000);
    expect((await sandbox.request('GET', `${PODS}/web-1`)).status.phase).toBe('Running');
    expect((await sandbox.request('GET', `${CLAIMS}/data-web-1`)).metadata.uid).not.toBe(before);
    await sandbox.request('PATCH', `${SETS}/web`, { spec: { replicas: 1 } });
    sandbox.advance(60_000);
    expect(await owners(sandbox)).toEqual({ 'data-web-0': [] });
  });

  it('follow the policy when it changes, and are left to another controller', async () => {
    const sandbox = await withSet('Retain', 'Retain');
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', controller: true };
    const { metadata } = await sandbox.request('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name: 'other' },
    });
    await sandbox.request('PATCH', `${CLAIMS}/data-web-0`, {
      metadata: { ownerReferences: [{ ...other, uid: metadata.uid }] },
    });
    await sandbox.request('PATCH', `${SETS}/web`, {
      spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } },
    });
    sandbox.advance(60_000);
    expect(await owners(sandbox)).toEqual({ 'data-web-0': ['ConfigMap other'], 'data-web-1': ['StatefulSet web'] });
    expect(await events(sandbox, 'SuccessfulUpdate')).toEqual(['Update Pod web-1 in StatefulSet web successful']);
  });

  it('are made again for a pod that waits for them, which gets its label back', async () => {
    const sandbox = await withSet('Retain', 'Retain');
    await sandbox.request('PATCH', `${PODS}/web-0`, {
      metadata: { labels: { 'statefulset.kubernetes.io/pod-name': null } },
    });
    sandbox.advance(1_000);
    const { labels } = (await sandbox.request('GET', `${PODS}/web-0`)).metadata;
    expect(labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'web-0',
      'apps.kubernetes.io/pod-index': '0',
    });
  });
});
