import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import { ObjectIndex } from '../../simulation/object-index.ts';
import { createRandom } from '../../simulation/random.ts';
import {
  attributesClassProtectionController,
  claimPlaces,
  claimProtectionController,
  volumeProtectionController,
} from './volume-protection.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

const claim = (metadata: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'ns', ...metadata },
});

const pod = (nodeName?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }], ...(nodeName ? { nodeName } : {}) },
});

const RESOURCES: Record<string, string> = {
  VolumeAttributesClass: 'volumeattributesclasses.storage.k8s.io',
};

/** The finalizers as written; undefined when nothing was. */
function finalizers(controller: ClusterReconciler, key: string, ...objects: KubeObject[]): string[] | undefined {
  const index = new ObjectIndex<KubeObject>((object) => ({ places: object.kind === 'Pod' ? claimPlaces(object) : [] }));
  for (const [i, object] of objects.entries()) {
    const { namespace, name } = object.metadata;
    index.apply({
      resource: RESOURCES[object.kind] ?? `${object.kind.toLowerCase()}s`,
      namespace,
      name,
      revision: i + 1,
      new: object,
    });
  }
  const [write] = controller.reconcile(index, key, { now: 0, random: createRandom('s', 'r') }).writes;
  return write?.verb === 'update' ? write.object.metadata.finalizers : undefined;
}

describe('volumes and claims in use', () => {
  const ending = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['mine', FINALIZER] };

  it('keeps a claim while a pod on a node uses it', () => {
    expect(finalizers(claimProtectionController(), 'ns/data', claim(ending), pod('a'))).toBeUndefined();
    expect(finalizers(claimProtectionController(), 'ns/data', claim(ending), pod())).toEqual(['mine']);
  });

  it('protects what is not protected', () => {
    expect(finalizers(claimProtectionController(), 'ns/data', claim({}))).toEqual([FINALIZER]);
    expect(finalizers(claimProtectionController(), 'ns/data', claim({ finalizers: [FINALIZER] }))).toBeUndefined();
  });

  it('keeps a volume while it is bound', () => {
    const metadata = { ...ending, name: 'v', finalizers: ['kubernetes.io/pv-protection'] };
    const volume = (phase: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata,
      status: { phase },
    });
    expect(finalizers(volumeProtectionController(), 'v', volume('Bound'))).toBeUndefined();
    expect(finalizers(volumeProtectionController(), 'v', volume('Released'))).toEqual([]);
  });

  it('keeps an attributes class while a claim has it, had it or is to have it', () => {
    const metadata = { ...ending, name: 'gold', finalizers: ['kubernetes.io/vac-protection'] };
    const gold: KubeObject = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', metadata };
    const users = [
      { spec: { volumeAttributesClassName: 'gold' } },
      { status: { currentVolumeAttributesClassName: 'gold' } },
      { status: { modifyVolumeStatus: { targetVolumeAttributesClassName: 'gold' } } },
    ];
    for (const user of users)
      expect(
        finalizers(attributesClassProtectionController(), 'gold', gold, { ...claim({}), ...user }),
      ).toBeUndefined();
    const other = { ...claim({}), spec: { volumeAttributesClassName: 'silver' } };
    expect(finalizers(attributesClassProtectionController(), 'gold', gold, other)).toEqual([]);
  });

  it('says of a bound claim whether a pod means it', () => {
    const unused = (...objects: KubeObject[]): unknown => {
      const index = new ObjectIndex<KubeObject>((object) => ({
        places: object.kind === 'Pod' ? claimPlaces(object) : [],
      }));
      const bound = { ...claim({ finalizers: [FINALIZER] }), status: { phase: 'Bound' } };
      for (const [i, object] of [bound, ...objects].entries()) {
        const { namespace, name } = object.metadata;
        index.apply({ resource: `${object.kind.toLowerCase()}s`, namespace, name, revision: i + 1, new: object });
      }
      const context = { now: 0, random: createRandom('s', 'r') };
      const [write] = claimProtectionController().reconcile(index, 'ns/data', context).writes;
      return write?.verb === 'update' ? (write.object as PersistentVolumeClaim).status?.conditions : undefined;
    };
    expect(unused()).toMatchObject([{ type: 'Unused', status: 'True', reason: 'NoPodsUsingPVC' }]);
    expect(unused(pod())).toMatchObject([{ type: 'Unused', status: 'False', reason: 'PodUsingPVC' }]);
    expect(unused({ ...pod(), status: { phase: 'Failed' } })).toMatchObject([{ status: 'True' }]);
  });
});
