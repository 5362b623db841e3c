/** What each volume source must say, of a pod and of a PersistentVolume. Source: k8s.io/kubernetes/pkg/apis/core/validation. */
import {
  dns1123Label,
  dns1123Subdomain,
  isSet,
  localPath,
  noBacksteps,
  requiredText,
} from '../../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required, tooLong } from '../../../objects/field-error.ts';
import { byteLength, isDNS1123Subdomain } from '../../../objects/names.ts';

/** Answers what is wrong with a source that stands at `field`. */
// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
export type Check = (source: any, field: string) => FieldError[];

export const needs =
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

export const hostPath: Check = (source, field) => {
  if (!source.path) return [required(`${field}.path`)];
  const errors = noBacksteps(source.path, `${field}.path`);
  return isSet(source.type) && !HOST_PATH_TYPES.includes(source.type)
    ? [...errors, notSupported(`${field}.type`, source.type, HOST_PATH_TYPES)]
    : errors;
};

export const partitioned =
  (name: string): Check =>
  (source, field) => {
    const errors = requiredText(source[name], `${field}.${name}`);
    const partition = source.partition ?? 0;
    return partition < 0 || partition > 255
      ? [...errors, invalid(`${field}.partition`, partition, 'must be between 1 and 255, inclusive')]
      : errors;
  };

export const nfs: Check = (source, field) => {
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

export const iscsi =
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

export const fibreChannel: Check = (source, field) => {
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

export const flex: Check = (source, field) => {
  const errors = requiredText(source.driver, `${field}.driver`).slice();
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
      errors.push(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
  return errors;
};

export const flocker: Check = (source, field) => {
  const { datasetName = '', datasetUUID = '' } = source;
  const errors: FieldError[] = [];
  if (!datasetName && !datasetUUID) errors.push(required(field, 'one of datasetName and datasetUUID is required'));
  if (datasetName && datasetUUID)
    errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName.includes('/')) errors.push(invalid(`${field}.datasetName`, datasetName, "must not contain '/'"));
  return errors;
};

const REGISTRY_WORDS = 'must be a host:port pair or multiple pairs separated by commas';

export const quobyte: Check = (source, field) => {
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

export const azureDisk: Check = (source, field) => {
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

export const azureFile =
  (persistent: boolean): Check =>
  (source, field) => {
    const errors = needs('secretName', 'shareName')(source, field);
    if (persistent && source.secretNamespace === '') errors.push(required(`${field}.secretNamespace`));
    return errors;
  };

export const withSecret =
  (check: Check, persistent: boolean): Check =>
  (source, field) => {
    const errors = check(source, field).slice();
    if (source.secretRef) {
      errors.push(...requiredText(source.secretRef.name, `${field}.secretRef.name`));
      if (persistent) errors.push(...requiredText(source.secretRef.namespace, `${field}.secretRef.namespace`));
    }
    return errors;
  };

export const storageOS: Check = (source, field) => [
  ...(source.volumeName ? dns1123Label(source.volumeName, `${field}.volumeName`) : [required(`${field}.volumeName`)]),
  ...(source.volumeNamespace ? dns1123Label(source.volumeNamespace, `${field}.volumeNamespace`) : []),
];

export const glusterPersistent: Check = (source, field) => {
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

export const csi: Check = (source, field) => {
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

export const csiPersistent: Check = (source, field) => {
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

export const gitRepo: Check = (source, field) => [
  ...requiredText(source.repository, `${field}.repository`),
  ...localPath(source.directory ?? '', `${field}.directory`),
];

export const local: Check = (source, field) =>
  source.path ? noBacksteps(source.path, `${field}.path`) : [required(`${field}.path`)];
