/** PersistentVolumes. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { dns1123Subdomain, isSet, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { PersistentVolume, VolumeNodeAffinity } from '../../objects/generated/core-v1.gen.ts';
import { goEqual, goValue, prettyGoValue } from '../../objects/go-value.ts';
import { own } from '../../objects/own.ts';
import { unifiedDiff } from '../../objects/unified-diff.ts';
import { validateNodeSelector } from './node-selector-validation.ts';
import {
  basicQuantity,
  positiveQuantity,
  VOLUME_MODES,
  validateAccessModes,
} from './persistent-volume-claim-validation.ts';
import { defaultBlockVolume } from './pod/defaults.ts';
import { PERSISTENT_RULES, validateSources } from './pod/volume-sources.ts';
import { DEPRECATED_VOLUMES, nodeTerm } from './pod/warnings.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const BETA_OPTIONS = 'volume.beta.kubernetes.io/mount-options';

/** In the order in which they are warned of. */
const WARNED_VOLUMES = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd'];

const PV_PROTECTION = 'kubernetes.io/pv-protection';

/** As `path.Clean` sees it. */
function isRoot(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/'))
    if (part === '..') depth = Math.max(0, depth - 1);
    else if (part !== '' && part !== '.') depth++;
  return depth === 0 && path.startsWith('/');
}

function defaultVolume(object: PersistentVolume): void {
  object.spec ??= {} as PersistentVolume['spec'];
  const { spec } = object;
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  defaultBlockVolume(spec);
  if (spec.hostPath) spec.hostPath.type ??= '';
  if (spec.claimRef) spec.claimRef = { ...spec.claimRef };
}

function capacity(spec: PersistentVolume['spec']): FieldError[] {
  const amounts: Record<string, string> = spec.capacity ?? {};
  const names = Object.keys(amounts);
  const errors: FieldError[] = [];
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (amounts.storage === undefined || names.length > 1)
    errors.push(notSupported('spec.capacity', goValue('mQ', spec.capacity), ['storage']));
  for (const name of names) {
    const value = amounts[name] ?? '0';
    errors.push(
      ...basicQuantity(value, `spec.capacity[${name}]`),
      ...positiveQuantity(value, `spec.capacity[${name}]`),
    );
  }
  return errors;
}

const RECLAIM = ['Delete', 'Recycle', 'Retain'];

const validateVolume = ({ spec }: PersistentVolume): FieldError[] => validateVolumeSpec(spec, 'spec', false);

const NOT_INLINE = 'may not be specified in the context of inline volumes';

