/**
 * Claims and volumes that are in use outlive their deletion: a finalizer holds them until nobody needs them.
 * Source: k8s.io/kubernetes/pkg/controller/volume/pvcprotection and pvprotection.
 */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, ReconcileResult, Reconciler } from '../simulation/reconciler.ts';
import { keyOf, parseKey } from './owners.ts';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';

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
const claimsOf = (pod: KubeObject): string[] =>
  (pod.spec?.volumes ?? []).flatMap((volume: any): string[] => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });

/** A pod without a node doesn't count: no kubelet would start it with a claim that is being deleted. */
const isUsed = (reader: Reader<KubeObject>, claim: KubeObject): boolean =>
  reader
    .list('pods', claim.metadata.namespace)
    .some((pod) => pod.spec?.nodeName && claimsOf(pod).includes(claim.metadata.name));

export const claimProtectionController = (): Reconciler<KubeObject> => ({
  name: 'persistentvolumeclaim-protection-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: CLAIMS, keys: ({ new: claim }) => (claim ? [keyOf(claim)] : []) },
    {
      resource: 'pods',
      keys: ({ old, new: now }) =>
        old && !now ? claimsOf(old).map((name) => `${old.metadata.namespace}/${name}`) : [],
    },
  ],
  reconcile(reader, key) {
    const { namespace, name } = parseKey(key);
    const claim = reader.get(CLAIMS, namespace, name);
    return protect(claim, 'kubernetes.io/pvc-protection', () => claim !== undefined && isUsed(reader, claim));
  },
});

export const volumeProtectionController = (): Reconciler<KubeObject> => ({
  name: 'persistentvolume-protection-controller',
  manager: 'kube-controller-manager',
  watches: [{ resource: VOLUMES, keys: ({ new: volume }) => (volume ? [volume.metadata.name] : []) }],
  reconcile(reader, key) {
    const volume = reader.get(VOLUMES, undefined, key);
    return protect(volume, 'kubernetes.io/pv-protection', () => volume?.status?.phase === 'Bound');
  },
});
