/** ReplicationControllers. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { inBytes } from '../../objects/declarative.ts';
import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { ReplicationController } from '../../objects/generated/core-v1.gen.ts';
import { goMap } from '../../objects/go-value.ts';
import { isDNS1123Subdomain } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { matchesLabelMap } from '../../objects/selectors.ts';
import { reviewTemplate, templateReads, templateWarnings } from '../apps/pod-template.ts';
import { validateCounts } from '../apps/workload-validation.ts';
import { defaultPodTemplate } from './pod/defaults.ts';
import { validatePodTemplate } from './pod/validation.ts';
import { warningsForHostname } from './pod/warnings.ts';

const size = (map: unknown): number => Object.keys(map ?? {}).length;

function defaultController(object: ReplicationController): void {
  object.spec ??= {} as ReplicationController['spec'];
  const { spec } = object;
  if (spec.template) defaultPodTemplate(spec);
  spec.replicas ??= 1;
  const labels = spec.template?.metadata?.labels;
  if (!labels) return;
  if (size(spec.selector) === 0) spec.selector = { ...labels };
  object.metadata ??= {} as KubeObject['metadata'];
  if (size(object.metadata.labels) === 0) object.metadata.labels = { ...labels };
}

function validateController({ metadata, spec }: ReplicationController, old?: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  if (size(spec.selector) === 0) errors.push(required('spec.selector'));
  errors.push(...(spec.template ? templateErrors(spec) : [required('spec.template')]));
  // What the API's types say themselves comes last.
  if (metadata.name && !old)
    for (const words of isDNS1123Subdomain(metadata.name))
      errors.push(invalid('metadata.name', metadata.name, inBytes(words)));
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  return errors;
}

function templateErrors(spec: ReplicationController['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const { template } = spec;
  const labels = template?.metadata?.labels;
  if (size(spec.selector) > 0 && !matchesLabelMap(spec.selector, labels))
    errors.push(invalid('spec.template.metadata.labels', goMap(labels), '`selector` does not match template `labels`'));
  errors.push(...validatePodTemplate(template!, 'spec.template'));
  const policy = template?.spec.restartPolicy;
  if (policy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', policy ?? '', ['Always']));
  if (isSet(template?.spec.activeDeadlineSeconds))
    errors.push(
      forbidden(
        'spec.template.spec.activeDeadlineSeconds',
        'activeDeadlineSeconds in ReplicationController is not Supported',
      ),
    );
  return errors;
}

export const replicationcontrollers: Strategy<ReplicationController> = {
  defaults: defaultController,
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  nameRule: () => [],
  validate: (object) => validateController(object),
  validateUpdate: validateController,
  validateStatusUpdate: (object) =>
    validateCounts(
      object.status,
      ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ),
  warnings: (object, old) => [
    ...(old ? [] : warningsForHostname(object.metadata.name, 'this is used in Pod names and hostnames')),
    ...templateWarnings(object, old),
  ],
  defaultPropagation: 'Orphan',
  selectableFields: ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
};