/** `inline`: within a VolumeAttachment, which has no object of its own for the volume. */
export function validateVolumeSpec(spec: PersistentVolume['spec'], path: string, inline: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (inline) {
    if (spec.claimRef) errors.push(forbidden(`${path}.claimRef`, NOT_INLINE));
    if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(forbidden(`${path}.capacity`, NOT_INLINE));
    if (!spec.csi) errors.push(required(`${path}.csi`, 'has to be specified in the context of inline volumes'));
  }
  const modes: string[] = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`));
  errors.push(...validateAccessModes(modes, `${path}.accessModes`));
  if (!inline) errors.push(...capacity(spec));
  const reclaim = spec.persistentVolumeReclaimPolicy;
  const reclaimPath = `${path}.persistentVolumeReclaimPolicy`;
  if (reclaim && inline && reclaim !== 'Retain')
    errors.push(forbidden(reclaimPath, 'may only be Retain in the context of inline volumes'));
  if (reclaim && !inline && !RECLAIM.includes(reclaim)) errors.push(notSupported(reclaimPath, reclaim, RECLAIM));
  errors.push(...validateAffinity(spec.nodeAffinity, `${path}.nodeAffinity`, inline));
  errors.push(...validateSource(spec, path, inline));
  if (reclaim === 'Recycle' && isRoot(spec.hostPath?.path ?? ''))
    errors.push(forbidden(reclaimPath, "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName)
    errors.push(
      ...(inline
        ? [forbidden(`${path}.storageClassName`, NOT_INLINE)]
        : dns1123Subdomain(spec.storageClassName, `${path}.storageClassName`)),
    );
  errors.push(...validateMode(spec.volumeMode, `${path}.volumeMode`, inline));
  const attributes = spec.volumeAttributesClassName;
  if (isSet(attributes) && !inline) {
    const field = `${path}.volumeAttributesClassName`;
    if (!attributes) errors.push(required(field, 'an empty string is disallowed'));
    else errors.push(...dns1123Subdomain(attributes, field));
    if (!spec.csi) errors.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'));
  }
  return errors;
}

function validateAffinity(affinity: VolumeNodeAffinity | undefined, path: string, inline: boolean): FieldError[] {
  if (!affinity) return [];
  if (inline) return [forbidden(path, NOT_INLINE)];
  if (!affinity.required) return [required(`${path}.required`, 'must specify required node constraints')];
  return validateNodeSelector(affinity.required, `${path}.required`);
}

function validateMode(mode: string | undefined, path: string, inline: boolean): FieldError[] {
  if (!isSet(mode)) return [];
  if (!inline) return VOLUME_MODES.includes(mode) ? [] : [notSupported(path, mode, VOLUME_MODES)];
  if (mode === 'Filesystem') return [];
  return [forbidden(path, 'may not specify volumeMode other than Filesystem in the context of inline volumes')];
}

/** Of the kinds of volumes, one; a flexVolume is looked at even when there is another before it. */
function validateSource(spec: PersistentVolume['spec'], path: string, inline: boolean): FieldError[] {
  const at = (key: string): number => PERSISTENT_RULES.findIndex((rule) => rule.key === key);
  const [flex, storageOS] = [at('flexVolume'), at('storageos')];
  const errors: FieldError[] = [];
  let count = 0;
  const check = (rules: typeof PERSISTENT_RULES, before: number): void => {
    const found = validateSources(spec, path, rules, before);
    errors.push(...found.errors);
    count = Math.max(count, found.count);
  };
  check(PERSISTENT_RULES.slice(0, flex), 0);
  check(PERSISTENT_RULES.slice(flex, flex + 1), 0);
  const isLocal =
    count === 0 || !PERSISTENT_RULES.slice(0, storageOS).some((r) => r.key !== 'local' && own(spec, r.key));
  check(PERSISTENT_RULES.slice(flex + 1, storageOS), count);
  if (spec.local && isLocal && (inline || !spec.nodeAffinity))
    errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'));
  check(PERSISTENT_RULES.slice(storageOS), count);
  if (count === 0) errors.push(required(path, 'must specify a volume type'));
  return errors;
}

function validateVolumeUpdate(object: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolume(object);
  let { spec } = object;
  if (old.spec.csi && !old.spec.csi.controllerExpandSecretRef && spec.csi?.controllerExpandSecretRef)
    spec = { ...spec, csi: { ...spec.csi, controllerExpandSecretRef: undefined } };
  const type = 'core.PersistentVolumeSource';
  if (!goEqual(type, spec, old.spec))
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(prettyGoValue(type, old.spec), prettyGoValue(type, spec))}`,
      ),
    );
  errors.push(...unchanged(object.spec.volumeMode, old.spec.volumeMode, 'volumeMode', object.spec.volumeMode ?? null));
  if (old.spec.nodeAffinity && !goEqual('*#core.VolumeNodeAffinity', object.spec.nodeAffinity, old.spec.nodeAffinity))
    errors.push(
      invalid(
        'nodeAffinity',
        goValue('*#core.VolumeNodeAffinity', object.spec.nodeAffinity),
        'field is immutable, except for updating from beta label to GA',
      ),
    );
  if (isSet(old.spec.volumeAttributesClassName) && !isSet(object.spec.volumeAttributesClassName))
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  return errors;
}

export const persistentvolumes: Strategy<PersistentVolume> = {
  defaults: defaultVolume,
  admit(object, old) {
    // What is in use is not deleted under its user.
    if (old) return;
    const list = object.metadata.finalizers ?? [];
    if (!list.includes(PV_PROTECTION)) object.metadata.finalizers = [...list, PV_PROTECTION];
  },
  prepareForCreate(object, context) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: context.now };
  },
  prepareForUpdate(object, old, context) {
    if (context.subresource !== 'status') return;
    object.status ??= {};
    object.status.phase ||= 'Pending';
    const [now, before] = [object.status.lastPhaseTransitionTime, old.status?.lastPhaseTransitionTime];
    if (object.status.phase === old.status?.phase) {
      if (now === undefined && before !== undefined) object.status.lastPhaseTransitionTime = before;
    } else if (now === undefined || now === before) object.status.lastPhaseTransitionTime = context.now;
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  hasGeneration: false,
  warnings({ spec, metadata }) {
    const texts: string[] = [];
    if (metadata.annotations?.[BETA_CLASS] !== undefined)
      texts.push(
        `metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`,
      );
    if (metadata.annotations?.[BETA_OPTIONS] !== undefined)
      texts.push(`metadata.annotations[${BETA_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`);
    if (spec.persistentVolumeReclaimPolicy === 'Recycle')
      texts.push(
        'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      );
    for (const [i, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries())
      texts.push(...nodeTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, false));
    for (const key of WARNED_VOLUMES) {
      const [shown, words] = DEPRECATED_VOLUMES[key] ?? [key, ''];
      if (own(spec, key)) texts.push(`spec.${shown}: ${words}`);
    }
    return texts;
  },
};
