/**
 * Claims, volumes and classes that are in use outlive their deletion: a finalizer holds them until nobody needs them.
 * Source: k8s.io/kubernetes/pkg/controller/volume/{pvc,pv,vac}protection.
 */

import { type ClusterReconciler, watchEach } from '../../objects/cluster-reconciler.ts';
import { conditionOf, withCondition } from '../../objects/conditions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { hasPodAt, type PlacesOf } from '../../resources/core/pod/places.ts';
import type { ReconcileResult } from '../../simulation/reconciler.ts';
import { isControlledBy, keyOf, parseKey } from '../owners.ts';
import { isFinished } from '../pods.ts';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const ATTRIBUTES_CLASSES = 'volumeattributesclasses.storage.k8s.io';

/** Puts the finalizer on what lacks it, and takes it off what is being deleted and free. */
function protect(object: KubeObject | undefined, finalizer: string, inUse: () => boolean): ReconcileResult<KubeObject> {
  if (!object) return { writes: [] };
  const finalizers = object.metadata.finalizers ?? [];
  const held = finalizers.includes(finalizer);
  const ending = object.metadata.deletionTimestamp !== undefined;
  if (held !== ending || (ending && inUse())) return { writes: [] };
  const next = ending ? finalizers.filter((f) => f !== finalizer) : [...finalizers, finalizer];
  return { writes: [{ verb: 'update', object: { ...object, metadata: { ...object.metadata, finalizers: next } } }] };
}

/** The claims that a pod's volumes stand for. */
const claimsOf = (pod: Pod): string[] => [...namedClaims(pod), ...ephemeralClaims(pod)];

/** Under what the pods are found whose volumes stand for this claim. */
export const usersOf = (namespace: string | undefined, name: string): string => `claim/${namespace}/${name}`;

export const claimPlaces: PlacesOf = (pod) => claimsOf(pod).map((name) => usersOf(pod.metadata.namespace, name));

const someUser = (reader: View, { metadata }: KubeObject, which: (pod: Pod) => boolean): boolean =>
  hasPodAt(reader, usersOf(metadata.namespace, metadata.name), claimPlaces, which);

const namedClaims = (pod: Pod): string[] =>
  (pod.spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);

const ephemeralClaims = (pod: Pod): string[] =>
  (pod.spec?.volumes ?? []).flatMap((volume): string[] =>
    volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [],
  );

/** Whether the claim was made for a volume of this pod, and not for one that had its name before. */
const isOwnEphemeral = (pod: Pod, claim: PersistentVolumeClaim): boolean =>
  ephemeralClaims(pod).includes(claim.metadata.name) && isControlledBy(claim, pod);

/** A pod without a node doesn't count: no kubelet would start it with a claim that is being deleted. */
function holdsBack(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName) return false;
  if (namedClaims(pod).includes(claim.metadata.name)) return true;
  const isShutDown = pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds === 0;
  return !isShutDown && isOwnEphemeral(pod, claim);
}

const refersTo = (pod: Pod, claim: PersistentVolumeClaim): boolean =>
  !isFinished(pod) && (namedClaims(pod).includes(claim.metadata.name) || isOwnEphemeral(pod, claim));

/** A bound claim says whether any pod means it, and since when. */
function withUnused(reader: View, claim: PersistentVolumeClaim, now: number): KubeObject | undefined {
  if (claim.metadata.deletionTimestamp || claim.status?.phase !== 'Bound') return undefined;
  const used = someUser(reader, claim, (pod) => refersTo(pod, claim));
  const status = used ? 'False' : 'True';
  if (conditionOf(claim, 'Unused')?.status === status) return undefined;
  const conditions = withCondition(claim.status.conditions, {
    type: 'Unused',
    status,
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    reason: used ? 'PodUsingPVC' : 'NoPodsUsingPVC',
    message: used ? 'A pod is currently referencing this PVC' : 'No pods are currently referencing this PVC',
  });
  return { ...claim, status: { ...claim.status, conditions } };
}

export const claimProtectionController = (): ClusterReconciler => ({
  name: 'persistentvolumeclaim-protection-controller',
  manager: 'kube-controller-manager',
  reads: ['persistentvolumeclaims', 'pods'],
  watches: [
    { resource: CLAIMS, keys: ({ new: claim }) => (claim ? [keyOf(claim)] : []) },
    {
      resource: 'pods',
      keys: ({ old, new: pod }) => {
        if (old && pod && isFinished(old) === isFinished(pod) && old.metadata.uid === pod.metadata.uid) {
          if (old.metadata.deletionGracePeriodSeconds === pod.metadata.deletionGracePeriodSeconds) return [];
        }
        return [old, pod].flatMap((p) => (p ? claimsOf(p).map((name) => `${p.metadata.namespace}/${name}`) : []));
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const claim = reader.get(CLAIMS, namespace, name);
    if (!claim) return { writes: [] };
    const marked = withUnused(reader, claim, now);
    // Its change brings the claim back here.
    if (marked) return { writes: [{ verb: 'update', subresource: 'status', object: marked }] };
    return protect(claim, 'kubernetes.io/pvc-protection', () =>
      someUser(reader, claim, (pod) => holdsBack(pod, claim)),
    );
  },
});

export const volumeProtectionController = (): ClusterReconciler => ({
  name: 'persistentvolume-protection-controller',
  manager: 'kube-controller-manager',
  reads: ['persistentvolumes'],
  watches: [{ resource: VOLUMES, keys: ({ new: volume }) => (volume ? [volume.metadata.name] : []) }],
  reconcile(reader, key) {
    const volume = reader.get(VOLUMES, undefined, key);
    return protect(volume, 'kubernetes.io/pv-protection', () => volume?.status?.phase === 'Bound');
  },
});

/** The attributes classes that a volume or a claim has, had, or is to have. */
const classesOf = ({ spec, status }: PersistentVolumeClaim | PersistentVolume): string[] =>
  [
    spec?.volumeAttributesClassName,
    status && 'currentVolumeAttributesClassName' in status ? status.currentVolumeAttributesClassName : undefined,
    status && 'modifyVolumeStatus' in status ? status.modifyVolumeStatus?.targetVolumeAttributesClassName : undefined,
  ].filter((name): name is string => Boolean(name));

export const attributesClassProtectionController = (): ClusterReconciler => ({
  name: 'volumeattributesclass-protection-controller',
  manager: 'kube-controller-manager',
  reads: ['persistentvolumeclaims', 'persistentvolumes'],
  watches: [
    { resource: ATTRIBUTES_CLASSES, keys: ({ new: found }) => (found ? [found.metadata.name] : []) },
    ...watchEach([CLAIMS, VOLUMES], ({ old, new: now }) => {
      const kept = now ? classesOf(now) : [];
      return old ? classesOf(old).filter((name) => !kept.includes(name)) : [];
    }),
  ],
  reconcile(reader, key) {
    const found = reader.get(ATTRIBUTES_CLASSES, undefined, key);
    return protect(found, 'kubernetes.io/vac-protection', () =>
      ([VOLUMES, CLAIMS] as const).some((resource) =>
        reader.list(resource).some((user) => classesOf(user).includes(key)),
      ),
    );
  },
});
