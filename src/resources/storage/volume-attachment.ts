/** VolumeAttachments. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { sameData } from '../../objects/equality.ts';
import { dns1123Subdomain, isSet } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, immutable, invalid, required, tooLong } from '../../objects/field-error.ts';
import type { VolumeAttachment, VolumeAttachmentStatus, VolumeError } from '../../objects/generated/storage-v1.gen.ts';
import { byteLength, isDNS1123Subdomain, isDNS1123SubdomainCaseless, rangeError } from '../../objects/names.ts';
import { validateVolumeSpec } from '../core/persistent-volume.ts';
import { bytesOf, PARAMETERS_MAX_BYTES } from './parameters.ts';

export const ERROR_MESSAGE_MAX_BYTES = 1024;

export const DRIVER_NAME_MAX = 63;

function validateVolumeError(error: VolumeError | undefined, field: string): FieldError[] {
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

function validateVolumeAttachment(o: VolumeAttachment, old?: VolumeAttachment): FieldError[] {
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
  const status: Partial<VolumeAttachmentStatus> = o.status ?? {};
  if (bytesOf(status.attachmentMetadata ?? {}) > PARAMETERS_MAX_BYTES)
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

export const volumeAttachment: Strategy<VolumeAttachment> = {
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
