/**
 * Binds claims to volumes, and lets volumes go when their claims do. Nothing here makes volumes: a class's provisioner would.
 * Source: k8s.io/kubernetes/pkg/controller/volume/persistentvolume.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import type { StorageClass } from '../../objects/generated/storage-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { unversioned } from '../../objects/unversioned.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  bindsLate,
  findVolume,
  isPromisedTo,
  mismatch,
  PROVISIONER,
  promised,
  SELECTED_NODE,
  storageClassOf,
} from '../../resources/core/volume-claims.ts';
import type { ReconcileContext, Write } from '../../simulation/reconciler.ts';
import { type EventText, recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { reclaim } from './persistentvolume-reclaim.ts';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const CLASSES = 'storageclasses.storage.k8s.io';
const SOURCE = { component: 'persistentvolume-controller' };
const LEGACY_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

type Writes = Write<KubeObject>[];

interface Sync {
  reader: View;
  context: ReconcileContext;
}

/** Claims' keys are `namespace/name`, volumes' plain names. */
export const persistentVolumeBinder = (): ClusterReconciler => ({
  name: 'persistentvolume-binder-controller',
  manager: 'kube-controller-manager',
  reads: ['events', 'persistentvolumeclaims', 'persistentvolumes', 'pods'],
  watches: [
    {
      resource: CLAIMS,
      keys: ({ old, new: claim }) => {
        const volume = claim?.spec?.volumeName ?? old?.spec?.volumeName;
        return [...(claim ? [keyOf(claim)] : []), ...(volume ? [volume] : [])];
      },
    },
    {
      resource: VOLUMES,
      keys: ({ old, new: volume }, reader) => {
        const ref = volume?.spec?.claimRef ?? old?.spec?.claimRef;
        const one = ref ? [`${ref.namespace}/${ref.name}`] : unboundClaims(reader, volume ?? old);
        return [...(volume ? [volume.metadata.name] : []), ...one];
      },
    },
    { resource: CLASSES, keys: ({ new: storageClass }, reader) => unboundClaims(reader, storageClass) },
  ],
  reconcile(reader, key, context) {
    const sync: Sync = { reader, context };
    if (!key.includes('/')) {
      const volume = reader.get(VOLUMES, undefined, key);
      return { writes: volume ? syncVolume(sync, volume) : [] };
    }
    const { namespace, name } = parseKey(key);
    const claim = reader.get(CLAIMS, namespace, name);
    return { writes: claim ? syncClaim(sync, claim) : [] };
  },
});

/** Claims that wait for a volume of the class of this volume, or of this class. */
function unboundClaims(reader: View, object: StorageClass | PersistentVolume | undefined): string[] {
  if (!object) return [];
  const wanted = 'spec' in object ? storageClassOf(object) : object.metadata.name;
  return reader
    .list(CLAIMS)
    .filter((c) => !c.metadata.annotations?.[BIND_COMPLETED] && storageClassOf(c) === wanted)
    .map(keyOf);
}

/** An event that is told once, not each time somebody looks. */
function tell({ reader, context }: Sync, object: KubeObject, text: EventText): Writes {
  const write = recordEvent(reader, object, SOURCE, text, context.now);
  return write.verb === 'create' ? [{ ...write, bestEffort: true }] : [];
}

function syncClaim(sync: Sync, claim: PersistentVolumeClaim): Writes {
  const { reader } = sync;
  const name: string | undefined = claim.spec?.volumeName;
  const volume = name ? reader.get(VOLUMES, undefined, name) : undefined;
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return syncBoundClaim(sync, claim, volume);
  if (!name) return syncOpenClaim(sync, claim);
  if (!volume) return pending(claim);
  if (isPromisedTo(volume, claim)) return bind(volume, claim);
  if (volume.spec?.claimRef) {
    const message = `volume "${name}" already bound to a different claim.`;
    return [...tell(sync, claim, { type: 'Warning', reason: 'FailedBinding', message }), ...pending(claim)];
  }
  const wrong = mismatch(volume, claim);
  if (!wrong) return bind(volume, claim);
  const message = `Cannot bind to requested volume "${name}": ${wrong}`;
  return [...tell(sync, claim, { type: 'Warning', reason: 'VolumeMismatch', message }), ...pending(claim)];
}

function syncBoundClaim(sync: Sync, claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): Writes {
  if (volume && (!volume.spec?.claimRef || volume.spec.claimRef.uid === claim.metadata.uid)) return bind(volume, claim);
  if (claim.status?.phase === 'Lost') return [];
  const [reason, message] = volume
    ? ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly']
    : claim.spec?.volumeName
      ? ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!']
      : ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'];
  return [
    ...withStatus(claim, { phase: 'Lost' }),
    ...tell(sync, claim, { type: 'Warning', reason: reason as string, message: message as string }),
  ];
}

/** A claim that leaves open which volume it gets. */
function syncOpenClaim(sync: Sync, claim: PersistentVolumeClaim): Writes {
  const { reader } = sync;
  const className = storageClassOf(claim);
  const storageClass = className ? reader.get(CLASSES, undefined, className) : undefined;
  const late = bindsLate(claim, storageClass);
  const volumes = reader.list(VOLUMES).filter((v) => !late || isPromisedTo(v, claim));
  const volume = findVolume(claim, volumes);
  if (volume) return bind(volume, claim);
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (late && !selected) return [...tell(sync, claim, waitsForConsumer(reader, claim)), ...pending(claim)];
  if (!className) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return [...tell(sync, claim, { reason: 'FailedBinding', message }), ...pending(claim)];
  }
  return provision(sync, claim, className, storageClass);
}

