/**
 * Volume sources, of pods and of PersistentVolumes: which there are, and the order in which they are checked.
 * Source: k8s.io/kubernetes/pkg/apis/core/validation, validateVolumeSource and ValidatePersistentVolumeSpec.
 */
import { type FieldError, forbidden } from '../../../objects/field-error.ts';
import {
  azureDisk,
  azureFile,
  type Check,
  csi,
  csiPersistent,
  fibreChannel,
  flex,
  flocker,
  gitRepo,
  glusterPersistent,
  hostPath,
  iscsi,
  local,
  needs,
  nfs,
  partitioned,
  quobyte,
  storageOS,
  withSecret,
} from './volume-source-checks.ts';

export interface VolumeSourceRule {
  key: string;
  /** Name in "more than 1 volume type" errors, where it isn't the key. */
  forbiddenAs?: string;
  /** Name in the paths of its own errors, where it isn't the key. */
  path?: string;
  check: Check;
  /** It is checked, and counted, whatever came before it. */
  besides?: boolean;
}

const HOST: VolumeSourceRule = { key: 'hostPath', check: hostPath };
const GCE: VolumeSourceRule = { key: 'gcePersistentDisk', path: 'persistentDisk', check: partitioned('pdName') };
const AWS: VolumeSourceRule = { key: 'awsElasticBlockStore', check: partitioned('volumeID') };
const NFS: VolumeSourceRule = { key: 'nfs', check: nfs };
const FLOCKER: VolumeSourceRule = { key: 'flocker', check: flocker };
const RBD: VolumeSourceRule = { key: 'rbd', check: needs('monitors', 'image') };
const CEPHFS: VolumeSourceRule = { key: 'cephfs', forbiddenAs: 'cephFS', check: needs('monitors') };
const QUOBYTE: VolumeSourceRule = { key: 'quobyte', check: quobyte };
const FC: VolumeSourceRule = { key: 'fc', check: fibreChannel };
const FLEX: VolumeSourceRule = { key: 'flexVolume', check: flex };
const VSPHERE: VolumeSourceRule = { key: 'vsphereVolume', check: needs('volumePath') };
const PHOTON: VolumeSourceRule = { key: 'photonPersistentDisk', check: needs('pdID') };
const PORTWORX: VolumeSourceRule = { key: 'portworxVolume', check: needs('volumeID') };
const AZURE_DISK: VolumeSourceRule = { key: 'azureDisk', check: azureDisk };
const SCALE_IO: VolumeSourceRule = { key: 'scaleIO', check: needs('gateway', 'system', 'volumeName') };

/** What a pod's volume may be, apart from what `volumes.ts` adds. */
export const SHARED_POD_RULES = {
  hostPath: HOST,
  gitRepo: { key: 'gitRepo', check: gitRepo },
  gcePersistentDisk: GCE,
  awsElasticBlockStore: AWS,
  nfs: NFS,
  iscsi: { key: 'iscsi', check: iscsi(false) },
  glusterfs: { key: 'glusterfs', check: needs('endpoints', 'path') },
  flocker: FLOCKER,
  persistentVolumeClaim: { key: 'persistentVolumeClaim', check: needs('claimName') },
  rbd: RBD,
  cinder: { key: 'cinder', check: withSecret(needs('volumeID'), false) },
  cephfs: CEPHFS,
  quobyte: QUOBYTE,
  fc: FC,
  flexVolume: FLEX,
  azureFile: { key: 'azureFile', check: azureFile(false) },
  vsphereVolume: VSPHERE,
  photonPersistentDisk: PHOTON,
  portworxVolume: PORTWORX,
  azureDisk: AZURE_DISK,
  storageos: { key: 'storageos', check: withSecret(storageOS, false) },
  scaleIO: SCALE_IO,
  csi: { key: 'csi', check: csi },
} satisfies Record<string, VolumeSourceRule>;

/** What a PersistentVolume may be, in order. */
export const PERSISTENT_RULES: VolumeSourceRule[] = [
  HOST,
  GCE,
  AWS,
  { key: 'glusterfs', check: glusterPersistent },
  FLOCKER,
  NFS,
  RBD,
  QUOBYTE,
  CEPHFS,
  { key: 'iscsi', check: iscsi(true) },
  { key: 'cinder', check: withSecret(needs('volumeID'), true) },
  FC,
  { ...FLEX, besides: true },
  { key: 'azureFile', check: azureFile(true) },
  VSPHERE,
  PHOTON,
  PORTWORX,
  AZURE_DISK,
  SCALE_IO,
  { key: 'local', check: local },
  { key: 'storageos', check: withSecret(storageOS, true) },
  { key: 'csi', check: csiPersistent },
];

export const MORE_THAN_ONE = 'may not specify more than 1 volume type';

/** Checks those of the rules that `holder` has. `count`: how many sources were found before. */
export function validateSources(
  // biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
  holder: any,
  field: string,
  rules: readonly VolumeSourceRule[],
  count = 0,
): { errors: FieldError[]; count: number } {
  const errors: FieldError[] = [];
  let found = count;
  for (const rule of rules) {
    const source = holder[rule.key];
    if (!source) continue;
    if (found > 0 && !rule.besides) {
      errors.push(forbidden(`${field}.${rule.forbiddenAs ?? rule.key}`, MORE_THAN_ONE));
      continue;
    }
    found++;
    errors.push(...rule.check(source, `${field}.${rule.path ?? rule.key}`));
  }
  return { errors, count: found };
}
