/** StatefulSets, DaemonSets and their ControllerRevisions. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */
import { admitTemplate, templateReads, templateWarnings } from './deployment.ts';
import { dns1123Label, isSet, nonNegative, unchanged } from './field-checks.ts';
import { type FieldError, invalid, notSupported, required } from './field-error.ts';
import { goValue, sameData } from './go-value.ts';
import { intOrPercentValue, notMoreThan100Percent, positiveIntOrPercent } from './int-or-percent.ts';
import { validateAnnotations } from './metadata.ts';
import type { KubeObject } from './object.ts';
import { validateClaimSpec } from './persistent-volume-claim-validation.ts';
import { defaultPodTemplate } from './pod-defaults.ts';
import { validatePodAnnotations, validatePodTemplate } from './pod-validation.ts';
import type { Strategy } from './strategy.ts';
import {
  alwaysRestarting,
  isEmptySelector,
  isUsable,
  selectorMismatch,
  validateCollisionCount,
  validateCounts,
  validateSelector,
} from './workload-validation.ts';
import { validateLabelSelector, validateLabels } from './selector-validation.ts';

function defaultStatefulSet(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  defaultPodTemplate(spec);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.kind ||= 'PersistentVolumeClaim';
    claim.apiVersion ||= 'v1';
    claim.metadata ??= {};
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

function updateStrategy(strategy: any, field: string): FieldError[] {
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
        invalid(
          field,
          goValue('apps.StatefulSetUpdateStrategy', strategy),
          "must be 'RollingUpdate' or 'OnDelete'",
        ),
      ];
  }
}

/** The template as its pods will be: claims are volumes, host names are given. */
function completedTemplate(spec: any): any {
  const claims: any[] = spec.volumeClaimTemplates ?? [];
  const { template } = spec;
  if (claims.length === 0 && !template.spec.subdomain && !template.spec.hostname) return template;
  const { subdomain: _subdomain, hostname: _hostname, ...podSpec } = template.spec;
  if (claims.length > 0) {
    const names = claims.map((c) => c.metadata?.name);
    podSpec.volumes = [
      ...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
      ...(podSpec.volumes ?? []).filter((v: any) => !names.includes(v.name)),
    ];
  }
  return { ...template, spec: podSpec };
}

const RETENTION = ['Retain', 'Delete'];

