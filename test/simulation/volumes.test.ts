import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.ts';

const VOLUMES = '/api/v1/persistentvolumes';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

async function released(source: object, policy: string): Promise<Sandbox> {
  const sandbox = createSandbox(1);
  const accessModes = ['ReadWriteOnce'];
  const spec = { capacity: { storage: '1Gi' }, accessModes, persistentVolumeReclaimPolicy: policy, ...source };
  await sandbox.request('POST', VOLUMES, { metadata: { name: 'v' }, spec });
  await sandbox.request('POST', CLAIMS, {
    metadata: { name: 'c' },
    spec: { storageClassName: '', accessModes, resources: { requests: { storage: '1Gi' } } },
  });
  sandbox.advance(1_000);
  expect((await sandbox.request('GET', `${VOLUMES}/v`)).status.phase).toBe('Bound');
  await sandbox.request('DELETE', `${CLAIMS}/c`);
  sandbox.advance(1_000);
  return sandbox;
}

describe('a volume whose claim is gone', () => {
  it('is kept, or goes where it can be deleted', async () => {
    const kept = await released({ hostPath: { path: '/tmp/v' } }, 'Retain');
    expect((await kept.request('GET', `${VOLUMES}/v`)).status.phase).toBe('Released');
    const deleted = await released({ hostPath: { path: '/tmp/v' } }, 'Delete');
    expect((await deleted.request('GET', VOLUMES)).items).toEqual([]);
  });

  it.each([
    [
      { hostPath: { path: '/data' } },
      'Delete',
      'VolumeFailedDelete',
      'host_path deleter only supports /tmp/.+ but received provided /data',
    ],
    [
      { nfs: { server: 's', path: '/' } },
      'Delete',
      'VolumeFailedDelete',
      'error getting deleter volume plugin for volume "v": no deletable volume plugin matched',
    ],
  ])('has failed where it cannot be: %j', async (source, policy, reason, message) => {
    const sandbox = await released(source, policy);
    const { status } = await sandbox.request('GET', `${VOLUMES}/v`);
    expect(status).toMatchObject({ phase: 'Failed', message });
    const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/events');
    const told = items.filter((event: any) => event.involvedObject.kind === 'PersistentVolume');
    expect(told).toMatchObject([
      { type: 'Warning', reason, message, source: { component: 'persistentvolume-controller' } },
    ]);
    await sandbox.request('PATCH', `${VOLUMES}/v`, { spec: { claimRef: null } });
    sandbox.advance(1_000);
    const free = (await sandbox.request('GET', `${VOLUMES}/v`)).status;
    expect(free.phase).toBe('Available');
    expect(free.message).toBeUndefined();
  });
});

describe('a claim that asks for more', () => {
  it('waits for a driver, and is told so', async () => {
    const sandbox = createSandbox(1);
    const accessModes = ['ReadWriteOnce'];
    await sandbox.request('POST', '/apis/storage.k8s.io/v1/storageclasses', {
      metadata: { name: 'growing' },
      provisioner: 'kubernetes.io/no-provisioner',
      allowVolumeExpansion: true,
    });
    await sandbox.request('POST', VOLUMES, {
      metadata: { name: 'v' },
      spec: { storageClassName: 'growing', capacity: { storage: '2Gi' }, accessModes, hostPath: { path: '/v' } },
    });
    await sandbox.request('POST', CLAIMS, {
      metadata: { name: 'c' },
      spec: { storageClassName: 'growing', accessModes, resources: { requests: { storage: '1Gi' } } },
    });
    sandbox.advance(1_000);
    const told = async (): Promise<any[]> =>
      (await sandbox.request('GET', '/api/v1/namespaces/default/events')).items.filter(
        (event: any) => event.reason === 'ExternalExpanding',
      );
    await sandbox.request('PATCH', `${CLAIMS}/c`, { spec: { resources: { requests: { storage: '2Gi' } } } });
    sandbox.advance(1_000);
    expect(await told()).toEqual([]);
    await sandbox.request('PATCH', `${CLAIMS}/c`, { spec: { resources: { requests: { storage: '3Gi' } } } });
    sandbox.advance(1_000);
    expect(await told()).toMatchObject([
      { message: 'waiting for an external controller to expand this PVC', source: { component: 'volume_expand' } },
    ]);
  });
});
