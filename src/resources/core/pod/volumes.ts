/** Validation of a pod's volumes. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateVolumes. */

import {
  dns1123Label,
  fileMode,
  isSet,
  localNonReservedPath,
  requiredText,
  userID,
} from '../../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from '../../../objects/field-error.ts';
import type {
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  SecretProjection,
  ServiceAccountTokenProjection,
  Volume,
} from '../../../objects/generated/core-v1.gen.ts';
import { isDNS1123Subdomain } from '../../../objects/names.ts';
import { parseQuantity } from '../../../objects/quantity.ts';
import { validateClaimTemplate } from '../persistent-volume-claim-validation.ts';
import { VOLUME_FIELDS, validateFieldRef, validateResourceFieldRef } from './downward-api.ts';
import { validatePullPolicy } from './image-pull-policy.ts';
import { CONFLICT, podCertificate, trustBundle } from './projected-credentials.ts';
import { SHARED_POD_RULES as R, type VolumeSourceRule, validateSources } from './volume-sources.ts';

/** The volumes that passed, by name: what mounts may refer to. */
export type Volumes = Map<string, Volume>;

function keyToPath(item: KeyToPath, field: string): FieldError[] {
  return [
    ...requiredText(item.key, `${field}.key`),
    ...requiredText(item.path, `${field}.path`),
    ...localNonReservedPath(item.path ?? '', `${field}.path`),
    ...fileMode(item.mode, `${field}.mode`),
    ...userID(item.user, `${field}.user`),
  ];
}

const keyed =
  (name: string): VolumeSourceRule['check'] =>
  (source, field) => {
    const errors = [
      ...requiredText(source[name], `${field}.${name}`),
      ...fileMode(source.defaultMode, `${field}.defaultMode`),
      ...userID(source.defaultUser, `${field}.defaultUser`),
    ];
    for (const [i, item] of (source.items ?? []).entries()) errors.push(...keyToPath(item, `${field}.items[${i}]`));
    return errors;
  };

function downwardFile(file: DownwardAPIVolumeFile, field: string): FieldError[] {
  const errors = [
    ...requiredText(file.path, `${field}.path`),
    ...localNonReservedPath(file.path ?? '', `${field}.path`),
  ];
  if (file.fieldRef) {
    errors.push(...validateFieldRef(file.fieldRef, VOLUME_FIELDS, `${field}.fieldRef`));
    if (file.resourceFieldRef)
      errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef)
    errors.push(...validateResourceFieldRef(file.resourceFieldRef, `${field}.resourceFieldRef`, true));
  else errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  errors.push(...fileMode(file.mode, `${field}.mode`), ...userID(file.user, `${field}.user`));
  return errors;
}

const downwardAPI: VolumeSourceRule['check'] = (source, field) => [
  ...fileMode(source.defaultMode, `${field}.defaultMode`),
  ...userID(source.defaultUser, `${field}.defaultUser`),
  ...(source.items ?? []).flatMap((file: DownwardAPIVolumeFile) => downwardFile(file, field)),
];