function waitsForConsumer(reader: View, claim: PersistentVolumeClaim): EventText {
  const users = reader
    .list('pods', claim.metadata.namespace)
    .filter((pod) => !pod.spec?.nodeName)
    .filter((pod) => (pod.spec?.volumes ?? []).some((v) => v.persistentVolumeClaim?.claimName === claim.metadata.name))
    .map((pod) => pod.metadata.name);
  if (users.length === 0)
    return {
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
    };
  const message = `waiting for pod${users.length > 1 ? 's' : ''} ${users.join(',')} to be scheduled`;
  return { reason: 'WaitForPodScheduled', message };
}

function provision(
  sync: Sync,
  claim: PersistentVolumeClaim,
  className: string,
  storageClass: StorageClass | undefined,
): Writes {
  if (!storageClass) {
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    return tell(sync, claim, { type: 'Warning', reason: 'ProvisioningFailed', message });
  }
  const provisioner: string = storageClass.provisioner;
  if (provisioner === NO_PROVISIONER) return pending(claim);
  const annotations = {
    ...claim.metadata.annotations,
    [PROVISIONER]: provisioner,
    [LEGACY_PROVISIONER]: provisioner,
  };
  const asked = { ...claim, metadata: { ...claim.metadata, annotations } };
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
    'or manually by the system administrator. If volume creation is delayed, please verify that ' +
    'the provisioner is running and correctly registered.';
  return [
    ...(sameData(claim.metadata.annotations, annotations) ? [] : [{ verb: 'update' as const, object: asked }]),
    ...tell(sync, claim, { reason: 'ExternalProvisioning', message }),
  ];
}

const pending = (claim: PersistentVolumeClaim): Writes =>
  claim.status?.phase === 'Pending' ? [] : withStatus(claim, { phase: 'Pending' });

const withStatus = (object: KubeObject, status: Record<string, unknown>): Writes =>
  sameData(object.status, status)
    ? []
    : [{ verb: 'update', object: { ...unversioned(object), status }, subresource: 'status' }];

/** Volume to claim, volume's phase, claim to volume, claim's phase: whichever of the four is still to be done, in that order. */
function bind(volume: PersistentVolume, claim: PersistentVolumeClaim): Writes {
  const writes: Writes = [];
  let held = volume;
  if (!volume.spec?.claimRef?.uid) {
    held = promised(volume, claim);
    writes.push({ verb: 'update', object: held });
  }
  if (volume.status?.phase !== 'Bound') writes.push(...withStatus(held, { ...held.status, phase: 'Bound' }));
  const { annotations = {} } = claim.metadata;
  let taken = claim;
  if (claim.spec?.volumeName !== volume.metadata.name || annotations[BIND_COMPLETED] === undefined) {
    const chosen = claim.spec?.volumeName !== volume.metadata.name;
    const added = { ...(chosen ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}), [BIND_COMPLETED]: 'yes' };
    taken = {
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...annotations, ...added } },
      spec: { ...claim.spec, volumeName: volume.metadata.name },
    };
    writes.push({ verb: 'update', object: taken });
  }
  const { accessModes, capacity } = volume.spec ?? {};
  if (claim.status?.phase !== 'Bound')
    writes.push(...withStatus(taken, { ...claim.status, phase: 'Bound', accessModes, capacity }));
  return writes;
}

function syncVolume(sync: Sync, volume: PersistentVolume): Writes {
  const ref = volume.spec?.claimRef;
  const phase = (to: string): Writes => {
    const { message: _message, ...status } = volume.status ?? {};
    return status.phase === to ? [] : withStatus(volume, { ...status, phase: to });
  };
  if (!ref?.uid) return phase('Available');
  const found = sync.reader.get(CLAIMS, ref.namespace, ref.name ?? '');
  const claim = found?.metadata.uid === ref.uid ? found : undefined;
  if (!claim) return reclaimed(sync, volume);
  if (!claim.spec?.volumeName) return syncClaim(sync, claim);
  if (claim.spec.volumeName === volume.metadata.name) return phase('Bound');
  return unbind(volume);
}

/** The claim is gone: it is let go, and then kept, deleted or said to have failed. */
function reclaimed(sync: Sync, volume: PersistentVolume): Writes {
  if (volume.status?.phase === 'Failed') return [];
  if (volume.status?.phase !== 'Released') return withStatus(volume, { ...volume.status, phase: 'Released' });
  const outcome = reclaim(volume);
  if (!outcome || volume.metadata.deletionTimestamp) return [];
  if ('deleted' in outcome) return [{ verb: 'delete', resource: VOLUMES, name: volume.metadata.name }];
  const { message } = outcome.failed;
  const failed = withStatus(volume, { ...volume.status, phase: 'Failed', message });
  return [...failed, ...tell(sync, volume, { type: 'Warning', ...outcome.failed })];
}

/** The claim has another volume: take the promise back. */
function unbind(volume: PersistentVolume): Writes {
  if (volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) return [];
  const { [BOUND_BY_CONTROLLER]: _bound, ...annotations } = volume.metadata.annotations;
  const { claimRef: _ref, ...spec } = volume.spec;
  const free = { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  return [{ verb: 'update', object: free }, ...withStatus(free, { ...volume.status, phase: 'Available' })];
}
