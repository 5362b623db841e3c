/** StatefulSets. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import { validateAnnotations } from '../../catalog/metadata.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { dns1123Label, isSet, nonNegative, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { StatefulSet, StatefulSetUpdateStrategy } from '../../objects/generated/apps-v1.gen.ts';
import type { PersistentVolumeClaim, PodTemplateSpec } from '../../objects/generated/core-v1.gen.ts';
import { goSelector, goValue } from '../../objects/go-value.ts';
import { intOrPercentValue, notMoreThan100Percent, positiveIntOrPercent } from '../../objects/int-or-percent.ts';
import { nameless } from '../../objects/nameless.ts';
import { validateLabels } from '../../objects/selector-validation.ts';
import { validateClaimSpec } from '../core/persistent-volume-claim-validation.ts';
import { validatePodAnnotations } from '../core/pod/annotations.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { validatePodTemplate } from '../core/pod/validation.ts';
import { reviewTemplate, templateReads, templateWarnings } from './pod-template.ts';
import {
  alwaysRestarting,
  isUsable,
  selectorMismatch,
  validateCollisionCount,
  validateCounts,
  validateSelector,
} from './workload-validation.ts';

function defaultStatefulSet(object: StatefulSet): void {
  object.spec ??= {} as StatefulSet['spec'];
  const { spec } = object;
  defaultPodTemplate(spec);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.kind ||= 'PersistentVolumeClaim';
    claim.apiVersion ||= 'v1';
    claim.metadata ??= nameless({});
    claim.spec ??= {};
    claim.spec.volumeMode ??= 'Filesystem';
    claim.spec.resources ??= {};
    claim.status ??= {};
    claim.status.phase ||= 'Pending';
  }
  spec.podManagementPolicy ||= 'OrderedReady';
  spec.updateStrategy ??= {};
  if (!spec.updateStrategy.type) {
    spec.updateStrategy.type = 'RollingUpdate';
    spec.updateStrategy.rollingUpdate ??= {};
  }
  const rolling = spec.updateStrategy.rollingUpdate;
  if (spec.updateStrategy.type === 'RollingUpdate' && rolling) {
    rolling.partition ??= 0;
    rolling.maxUnavailable ??= 1;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}

function updateStrategy(strategy: StatefulSetUpdateStrategy, field: string): FieldError[] {
  const rolling = strategy.rollingUpdate;
  const path = `${field}.rollingUpdate`;
  switch (strategy.type) {
    case undefined:
    case '':
      return [required(field)];
    case 'OnDelete':
      return rolling
        ? [
            invalid(
              path,
              goValue('apps.RollingUpdateStatefulSetStrategy', rolling),
              "only allowed for updateStrategy 'RollingUpdate'",
            ),
          ]
        : [];
    case 'RollingUpdate': {
      if (!rolling) return [];
      const errors = [...nonNegative(rolling.partition, `${path}.partition`)];
      const most = rolling.maxUnavailable;
      if (!isSet(most)) return errors;
      errors.push(...positiveIntOrPercent(most, `${path}.maxUnavailable`));
      if (intOrPercentValue(most) === 0) errors.push(invalid(`${path}.maxUnavailable`, most, 'cannot be 0'));
      return [...errors, ...notMoreThan100Percent(most, `${path}.maxUnavailable`)];
    }
    default:
      return [
        invalid(field, goValue('apps.StatefulSetUpdateStrategy', strategy), "must be 'RollingUpdate' or 'OnDelete'"),
      ];
  }
}

/** The template as its pods will be: claims are volumes, host names are given. */
function completedTemplate(spec: StatefulSet['spec']): PodTemplateSpec {
  const claims = spec.volumeClaimTemplates ?? [];
  const { template } = spec;
  if (claims.length === 0 && !template.spec.subdomain && !template.spec.hostname) return template;
  const { subdomain: _subdomain, hostname: _hostname, ...podSpec } = template.spec;
  if (claims.length > 0) {
    const names = [...new Set(claims.map((c) => c.metadata?.name))];
    podSpec.volumes = [
      ...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
      ...(podSpec.volumes ?? []).filter((v) => !names.includes(v.name)),
    ];
  }
  return { ...template, spec: podSpec };
}

const RETENTION = ['Retain', 'Delete'];

/** What may not change is not looked at again. */
function validateStatefulSet({ spec }: StatefulSet, isNew: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.podManagementPolicy;
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...updateStrategy(spec.updateStrategy!, 'spec.updateStrategy'));
  for (const key of ['whenDeleted', 'whenScaled'] as const) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[key];
    if (isSet(value) && !RETENTION.includes(value))
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, value, RETENTION));
  }
  for (const [i, claim] of (isNew ? (spec.volumeClaimTemplates ?? []) : []).entries())
    errors.push(...validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`));
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  if (spec.ordinals) errors.push(...nonNegative(spec.ordinals.start, 'spec.ordinals.start'));
  if (isNew && spec.serviceName) errors.push(...dns1123Label(spec.serviceName, 'spec.serviceName'));
  errors.push(...validateSelector(spec.selector, 'spec.selector', 'empty selector is invalid for statefulset'));
  if (!isUsable(spec.selector)) errors.push(invalid('spec.selector', goSelector(spec.selector), ''));
  else {
    errors.push(...selectorMismatch(spec.selector, spec.template, 'spec.template'));
    const template = completedTemplate(spec);
    errors.push(...validatePodTemplate(template, 'spec.template'));
    // Once more, as the original does.
    errors.push(...validateLabels(template.metadata?.labels, 'spec.template.labels'));
    errors.push(...validateAnnotations(template.metadata?.annotations, 'spec.template.annotations'));
    errors.push(...validatePodAnnotations(template.metadata?.annotations, template.spec, 'spec.template.annotations'));
  }
  errors.push(...alwaysRestarting(spec.template, 'spec.template', 'StatefulSet'));
  return errors;
}

/** The real server knows what they are without being told. */
const withoutKind = (claims: PersistentVolumeClaim[] | undefined): object[] | undefined =>
  claims?.map(({ kind: _kind, apiVersion: _apiVersion, ...claim }) => claim);

const KEPT = ['selector', 'volumeClaimTemplates', 'serviceName', 'podManagementPolicy'] as const;

export const statefulsets: Strategy<StatefulSet> = {
  defaults: defaultStatefulSet,
  reads: templateReads,
  review: reviewTemplate,
  prepareForCreate(object) {
    object.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: (object) => validateStatefulSet(object, true),
  validateUpdate: (object, old) => [
    ...validateStatefulSet(object, false),
    ...KEPT.flatMap((key) =>
      unchanged(
        object.spec[key],
        old.spec[key],
        `spec.${key}`,
        key === 'volumeClaimTemplates'
          ? goValue('[#core.PersistentVolumeClaim', withoutKind(object.spec[key]))
          : key === 'selector'
            ? goSelector(object.spec[key])
            : (object.spec[key] ?? ''),
      ),
    ),
  ],
  validateStatusUpdate: (object, old) => [
    ...validateCounts(
      object.status,
      [
        'replicas',
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
        'observedGeneration',
        'collisionCount',
      ],
      ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      'cannot be greater than status.readyReplicas',
    ),
    ...validateCollisionCount(object.status, old.status),
  ],
  warnings: (object, old) => [
    ...templateWarnings(object, old),
    ...((object.spec.revisionHistoryLimit ?? 0) < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ],
  nameRule: 'dns1123Label',
};
