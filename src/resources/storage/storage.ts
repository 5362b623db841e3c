/** StorageClass, VolumeAttributesClass, VolumeAttachment and CSIStorageCapacity. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { dns1123Subdomain, isSet, qualifiedName, unchanged } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  immutable,
  invalid,
  negative,
  notSupported,
  required,
  tooLong,
} from '../../objects/field-error.ts';
import { sameData } from '../../objects/go-value.ts';
import { byteLength, isDNS1123Subdomain, isDNS1123SubdomainCaseless, rangeError } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { compareQuantities } from '../../objects/quantity.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelName, validateLabelSelector } from '../../objects/selector-validation.ts';
import { deprecatedLabel } from '../core/deprecated-labels.ts';
import { validateVolumeSpec } from '../core/persistent-volume.ts';

const PARAMETERS_MAX = 512;
const PARAMETERS_MAX_BYTES = 256 * 1024;
const ERROR_MESSAGE_MAX_BYTES = 1024;
const DRIVER_NAME_MAX = 63;

const bytes = (map: Record<string, string>): number =>
  Object.entries(map).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);

function validateParameters(parameters: Record<string, string>, allowEmpty: boolean): FieldError[] {
  const keys = Object.keys(parameters);
  if (keys.length > PARAMETERS_MAX) return [tooLong('parameters', PARAMETERS_MAX)];
  const errors = keys.filter((key) => key === '').map((key) => invalid('parameters', key, 'field can not be empty.'));
  if (bytes(parameters) > PARAMETERS_MAX_BYTES) errors.push(tooLong('parameters', PARAMETERS_MAX_BYTES));
  if (!allowEmpty && keys.length === 0) errors.push(required('parameters', 'must contain at least one key/value pair'));
  return errors;
}

function validateTopologies(terms: any[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen: string[] = [];
  for (const [i, term] of terms.entries()) {
    const at = `allowedTopologies[${i}].matchLabelExpressions`;
    const byKey: Record<string, string[]> = {};
    for (const [j, { key = '', values: listed }] of (term.matchLabelExpressions ?? []).entries()) {
      const values: string[] = listed ?? [];
      if (values.length === 0) errors.push(required(`${at}[${j}].values`));
      const again = repeats(values);
      for (const [k, value] of values.entries())
        if (again[k]) errors.push(duplicate(`${at}[${j}].values[${k}]`, value));
      errors.push(...validateLabelName(key, `${at}[${j}].key`));
      if (Object.hasOwn(byKey, key)) errors.push(duplicate(`${at}[${j}].key`, key));
      byKey[key] = [...new Set<string>(values)].sort();
    }
    const text = JSON.stringify(Object.entries(byKey).sort(([a], [b]) => (a < b ? -1 : 1)));
    // The real server compares with the terms before, and with as many empty ones as there are terms.
    const alike = seen.filter((other) => other === text).length + (text === '[]' ? terms.length : 0);
    for (let n = 0; n < alike; n++) errors.push(duplicate(at, ''));
    seen.push(text);
  }
  return errors;
}

function validateStorageClass(o: KubeObject, old?: KubeObject): FieldError[] {
  const found = new Findings();
  const changed = (field: string): boolean => old !== undefined && !sameData(o[field], old[field]);
  if (o.provisioner) found.add(...qualifiedName(o.provisioner.toLowerCase(), 'provisioner'));
  found.add(...validateParameters(o.parameters ?? {}, true));
  if (o.reclaimPolicy && o.reclaimPolicy !== 'Delete' && o.reclaimPolicy !== 'Retain')
    found.add(notSupported('reclaimPolicy', o.reclaimPolicy, ['Delete', 'Retain']));
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (!isSet(o.volumeBindingMode)) found.add(required('volumeBindingMode'));
  else if (!modes.includes(o.volumeBindingMode))
    found.add(notSupported('volumeBindingMode', o.volumeBindingMode, modes));
  found.add(...validateTopologies(o.allowedTopologies ?? []));
  if (!o.provisioner) found.declare(required('provisioner'));
  if (changed('provisioner')) found.declare(immutable('provisioner', null));
  for (const field of ['parameters', 'reclaimPolicy', 'volumeBindingMode'])
    if (changed(field)) found.declare(immutable(field, null));
  return found.all();
}

const storageClass: Strategy = {
  defaults: (o) => {
    o.reclaimPolicy ??= 'Delete';
    o.volumeBindingMode ??= 'Immediate';
  },
  validate: (o) => validateStorageClass(o),
  validateUpdate: validateStorageClass,
  warnings: (o) =>
    (o.allowedTopologies ?? []).flatMap((term: any, i: number) =>
      (term.matchLabelExpressions ?? []).flatMap((expression: any, j: number) =>
        deprecatedLabel(expression.key, `allowedTopologies[${i}].matchLabelExpressions[${j}].key`),
      ),
    ),
};

function validateVolumeAttributesClass(o: KubeObject): FieldError[] {
  const driver: string = o.driverName ?? '';
  return [
    ...(driver === '' ? [required('driverName')] : qualifiedName(driver.toLowerCase(), 'driverName')),
    ...validateParameters(o.parameters ?? {}, false),
  ];
}

const VOLUME_ATTRIBUTES_FINALIZER = 'kubernetes.io/vac-protection';

const volumeAttributesClass: Strategy = {
  // The admission plugin that protects classes in use.
  admit: (o, old) => {
    if (old || o.metadata.finalizers?.includes(VOLUME_ATTRIBUTES_FINALIZER)) return;
    o.metadata.finalizers = [...(o.metadata.finalizers ?? []), VOLUME_ATTRIBUTES_FINALIZER];
  },
  validate: validateVolumeAttributesClass,
  validateUpdate: (o, old) => {
    const errors: FieldError[] = [];
    for (const field of ['driverName', 'parameters'])
      if (!sameData(o[field], old[field])) errors.push(forbidden(field, `updates to ${field} are forbidden.`));
    return [...errors, ...validateVolumeAttributesClass(o)];
  },
};

function validateVolumeError(error: any, field: string): FieldError[] {
  if (!error) return [];
  const errors: FieldError[] = [];
  if (byteLength(error.message ?? '') > ERROR_MESSAGE_MAX_BYTES)
    errors.push(tooLong(`${field}.message`, ERROR_MESSAGE_MAX_BYTES));
  if (isSet(error.errorCode) && error.errorCode < 0)
    errors.push(invalid(`${field}.errorCode`, error.errorCode, rangeError(0, 2147483647)));
  return errors;
}

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

/** The declared rule against changes hides the ones for the attacher. */
function writtenAttacherRules(attacher: string): FieldError[] {
  const field = 'spec.attacher';
  if (!attacher) return [required(field)];
  const errors = byteLength(attacher) > DRIVER_NAME_MAX ? [tooLong(field, DRIVER_NAME_MAX)] : [];
  return [...errors, ...isDNS1123Subdomain(attacher.toLowerCase()).map((words) => invalid(field, attacher, words))];
}

