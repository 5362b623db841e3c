/** PersistentVolumes. Source: k8s.io/kubernetes/pkg/apis/core/validation. */
import { dns1123Subdomain, isSet, unchanged } from './field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from './field-error.ts';
import { goEqual, goValue, prettyGoValue } from './go-value.ts';
import { validateNodeSelector } from './node-selectors.ts';
import type { KubeObject } from './object.ts';
import { persistentvolumeclaims } from './persistent-volume-claim.ts';
import {
  basicQuantity,
  positiveQuantity,
  VOLUME_MODES,
  validateAccessModes,
} from './persistent-volume-claim-validation.ts';
import { defaultBlockVolume } from './pod-defaults.ts';
import type { Strategy } from './strategy.ts';
import { unifiedDiff } from './unified-diff.ts';
import { PERSISTENT_RULES, validateSources } from './volume-sources.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const PV_PROTECTION = 'kubernetes.io/pv-protection';

/** As `path.Clean` sees it. */
function isRoot(path: string): boolean {
  let depth = 0;
  for (const part of path.split('/'))
    if (part === '..') depth = Math.max(0, depth - 1);
    else if (part !== '' && part !== '.') depth++;
  return depth === 0 && path.startsWith('/');
}

function defaultVolume(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  defaultBlockVolume(spec);
  if (spec.hostPath) spec.hostPath.type ??= '';
  if (spec.claimRef) spec.claimRef = { ...spec.claimRef };
}

function capacity(spec: any): FieldError[] {
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

function validateVolume({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const modes: string[] = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required('spec.accessModes'));
  errors.push(...validateAccessModes(modes, 'spec.accessModes'), ...capacity(spec));
  const reclaim = spec.persistentVolumeReclaimPolicy;
  if (reclaim && !RECLAIM.includes(reclaim))
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', reclaim, RECLAIM));
  if (spec.nodeAffinity) {
    const path = 'spec.nodeAffinity.required';
    if (spec.nodeAffinity.required) errors.push(...validateNodeSelector(spec.nodeAffinity.required, path));
    else errors.push(required(path, 'must specify required node constraints'));
  }
  const before = PERSISTENT_RULES.findIndex((rule) => rule.key === 'storageos');
  const first = validateSources(spec, 'spec', PERSISTENT_RULES.slice(0, before));
  errors.push(...first.errors);
  if (spec.local && !spec.nodeAffinity)
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  const rest = validateSources(spec, 'spec', PERSISTENT_RULES.slice(before), first.count);
  errors.push(...rest.errors);
  if (rest.count === 0) errors.push(required('spec', 'must specify a volume type'));
  if (reclaim === 'Recycle' && isRoot(spec.hostPath?.path ?? ''))
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName) errors.push(...dns1123Subdomain(spec.storageClassName, 'spec.storageClassName'));
  if (isSet(spec.volumeMode) && !VOLUME_MODES.includes(spec.volumeMode))
    errors.push(notSupported('spec.volumeMode', spec.volumeMode, VOLUME_MODES));
  const attributes = spec.volumeAttributesClassName;
  if (isSet(attributes)) {
    const path = 'spec.volumeAttributesClassName';
    if (!attributes) errors.push(required(path, 'an empty string is disallowed'));
    else errors.push(...dns1123Subdomain(attributes, path));
    if (!spec.csi) errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
  return errors;
}

function validateVolumeUpdate(object: KubeObject, old: KubeObject): FieldError[] {
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

const persistentvolumes: Strategy = {
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
    if (spec.persistentVolumeReclaimPolicy === 'Recycle')
      texts.push(
        'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      );
    return texts;
  },
};

export const VOLUME_STRATEGIES: Record<string, Strategy> = { persistentvolumes, persistentvolumeclaims };
