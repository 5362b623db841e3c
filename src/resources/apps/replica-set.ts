/** ReplicaSets. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import type { Strategy } from '../../catalog/strategy.ts';
import { nonNegative } from '../../objects/field-checks.ts';
import type { FieldError } from '../../objects/field-error.ts';
import type { ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { warningsForHostname } from '../core/pod/warnings.ts';
import {
  EMPTY_SELECTOR,
  keptSelector,
  NAME_USE,
  reviewTemplate,
  templateReads,
  templateWarnings,
  validateTemplate,
} from './pod-template.ts';
import { validateCounts, validateSelector } from './workload-validation.ts';

function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateSelector(spec.selector, 'spec.selector', EMPTY_SELECTOR),
    ...validateTemplate(spec),
  ];
}

export const replicasets: Strategy<ReplicaSet> = {
  defaults(object) {
    object.spec ??= {} as ReplicaSet['spec'];
    defaultPodTemplate(object.spec);
    object.spec.replicas ??= 1;
  },
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { replicas: 0 };
  },
  validate: validateReplicaSet,
  validateUpdate: (object, old) => [...validateReplicaSet(object), ...keptSelector(object, old)],
  validateStatusUpdate: (object) =>
    validateCounts(
      object.status,
      [
        'replicas',
        'fullyLabeledReplicas',
        'readyReplicas',
        'availableReplicas',
        'observedGeneration',
        'terminatingReplicas',
      ],
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ),
  warnings: (object, old) => [
    ...(old ? [] : warningsForHostname(object.metadata.name, NAME_USE)),
    ...templateWarnings(object, old),
  ],
};