function validateStatefulSet({ spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const policy = spec.podManagementPolicy;
  if (!policy) errors.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...updateStrategy(spec.updateStrategy, 'spec.updateStrategy'));
  for (const key of ['whenDeleted', 'whenScaled']) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[key];
    if (isSet(value) && !RETENTION.includes(value))
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, value, RETENTION));
  }
  for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries())
    errors.push(...validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`));
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  if (spec.ordinals) errors.push(...nonNegative(spec.ordinals.start, 'spec.ordinals.start'));
  if (spec.serviceName) errors.push(...dns1123Label(spec.serviceName, 'spec.serviceName'));
  errors.push(...validateSelector(spec.selector, 'spec.selector', 'empty selector is invalid for statefulset'));
  if (!isUsable(spec.selector)) errors.push(invalid('spec.selector', spec.selector, ''));
  else {
    errors.push(...selectorMismatch(spec.selector, spec.template, 'spec.template'));
    const template = completedTemplate(spec);
    errors.push(...validatePodTemplate(template, 'spec.template'));
    // Once more, as the original does.
    errors.push(...validateLabels(template.metadata?.labels, 'spec.template.labels'));
    errors.push(...validateAnnotations(template.metadata?.annotations, 'spec.template.annotations'));
    errors.push(
      ...validatePodAnnotations(template.metadata?.annotations, template.spec, 'spec.template.annotations'),
    );
  }
  errors.push(...alwaysRestarting(spec.template, 'spec.template', 'StatefulSet'));
  return errors;
}

const KEPT = ['selector', 'volumeClaimTemplates', 'serviceName', 'podManagementPolicy'] as const;

const statefulsets: Strategy = {
  defaults: defaultStatefulSet,
  reads: templateReads,
  admit: admitTemplate('statefulsets.apps'),
  prepareForCreate(object) {
    object.status = { replicas: 0, availableReplicas: 0 };
  },
  validate: validateStatefulSet,
  validateUpdate: (object, old) => [
    ...validateStatefulSet(object),
    ...KEPT.flatMap((key) =>
      unchanged(
        object.spec[key],
        old.spec[key],
        `spec.${key}`,
        key === 'volumeClaimTemplates'
          ? goValue('[#core.PersistentVolumeClaim', object.spec[key])
          : (object.spec[key] ?? (key === 'serviceName' ? '' : null)),
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

function defaultDaemonSet(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  // What older versions had as a field is an annotation now, which no object is without.
  object.metadata.annotations ??= {};
  object.metadata.annotations[TEMPLATE_GENERATION] ??= '0';
  defaultPodTemplate(spec);
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function daemonUpdateStrategy(strategy: any, field: string): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate')
    return [
      notSupported(field, goValue('apps.DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete']),
    ];
  const path = `${field}.rollingUpdate`;
  if (!strategy.rollingUpdate) return [required(path)];
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const errors = [
    ...positiveIntOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...positiveIntOrPercent(maxSurge, `${path}.maxSurge`),
    ...notMoreThan100Percent(maxUnavailable, `${path}.maxUnavailable`),
    ...notMoreThan100Percent(maxSurge, `${path}.maxSurge`),
  ];
  const unavailable = intOrPercentValue(maxUnavailable) !== 0;
  const surge = intOrPercentValue(maxSurge) !== 0;
  if (unavailable && surge)
    errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!unavailable && !surge) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

function validateDaemonSet({ spec }: KubeObject): FieldError[] {
  const errors = validateLabelSelector(spec.selector, 'spec.selector').slice();
  if (isUsable(spec.selector)) errors.push(...selectorMismatch(spec.selector, spec.template, 'spec.template', false));
  if (spec.selector && isEmptySelector(spec.selector))
    errors.push(invalid('spec.selector', spec.selector, 'empty selector is invalid for daemonset'));
  errors.push(...validatePodTemplate(spec.template, 'spec.template'));
  errors.push(...alwaysRestarting(spec.template, 'spec.template', 'DaemonSet'));
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
  errors.push(...daemonUpdateStrategy(spec.updateStrategy, 'spec.updateStrategy'));
  errors.push(...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
  return errors;
}

const DAEMON_COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

/** The old way to tell templates apart, kept for old clients. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const setTemplateGeneration = (object: KubeObject, value: number): void => {
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(value) };
};

const daemonsets: Strategy = {
  defaults: defaultDaemonSet,
  reads: templateReads,
  admit: admitTemplate('daemonsets.apps'),
  prepareForCreate(object) {
    object.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    setTemplateGeneration(object, 1);
  },
  prepareForUpdate(object, old, context) {
    if (context.subresource) return;
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
    setTemplateGeneration(object, sameData(object.spec.template, old.spec.template) ? before : before + 1);
  },
  validate: validateDaemonSet,
  validateUpdate: (object, old) => [
    ...unchanged(object.spec.selector, old.spec.selector, 'spec.selector', object.spec.selector ?? null),
    ...validateDaemonSet(object),
  ],
  validateStatusUpdate: (object, old) => [
    ...validateCounts(object.status, DAEMON_COUNTS, []),
    ...validateCollisionCount(object.status, old.status),
  ],
  warnings: templateWarnings,
};

const controllerrevisions: Strategy = {
  validate(object) {
    const errors = [...nonNegative(object.revision, 'revision')];
    const { data } = object;
    if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
    else if (typeof data !== 'object' || Array.isArray(data))
      errors.push(required('data', 'data must be a valid JSON object'));
    return errors;
  },
  validateUpdate: (object, old) => [
    ...nonNegative(object.revision, 'revision'),
    ...unchanged(object.data, old.data, 'data'),
  ],
  hasGeneration: false,
};

export const STATEFUL_STRATEGIES: Record<string, Strategy> = {
  'statefulsets.apps': statefulsets,
  'daemonsets.apps': daemonsets,
  'controllerrevisions.apps': controllerrevisions,
};

