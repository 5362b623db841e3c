import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { ObjectIndex } from '../../simulation/object-index.ts';
import { createRandom } from '../../simulation/random.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { persistentVolumeBinder } from './persistentvolume-binder.ts';

const claim = (spec: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'ns', uid: 'u1', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
  status: { phase: 'Pending' },
});

const volume = (name: string, storage: string, spec: object = {}, phase = 'Available'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage }, ...spec },
  status: { phase },
});

function reconcile(key: string, ...objects: KubeObject[]): Write<KubeObject>[] {
  const index = new ObjectIndex<KubeObject>();
  for (const [i, object] of objects.entries()) {
    const resource = object.kind === 'StorageClass' ? 'storageclasses.storage.k8s.io' : `${object.kind.toLowerCase()}s`;
    const { namespace, name } = object.metadata;
    index.apply({ resource, namespace, name, revision: i + 1, new: object });
  }
  return persistentVolumeBinder().reconcile(index, key, { now: 0, random: createRandom('s', 'r') }).writes;
}

const told = (writes: Write<KubeObject>[]): string[] =>
  writes.flatMap((w) => (w.verb === 'create' ? [`${w.object.reason}: ${w.object.message}`] : []));

describe('binding volumes', () => {
  it('takes the smallest volume that is big enough, and tells both sides', () => {
    const writes = reconcile('ns/data', claim(), volume('big', '9Gi'), volume('fits', '3Gi'), volume('small', '1Gi'));
    const objects = writes.map((w) => (w.verb === 'update' ? [w.object.metadata.name, w.subresource] : []));
    expect(objects).toEqual([
      ['fits', undefined],
      ['fits', 'status'],
      ['data', undefined],
      ['data', 'status'],
    ]);
    const last = writes.at(-1);
    expect(last?.verb === 'update' && last.object.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '3Gi' },
    });
  });

  it('waits for the first consumer where the class says so', () => {
    const late = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'late' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    const open = claim({ storageClassName: 'late' });
    const writes = reconcile('ns/data', open, volume('v', '9Gi', { storageClassName: 'late' }), late);
    expect(told(writes)).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
  });

  it('says what is missing', () => {
    expect(told(reconcile('ns/data', claim()))).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
    expect(told(reconcile('ns/data', claim({ storageClassName: 'none' })))).toEqual([
      'ProvisioningFailed: storageclass.storage.k8s.io "none" not found',
    ]);
    expect(told(reconcile('ns/data', claim({ volumeName: 'v' }), volume('v', '1Gi')))).toEqual([
      'VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small',
    ]);
  });

  it('releases a volume whose claim is gone', () => {
    const ref = { namespace: 'ns', name: 'data', uid: 'gone' };
    const [write, ...rest] = reconcile('v', volume('v', '2Gi', { claimRef: ref }, 'Bound'));
    expect(rest).toEqual([]);
    expect(write?.verb === 'update' && write.object.status).toEqual({ phase: 'Released' });
  });
});