const emptyDir: VolumeSourceRule['check'] = (source, field) => {
  const errors: FieldError[] = [];
  if (isSet(source.sizeLimit) && parseQuantity(source.sizeLimit).nanos < 0n)
    errors.push(forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  return errors;
};

function projectedItems(
  source: SecretProjection | ConfigMapProjection,
  field: string,
  path: string,
  taken: Set<string>,
): FieldError[] {
  const errors = [...requiredText(source.name, `${path}.name`)];
  for (const [i, item] of (source.items ?? []).entries()) {
    errors.push(...keyToPath(item, `${path}.items[${i}]`));
    if (!item.path) continue;
    if (taken.has(item.path)) errors.push(invalid(field, source.name ?? '', CONFLICT));
    taken.add(item.path);
  }
  return errors;
}

function tokenSource(token: ServiceAccountTokenProjection, field: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = token.expirationSeconds;
  const where = `${path}.expirationSeconds`;
  if (!isSet(seconds)) errors.push(required(where));
  else {
    if (seconds < 600) errors.push(invalid(where, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > 2 ** 32) errors.push(invalid(where, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (!token.path) errors.push(required(`${field}.path`));
  else errors.push(...localNonReservedPath(token.path, `${field}.path`));
  return [...errors, ...userID(token.user, `${path}.user`)];
}

const projected: VolumeSourceRule['check'] = (source, field) => {
  const errors = [
    ...fileMode(source.defaultMode, `${field}.defaultMode`),
    ...userID(source.defaultUser, `${field}.defaultUser`),
  ];
  const taken = new Set<string>();
  for (const [i, projection] of (source.sources ?? []).entries()) {
    const path = `${field}.sources[${i}]`;
    let count = 0;
    for (const key of ['secret', 'configMap'] as const) {
      if (!projection[key]) continue;
      count++;
      errors.push(...projectedItems(projection[key], field, `${path}.${key}`, taken));
    }
    if (projection.downwardAPI) {
      count++;
      for (const file of projection.downwardAPI.items ?? []) {
        errors.push(...downwardFile(file, `${path}.downwardAPI`));
        if (!file.path) continue;
        if (taken.has(file.path)) errors.push(invalid(field, file.path, CONFLICT));
        taken.add(file.path);
      }
    }
    if (projection.serviceAccountToken) {
      count++;
      errors.push(...tokenSource(projection.serviceAccountToken, field, `${path}.serviceAccountToken`));
    }
    if (projection.clusterTrustBundle) {
      count++;
      errors.push(...trustBundle(projection.clusterTrustBundle, field, `${path}.clusterTrustBundle`, taken));
    }
    if (projection.podCertificate) {
      count++;
      errors.push(...podCertificate(projection.podCertificate, field, `${path}.podCertificate`, taken));
    }
    if (count > 1) errors.push(forbidden(path, 'may not specify more than 1 volume type per source'));
  }
  return errors;
};

const ephemeral: VolumeSourceRule['check'] = (source, field) =>
  source.volumeClaimTemplate
    ? validateClaimTemplate(source.volumeClaimTemplate, `${field}.volumeClaimTemplate`)
    : [required(`${field}.volumeClaimTemplate`)];

const image: VolumeSourceRule['check'] = (source, field) => [
  ...requiredText(source.reference, `${field}.reference`),
  ...validatePullPolicy(source.pullPolicy, `${field}.pullPolicy`),
];

/** In the order in which they are checked. */
const RULES: VolumeSourceRule[] = [
  { key: 'emptyDir', check: emptyDir },
  R.hostPath,
  R.gitRepo,
  R.gcePersistentDisk,
  R.awsElasticBlockStore,
  { key: 'secret', check: keyed('secretName') },
  R.nfs,
  R.iscsi,
  R.glusterfs,
  R.flocker,
  R.persistentVolumeClaim,
  R.rbd,
  R.cinder,
  R.cephfs,
  R.quobyte,
  { key: 'downwardAPI', forbiddenAs: 'downwarAPI', check: downwardAPI },
  R.fc,
  R.flexVolume,
  { key: 'configMap', check: keyed('name') },
  R.azureFile,
  R.vsphereVolume,
  R.photonPersistentDisk,
  R.portworxVolume,
  R.azureDisk,
  R.storageos,
  { key: 'projected', check: projected },
  R.scaleIO,
  R.csi,
  { key: 'ephemeral', check: ephemeral },
  { key: 'image', check: image },
];

/** `podName`: undefined in a template. */
export function validateVolumes(
  volumes: Volume[] | undefined,
  podName: string | undefined,
  field: string,
): { errors: FieldError[]; volumes: Volumes } {
  const errors: FieldError[] = [];
  const accepted: Volumes = new Map();
  const claims = new Set((volumes ?? []).filter((v) => v.ephemeral).map((v) => `${podName}-${v.name}`));
  for (const [i, volume] of (volumes ?? []).entries()) {
    const path = `${field}[${i}]`;
    const { errors: own, count } = validateSources(volume, path, RULES);
    const name: string = volume.name ?? '';
    if (podName && name && volume.ephemeral)
      for (const words of isDNS1123Subdomain(`${podName}-${name}`))
        own.push(invalid(`${path}.name`, name, `PVC name "${podName}-${name}": ${words}`));
    if (count === 0) own.push(required(path, 'must specify a volume type'));
    if (!name) own.push(required(`${path}.name`));
    else own.push(...dns1123Label(name, `${path}.name`));
    if (accepted.has(name)) own.push(duplicate(`${path}.name`, name));
    if (own.length === 0) accepted.set(name, volume);
    else errors.push(...own);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (podName && claim && claims.has(claim))
      errors.push(
        invalid(
          `${path}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  }
  return { errors, volumes: accepted };
}
