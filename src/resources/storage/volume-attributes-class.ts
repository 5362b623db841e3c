/** VolumeAttributesClasses. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { qualifiedName } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, required } from '../../objects/field-error.ts';
import type { VolumeAttributesClass } from '../../objects/generated/storage-v1.gen.ts';
import { validateParameters } from './parameters.ts';

function validateVolumeAttributesClass(o: VolumeAttributesClass): FieldError[] {
  const driver: string = o.driverName ?? '';
  return [
    ...(driver === '' ? [required('driverName')] : qualifiedName(driver.toLowerCase(), 'driverName')),
    ...validateParameters(o.parameters ?? {}, false),
  ];
}

const VOLUME_ATTRIBUTES_FINALIZER = 'kubernetes.io/vac-protection';

export const volumeAttributesClass: Strategy<VolumeAttributesClass> = {
  // The admission plugin that protects classes in use.
  admit: (o, old) => {
    if (old || o.metadata.finalizers?.includes(VOLUME_ATTRIBUTES_FINALIZER)) return;
    o.metadata.finalizers = [...(o.metadata.finalizers ?? []), VOLUME_ATTRIBUTES_FINALIZER];
  },
  validate: validateVolumeAttributesClass,
  validateUpdate: (o, old) => {
    const errors: FieldError[] = [];
    for (const field of ['driverName', 'parameters'] as const)
      if (!sameData(o[field], old[field])) errors.push(forbidden(field, `updates to ${field} are forbidden.`));
    return [...errors, ...validateVolumeAttributesClass(o)];
  },
};
