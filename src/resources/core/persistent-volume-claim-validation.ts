/** Validation of claims' specs, wherever they stand. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { validateAnnotations } from '../../catalog/metadata.ts';
import { checked, dns1123Label, dns1123Subdomain, isSet, requiredText } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimTemplate,
  TypedObjectReference,
} from '../../objects/generated/core-v1.gen.ts';
import { isDNS1123Subdomain } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';
import { milliValue, parseQuantity } from '../../objects/quantity.ts';
import { validateQuantity } from '../../objects/resource-names.ts';
import { validateLabelSelector, validateLabels } from '../../objects/selector-validation.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** An amount of storage must be more than nothing. */
export const positiveQuantity = (value: string | number, field: string): FieldError[] =>
  parseQuantity(value).nanos <= 0n ? [invalid(field, String(value), 'must be greater than zero')] : [];

/** An amount may be nothing, but not less. */
export const basicQuantity = (value: string, field: string): FieldError[] =>
  parseQuantity(value).nanos < 0n
    ? [invalid(field, Math.floor(milliValue(value) / 1000), 'must be a valid resource quantity')]
    : [];

export function validateAccessModes(modes: string[], field: string): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(field, mode, ACCESS_MODES));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (modes.includes('ReadWriteOncePod') && others)
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

function dataSource(source: TypedObjectReference, field: string): FieldError[] {
  const errors = [...requiredText(source.name, `${field}.name`), ...requiredText(source.kind, `${field}.kind`)];
  const group = source.apiGroup ?? '';
  if (!group && source.kind !== 'PersistentVolumeClaim')
    errors.push(
      invalid(field, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"),
    );
  if (group) errors.push(...checked(isDNS1123Subdomain(group), `${field}.apiGroup`, group));
  if (source.namespace) errors.push(...dns1123Label(source.namespace, `${field}.namespace`));
  return errors;
}

export function validateClaimSpec(spec: PersistentVolumeClaim['spec'], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes: string[] = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...validateLabelSelector(spec.selector, `${field}.selector`));
  errors.push(...validateAccessModes(modes, `${field}.accessModes`));
  const storage = spec.resources?.requests?.storage;
  const path = `${field}.resources[storage]`;
  if (!isSet(storage)) errors.push(required(path));
  else {
    const wrong = positiveQuantity(storage, path);
    errors.push(...(wrong.length > 0 ? wrong : validateQuantity('storage', storage, path)));
  }
  if (spec.storageClassName) errors.push(...dns1123Subdomain(spec.storageClassName, `${field}.storageClassName`));
  if (isSet(spec.volumeMode) && !VOLUME_MODES.includes(spec.volumeMode))
    errors.push(notSupported(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES));
  const { dataSource: source, dataSourceRef: ref } = spec;
  if (source) errors.push(...dataSource(source, `${field}.dataSource`));
  if (ref) errors.push(...dataSource(ref, `${field}.dataSourceRef`));
  if (ref?.namespace) {
    if (source) errors.push(invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (source && ref) {
    const same = source.kind === ref.kind && source.name === ref.name && source.apiGroup === ref.apiGroup;
    if (!same) errors.push(invalid(field, {}, 'must match dataSourceRef'));
  }
  if (spec.volumeAttributesClassName)
    errors.push(...dns1123Subdomain(spec.volumeAttributesClassName, `${field}.volumeAttributesClassName`));
  return errors;
}

/** An ephemeral volume's template: of metadata only labels and annotations. */
export function validateClaimTemplate(template: PersistentVolumeClaimTemplate, field: string): FieldError[] {
  const metadata = template.metadata ?? {};
  const errors = [
    ...validateAnnotations(metadata.annotations, `${field}.metadata.annotations`),
    ...validateLabels(metadata.labels, `${field}.metadata.labels`),
  ];
  for (const key of Object.keys(metadata))
    if (key !== 'annotations' && key !== 'labels' && isSet(own(metadata, key)))
      errors.push(forbidden(`${field}.metadata.${key}`, 'cannot be set'));
  errors.push(...validateClaimSpec(template.spec ?? {}, `${field}.spec`));
  return errors;
}
