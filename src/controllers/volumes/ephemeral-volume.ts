/** Makes the claims that pods carry as templates in their volumes. Source: k8s.io/kubernetes/pkg/controller/volume/ephemeral. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimTemplate,
  Pod,
  Volume,
} from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { podsAt } from '../../resources/core/pod/places.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { controllerReference, isControlledBy, keyOf, parseKey } from '../owners.ts';
import { claimPlaces, usersOf } from './volume-protection.ts';

const CLAIMS = 'persistentvolumeclaims';

type EphemeralVolume = Volume & { ephemeral: { volumeClaimTemplate: PersistentVolumeClaimTemplate } };

const isEphemeral = (volume: Volume): volume is EphemeralVolume => Boolean(volume.ephemeral?.volumeClaimTemplate);

const volumesOf = (pod: Pod): EphemeralVolume[] => (pod.spec?.volumes ?? []).filter(isEphemeral);

const keysOf = (pod: Pod): string[] =>
  !pod.metadata.deletionTimestamp && volumesOf(pod).length > 0 ? [keyOf(pod)] : [];

export const ephemeralVolumeController = (): ClusterReconciler => ({
  name: 'ephemeral-volume-controller',
  manager: 'kube-controller-manager',
  reads: ['events', 'pods'],
  watches: [
    { resource: 'pods', keys: ({ old, new: pod }) => (pod && !old ? keysOf(pod) : []) },
    {
      // One that somebody takes away is made again for as long as a pod needs it.
      resource: CLAIMS,
      keys: ({ old, new: claim }, reader) => {
        if (claim || !old) return [];
        const { namespace, name } = old.metadata;
        return podsAt(reader, usersOf(namespace, name), claimPlaces).flatMap(keysOf);
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const pod = reader.get('pods', namespace, name);
    if (!pod || pod.metadata.deletionTimestamp) return { writes: [] };
    const writes: Write<KubeObject>[] = [];
    for (const volume of volumesOf(pod)) {
      const claimName = `${name}-${volume.name}`;
      const claim = reader.get(CLAIMS, namespace, claimName);
      if (claim && isControlledBy(claim, pod)) continue;
      const failed = (why: string): Write<KubeObject> => bindingFailed(reader, pod, volume.name, why, now);
      if (claim) {
        const why = `PVC ${namespace}/${claimName} was not created for pod ${key} (pod is not owner)`;
        return { writes: [...writes, failed(why)], error: `pod ${key}, ephemeral volume ${volume.name}: ${why}` };
      }
      const refused = (message: string) => [failed(`create PVC ${claimName}: ${message}`)];
      writes.push({ verb: 'create', object: claimOf(pod, volume, claimName), refused });
    }
    return { writes };
  },
});

function bindingFailed(reader: View, pod: Pod, volume: string, why: string, now: number) {
  const text = { type: 'Warning' as const, reason: 'FailedBinding', message: `ephemeral volume ${volume}: ${why}` };
  return recordEvent(reader, pod, { component: 'ephemeral_volume' }, text, now);
}

function claimOf(pod: Pod, { ephemeral }: EphemeralVolume, name: string): PersistentVolumeClaim {
  const { metadata: { labels, annotations } = {}, spec } = ephemeral.volumeClaimTemplate;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: pod.metadata.namespace as string,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(pod)],
    },
    spec: structuredClone(spec),
    status: {},
  };
}
