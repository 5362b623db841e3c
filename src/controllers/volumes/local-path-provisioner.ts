/**
 * Makes the volumes of claims whose class names a provisioner of local paths, and removes them when their claims are gone: what the
 * provisioners of kind (`rancher.io/local-path`) and minikube (`k8s.io/minikube-hostpath`) do. It is an add-on: without it such claims wait.
 * Models sigs.k8s.io/sig-storage-lib-external-provisioner (controller.go).
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import type { StorageClass } from '../../objects/generated/storage-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { PROVISIONED_BY, PROVISIONER, SELECTED_NODE, storageClassOf } from '../../resources/core/volume-claims.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { type EventText, recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';

export const LOCAL_PATH_PROVISIONER = 'local-path-provisioner';

const CLAIMS = 'persistentvolumeclaims';
const VOLUMES = 'persistentvolumes';
const CLASSES = 'storageclasses.storage.k8s.io';
const HOSTNAME = 'kubernetes.io/hostname';

interface Provisioner {
  /** Where a claim's files lie on the node. */
  path(claim: PersistentVolumeClaim): string;
  /** Its volumes can be used on one node only, the one that was chosen for the claim's first pod. */
  isOfOneNode: boolean;
  /** Modes that it refuses, in its words. */
  refusal(modes: readonly string[]): string | undefined;
}

const ONE_NODE_MODES: ReadonlySet<string> = new Set(['ReadWriteOnce', 'ReadWriteOncePod']);

const PROVISIONERS: Readonly<Record<string, Provisioner>> = {
  'rancher.io/local-path': {
    path: ({ metadata: { namespace, name, uid } }) => `/var/local-path-provisioner/pvc-${uid}_${namespace}_${name}`,
    isOfOneNode: true,
    refusal: (modes) =>
      modes.every((mode) => ONE_NODE_MODES.has(mode))
        ? undefined
        : 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes',
  },
  'k8s.io/minikube-hostpath': {
    path: ({ metadata: { namespace, name } }) => `/tmp/hostpath-provisioner/${namespace}/${name}`,
    isOfOneNode: false,
    refusal: () => undefined,
  },
};

/** The class that a cluster with the add-on begins with, as kind's does. */
export const DEFAULT_STORAGE_CLASS: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'rancher.io/local-path',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
};

const provisionerOf = ({ metadata }: PersistentVolumeClaim): Provisioner | undefined =>
  PROVISIONERS[metadata.annotations?.[PROVISIONER] ?? ''];

const isOpen = (claim: PersistentVolumeClaim): boolean =>
  !claim.spec?.volumeName && !claim.metadata.deletionTimestamp && provisionerOf(claim) !== undefined;

/** Its claim is gone, and it is this one's to remove. */
const isLeft = ({ metadata, spec, status }: PersistentVolume): boolean =>
  status?.phase === 'Released' &&
  spec?.persistentVolumeReclaimPolicy === 'Delete' &&
  !metadata.deletionTimestamp &&
  PROVISIONERS[metadata.annotations?.[PROVISIONED_BY] ?? ''] !== undefined;

/** Claims' keys are `namespace/name`, volumes' plain names. */
export const localPathProvisioner = (): ClusterReconciler => ({
  name: LOCAL_PATH_PROVISIONER,
  manager: LOCAL_PATH_PROVISIONER,
  reads: ['events', CLAIMS, VOLUMES],
  watches: [
    { resource: CLAIMS, keys: ({ new: claim }) => (claim && isOpen(claim) ? [keyOf(claim)] : []) },
    { resource: VOLUMES, keys: ({ new: volume }) => (volume && isLeft(volume) ? [volume.metadata.name] : []) },
  ],
  reconcile(reader, key, { now }) {
    if (!key.includes('/')) {
      const volume = reader.get(VOLUMES, undefined, key);
      return { writes: volume && isLeft(volume) ? [{ verb: 'delete', resource: VOLUMES, name: key }] : [] };
    }
    const { namespace, name } = parseKey(key);
    const claim = reader.get(CLAIMS, namespace, name);
    return claim && isOpen(claim) ? provision(reader, claim, now) : { writes: [] };
  },
});

function provision(reader: View, claim: PersistentVolumeClaim, now: number) {
  const storageClass = reader.get(CLASSES, undefined, storageClassOf(claim));
  const provisioner = provisionerOf(claim)!;
  const name = `pvc-${claim.metadata.uid}`;
  if (!storageClass || reader.get(VOLUMES, undefined, name)) return { writes: [] };
  const component = `${storageClass.provisioner}_${LOCAL_PATH_PROVISIONER}`;
  const tell = (text: EventText): Write<KubeObject> => recordEvent(reader, claim, { component }, text, now);
  const begin = tell({
    reason: 'Provisioning',
    message: `External provisioner is provisioning volume for claim "${keyOf(claim)}"`,
  });
  const node: string | undefined = claim.metadata.annotations?.[SELECTED_NODE];
  const why =
    provisioner.refusal(claim.spec?.accessModes ?? []) ??
    (provisioner.isOfOneNode && !node ? 'configuration error, no node was specified' : undefined);
  if (why !== undefined) {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${why}`;
    return { writes: [begin, tell({ type: 'Warning', reason: 'ProvisioningFailed', message })], error: message };
  }
  const done = tell({ reason: 'ProvisioningSucceeded', message: `Successfully provisioned volume ${name}` });
  const object = volumeFor(claim, storageClass, provisioner, node);
  return { writes: [begin, { verb: 'create' as const, object, ignoreExisting: true }, done] };
}

function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  { path, isOfOneNode }: Provisioner,
  node: string | undefined,
): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const { accessModes, volumeMode, resources } = claim.spec ?? {};
  const onNode = { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: [node] }] }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: {
        ...(isOfOneNode ? { 'local.path.provisioner/selected-node': node } : {}),
        [PROVISIONED_BY]: storageClass.provisioner,
      },
    },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.storage },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, resourceVersion, uid },
      hostPath: { path: path(claim), type: isOfOneNode ? 'DirectoryOrCreate' : '' },
      ...(isOfOneNode ? { nodeAffinity: { required: onNode } } : {}),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      ...(volumeMode ? { volumeMode } : {}),
      ...(storageClass.mountOptions ? { mountOptions: storageClass.mountOptions } : {}),
    },
    status: {},
  } as PersistentVolume;
}