function validateVolumeAttachment(o: KubeObject, old?: KubeObject): FieldError[] {
  const found = new Findings();
  const { attacher, source = {}, nodeName = '' } = o.spec ?? {};
  const name: string | undefined = source.persistentVolumeName ?? undefined;
  const changed = old !== undefined && !sameData(o.spec, old.spec);
  if (changed) found.add(...writtenAttacherRules(attacher ?? ''));
  if (!source.inlineVolumeSpec && name === undefined) found.add(required('spec.source', ONE_SOURCE));
  else if (source.inlineVolumeSpec && name !== undefined) found.add(forbidden('spec.source', ONE_SOURCE));
  else if (name === '')
    found.add(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  else if (source.inlineVolumeSpec)
    found.add(...validateVolumeSpec(source.inlineVolumeSpec, 'spec.source.inlineVolumeSpec', true));
  found.add(...dns1123Subdomain(nodeName, 'spec.nodeName'));
  const status = o.status ?? {};
  if (bytes(status.attachmentMetadata ?? {}) > PARAMETERS_MAX_BYTES)
    found.add(tooLong('status.attachmentMetadata', PARAMETERS_MAX_BYTES));
  found.add(...validateVolumeError(status.attachError, 'status.attachError'));
  found.add(...validateVolumeError(status.detachError, 'status.detachError'));
  if (name !== undefined) found.add(...dns1123Subdomain(name, 'spec.source.persistentVolumeName'));
  if (changed) found.declare(immutable('spec', null));
  else if (found.has(attacher, 'spec.attacher')) {
    for (const words of isDNS1123SubdomainCaseless(attacher)) found.declare(invalid('spec.attacher', attacher, words));
    if (attacher.length > DRIVER_NAME_MAX)
      found.declare({
        type: 'FieldValueTooLong',
        field: 'spec.attacher',
        message: `Too long: may not be more than ${DRIVER_NAME_MAX} characters`,
      });
  }
  return found.all();
}

const volumeAttachment: Strategy = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  prepareForCreate: (o) => {
    o.status = { attached: false };
  },
  validate: (o) => validateVolumeAttachment(o),
  validateUpdate: validateVolumeAttachment,
  validateStatusUpdate: validateVolumeAttachment,
};

function validateCapacity(o: KubeObject): FieldError[] {
  const errors = validateLabelSelector(o.nodeTopology, 'nodeTopology');
  errors.push(...dns1123Subdomain(o.storageClassName ?? '', 'storageClassName'));
  if (isSet(o.capacity) && compareQuantities(o.capacity, '0') < 0) errors.push(negative('capacity', o.capacity));
  return errors;
}

const capacity: Strategy = {
  allowUnconditionalUpdate: false,
  validate: validateCapacity,
  validateUpdate: (o, old) => [
    ...validateCapacity(o),
    // One that selects everything is not none.
    ...(isSet(o.nodeTopology) === isSet(old.nodeTopology) && sameData(o.nodeTopology, old.nodeTopology)
      ? []
      : [immutable('nodeTopology', o.nodeTopology ?? null)]),
    ...unchanged(o.storageClassName, old.storageClassName, 'storageClassName', o.storageClassName ?? ''),
  ],
};

export const STORAGE_STRATEGIES: Record<string, Strategy> = {
  'storageclasses.storage.k8s.io': storageClass,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClass,
  'volumeattachments.storage.k8s.io': volumeAttachment,
  'csistoragecapacities.storage.k8s.io': capacity,
};
