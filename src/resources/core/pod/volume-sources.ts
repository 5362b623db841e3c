/**
 * Volume sources, of pods and of PersistentVolumes: which there are, in the order they are checked, and what each must say.
 * Source: k8s.io/kubernetes/pkg/apis/core/validation, validateVolumeSource and ValidatePersistentVolumeSpec.
 */
import {
  dns1123Label,
  dns1123Subdomain,
  isSet,
  localPath,
  noBacksteps,
  requiredText,
} from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../../objects/field-error.ts';
import { byteLength, isDNS1123Subdomain } from '../../../objects/names.ts';

type Check = (source: any, field: string) => FieldError[];

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

const needs =
  (...keys: string[]): Check =>
  (source, field) =>
    keys.flatMap((key) => {
      const value = source[key];
      return Array.isArray(value)
        ? value.length > 0
          ? []
          : [required(`${field}.${key}`)]
        : requiredText(value, `${field}.${key}`);
    });

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const hostPath: Check = (source, field) => {
  if (!source.path) return [required(`${field}.path`)];
  const errors = noBacksteps(source.path, `${field}.path`);
  return isSet(source.type) && !HOST_PATH_TYPES.includes(source.type)
    ? [...errors, notSupported(`${field}.type`, source.type, HOST_PATH_TYPES)]
    : errors;
};

const partitioned =
  (name: string): Check =>
  (source, field) => {
    const errors = requiredText(source[name], `${field}.${name}`);
    const partition = source.partition ?? 0;
    return partition < 0 || partition > 255
      ? [...errors, invalid(`${field}.partition`, partition, 'must be between 1 and 255, inclusive')]
      : errors;
  };

const nfs: Check = (source, field) => {
  const errors = needs('server', 'path')(source, field);
  const path = source.path ?? '';
  return path.startsWith('/') ? errors : [...errors, invalid(`${field}.path`, path, 'must be an absolute path')];
};

const IQN = /^iqn\.\d{4}-\d{2}\.([a-zA-Z0-9-.]+)(:[^,;*&$|\s]+)?$/;
const ISCSI_NAMES: [prefix: string, format: RegExp][] = [
  ['iqn', IQN],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

function iscsiName(name: string, field: string, startWords: string): FieldError[] {
  const known = ISCSI_NAMES.find(([prefix]) => name.startsWith(prefix));
  if (!known) return [invalid(field, name, startWords)];
  return known[1].test(name) ? [] : [invalid(field, name, 'must be valid format')];
}

const START_WORDS = 'must be valid format starting with iqn, eui, or naa';

const iscsi =
  (persistent: boolean): Check =>
  (source, field) => {
    const words = persistent ? 'must be valid format' : START_WORDS;
    const errors = requiredText(source.targetPortal, `${field}.targetPortal`).slice();
    errors.push(...(source.iqn ? iscsiName(source.iqn, `${field}.iqn`, words) : [required(`${field}.iqn`)]));
    const lun = source.lun ?? 0;
    if (lun < 0 || lun > 255) errors.push(invalid(`${field}.lun`, lun, 'must be between 0 and 255, inclusive'));
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
      errors.push(required(`${field}.secretRef`));
    if (persistent && source.secretRef) errors.push(...requiredText(source.secretRef.name, `${field}.secretRef.name`));
    if (isSet(source.initiatorName)) errors.push(...iscsiName(source.initiatorName, `${field}.initiatorname`, words));
    return errors;
  };

const fibreChannel: Check = (source, field) => {
  const errors: FieldError[] = [];
  const targets = source.targetWWNs ?? [];
  const ids = source.wwids ?? [];
  if (targets.length < 1 && ids.length < 1)
    errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targets.length > 0 && ids.length > 0)
    errors.push(invalid(`${field}.targetWWNs`, targets, 'targetWWNs and wwids can not be specified simultaneously'));
  if (targets.length > 0) {
    if (!isSet(source.lun)) errors.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
    else if (source.lun < 0 || source.lun > 255)
      errors.push(invalid(`${field}.lun`, source.lun, 'must be between 0 and 255, inclusive'));
  }
  return errors;
};

const flex: Check = (source, field) => {
  const errors = requiredText(source.driver, `${field}.driver`).slice();
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
      errors.push(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
  return errors;
};

const flocker: Check = (source, field) => {
  const { datasetName = '', datasetUUID = '' } = source;
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) errors.push(required(field, 'one of datasetName and datasetUUID is required'));
  if (datasetName && datasetUUID)
    errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName.includes('/')) errors.push(invalid(`${field}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
};

const REGISTRY_WORDS = 'must be a host:port pair or multiple pairs separated by commas';

const quobyte: Check = (source, field) => {
  const { registry = '', tenant = '' } = source;
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${field}.registry`, REGISTRY_WORDS));
  else if (tenant.length >= 65)
    errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else if (registry.split(',').some((pair: string) => !/^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(pair)))
    errors.push(invalid(`${field}.registry`, registry, REGISTRY_WORDS));
  return [...errors, ...requiredText(source.volume, `${field}.volume`)];
};

