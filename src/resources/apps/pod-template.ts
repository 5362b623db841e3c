/** What everything that makes pods of a template at `spec.template` has in common. Source: k8s.io/kubernetes/pkg/apis/apps/validation. */

import { warnPodSecurity } from '../../admission/pod-security.ts';
import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../objects/generated/apps-v1.gen.ts';
import type { PodSpec, PodTemplateSpec } from '../../objects/generated/core-v1.gen.ts';
import { goSelector } from '../../objects/go-value.ts';
import type { ObjectMeta } from '../../objects/object.ts';
import { warningsForPodSpec } from '../core/pod/warnings.ts';
import { isUsable, validateReplicaTemplate } from './workload-validation.ts';

type Workload = DaemonSet | Deployment | ReplicaSet | StatefulSet;

/** Its template fits its selector. */
export const validateTemplate = (spec: Workload['spec']): FieldError[] =>
  isUsable(spec.selector)
    ? validateReplicaTemplate(spec.selector, spec.template!, 'spec.template')
    : [invalid('spec.selector', goSelector(spec.selector), 'invalid label selector')];

export const EMPTY_SELECTOR = 'empty selector is invalid for deployment';

export const keptSelector = (object: Workload, old: Workload): FieldError[] =>
  unchanged(object.spec.selector, old.spec.selector, 'spec.selector', goSelector(object.spec.selector));

/** The admission that is the same for everything with a pod template at `spec.template`. */
type Templated = { metadata: ObjectMeta; spec: { template?: PodTemplateSpec | undefined } };

export function reviewTemplate(object: Templated, _old: Templated | undefined, context: StageContext): void {
  if (!context.subresource) warnPodSecurity(object.spec.template!, context);
}

export const templateReads: NonNullable<Strategy['reads']> = (_object, operation, namespace = '') =>
  operation === 'delete' ? [] : [{ resource: 'namespaces', name: namespace }];

/** An update that leaves the spec as it is has been warned about before. */
export const templateWarnings = (object: Templated, old: Templated | undefined): string[] =>
  old && object.metadata.generation === old.metadata.generation
    ? []
    : warningsForPodSpec(
        object.spec.template?.spec ?? ({ containers: [] } as PodSpec),
        object.spec.template?.metadata,
        'spec.template',
      );

/** Why its name should be a label. */
export const NAME_USE = 'this is used in Pod names and hostnames';