const AZURE_URIS: Record<string, string> = {
  managed: '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
  blob: 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
};

const azureDisk: Check = (source, field) => {
  const errors = needs('diskName', 'diskURI')(source, field);
  const { cachingMode, kind, diskURI = '' } = source;
  const caching = ['None', 'ReadOnly', 'ReadWrite'];
  const kinds = ['Dedicated', 'Managed', 'Shared'];
  if (isSet(cachingMode) && !caching.includes(cachingMode))
    errors.push(notSupported(`${field}.cachingMode`, cachingMode, caching));
  if (isSet(kind) && !kinds.includes(kind)) errors.push(notSupported(`${field}.kind`, kind, kinds));
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/'))
    errors.push(notSupported(`${field}.diskURI`, diskURI, [AZURE_URIS.managed ?? '']));
  if (isSet(kind) && kind !== 'Managed' && !diskURI.startsWith('https://'))
    errors.push(notSupported(`${field}.diskURI`, diskURI, [AZURE_URIS.blob ?? '']));
  return errors;
};

const azureFile =
  (persistent: boolean): Check =>
  (source, field) => {
    const errors = needs('secretName', 'shareName')(source, field);
    if (persistent && source.secretNamespace === '') errors.push(required(`${field}.secretNamespace`));
    return errors;
  };

const withSecret =
  (check: Check, persistent: boolean): Check =>
  (source, field) => {
    const errors = check(source, field).slice();
    if (source.secretRef) {
      errors.push(...requiredText(source.secretRef.name, `${field}.secretRef.name`));
      if (persistent) errors.push(...requiredText(source.secretRef.namespace, `${field}.secretRef.namespace`));
    }
    return errors;
  };

const storageOS: Check = (source, field) => [
  ...(source.volumeName ? dns1123Label(source.volumeName, `${field}.volumeName`) : [required(`${field}.volumeName`)]),
  ...(source.volumeNamespace ? dns1123Label(source.volumeNamespace, `${field}.volumeNamespace`) : []),
];

const glusterPersistent: Check = (source, field) => {
  const errors = needs('endpoints', 'path')(source, field);
  const namespace = source.endpointsNamespace;
  if (!isSet(namespace)) return errors;
  return namespace === ''
    ? [
        ...errors,
        invalid(
          `${field}.endpointsNamespace`,
          namespace,
          'if the endpointnamespace is set, it must be a valid namespace name',
        ),
      ]
    : [...errors, ...dns1123Label(namespace, `${field}.endpointsNamespace`)];
};

/** A CSI driver's name, wherever it stands. */
function csiDriverName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)];
  const errors = byteLength(name) > 63 ? [tooLong(field, 63)] : [];
  return [...errors, ...isDNS1123Subdomain(name.toLowerCase()).map((words) => invalid(field, name, words))];
}

const csi: Check = (source, field) => {
  const errors = csiDriverName(source.driver, `${field}.driver`);
  const secret = source.nodePublishSecretRef;
  if (!secret) return errors;
  return secret.name
    ? [...errors, ...dns1123Subdomain(secret.name, `${field}.name`)]
    : [...errors, required(`${field}.nodePublishSecretRef.name`)];
};

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
];

const csiPersistent: Check = (source, field) => {
  const errors = csiDriverName(source.driver, `${field}.driver`);
  errors.push(...requiredText(source.volumeHandle, `${field}.volumeHandle`));
  for (const key of CSI_SECRETS) {
    const secret = source[key];
    if (!secret) continue;
    const path = `${field}.${key}`;
    errors.push(...(secret.name ? dns1123Subdomain(secret.name, `${path}.name`) : [required(`${path}.name`)]));
    errors.push(
      ...(secret.namespace ? dns1123Label(secret.namespace, `${path}.namespace`) : [required(`${path}.namespace`)]),
    );
  }
  return errors;
};

const gitRepo: Check = (source, field) => [
  ...requiredText(source.repository, `${field}.repository`),
  ...localPath(source.directory ?? '', `${field}.directory`),
];

const local: Check = (source, field) =>
  source.path ? noBacksteps(source.path, `${field}.path`) : [required(`${field}.path`)];

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

/** What a pod's volume may be, apart from what pod-volumes.ts adds. */
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
