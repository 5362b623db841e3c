/** Jobs. Source: k8s.io/kubernetes/pkg/apis/batch/validation and pkg/registry/batch/job. */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateDomainPrefixedPath } from '../../objects/domain-names.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet, nonNegative, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required, tooLong } from '../../objects/field-error.ts';
import type { Job } from '../../objects/generated/batch-v1.gen.ts';
import { goMap, goSelector, goValue } from '../../objects/go-value.ts';
import { byteLength, isDNS1123Label } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';
import { reviewTemplate, templateReads } from '../apps/pod-template.ts';
import { defaultPodTemplate } from '../core/pod/defaults.ts';
import { validatePodTemplate } from '../core/pod/validation.ts';
import { warningsForHostname, warningsForPodSpec } from '../core/pod/warnings.ts';
import { failurePolicy, successPolicy } from './job-policies.ts';
import { validateJobStatusUpdate } from './job-status.ts';

export const INT32_MAX = 2147483647;

const UID_LABEL = 'batch.kubernetes.io/controller-uid';

const NAME_LABEL = 'batch.kubernetes.io/job-name';

/** A job that has no others shows its template's by a default of reading. */
const GENERATED_LABELS = new Set([UID_LABEL, NAME_LABEL, 'controller-uid', 'job-name']);

export const INDEXED_MAX = 100_000;

export const HIGH_MAX = 10_000;

/** Of a job's spec, in a Job or a CronJob's template. */
export function defaultJobTemplate(spec: Job['spec']): void {
  defaultPodTemplate(spec);
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
}

function defaults(object: Job): void {
  object.spec ??= {} as Job['spec'];
  const { spec } = object;
  defaultJobTemplate(spec);
  if (!isSet(spec.completions) && !isSet(spec.parallelism)) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= isSet(spec.backoffLimitPerIndex) ? INT32_MAX : 6;
  const labels = spec.template.metadata?.labels;
  if (labels && !Object.keys(object.metadata?.labels ?? {}).length) {
    object.metadata ??= {} as KubeObject['metadata'];
    object.metadata.labels = { ...labels };
  }
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

function generateSelector(object: Job): void {
  const { spec, metadata } = object;
  if (spec.manualSelector) return;
  const labels = { ...spec.template.metadata?.labels };
  labels['job-name'] ??= metadata.name;
  labels[NAME_LABEL] ??= metadata.name;
  labels['controller-uid'] ??= metadata.uid!;
  labels[UID_LABEL] ??= metadata.uid!;
  spec.template.metadata!.labels = labels;
  spec.selector ??= {};
  spec.selector.matchLabels = { ...spec.selector.matchLabels };
  spec.selector.matchLabels[UID_LABEL] ??= metadata.uid!;
}

/** A job without labels is shown with its template's. */
function labelLikeTemplate(object: Job): void {
  if (!Object.keys(object.metadata.labels ?? {}).length)
    object.metadata.labels = { ...object.spec.template.metadata?.labels };
}

function indexedRules(spec: Job['spec'], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { completions, parallelism = 0, maxFailedIndexes: most, backoffLimitPerIndex } = spec;
  const over = (key: string, value: number, words: string): void =>
    void errors.push(invalid(`${field}.${key}`, value, `must be less than or equal to ${words}`));
  if (!isSet(completions)) errors.push(required(`${field}.completions`, 'when completion mode is Indexed'));
  if (parallelism > INDEXED_MAX) over('parallelism', parallelism, `${INDEXED_MAX} when completion mode is Indexed`);
  if (isSet(completions) && isSet(most) && most > completions) over('maxFailedIndexes', most, 'completions');
  if (isSet(most) && most > INDEXED_MAX) over('maxFailedIndexes', most, String(INDEXED_MAX));
  if (!((completions ?? 0) > INDEXED_MAX) || !isSet(backoffLimitPerIndex)) return errors;
  const words = `${HIGH_MAX} when completions are above ${INDEXED_MAX} and used with backoff limit per index`;
  if (!isSet(most))
    errors.push(required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${INDEXED_MAX}`));
  if (parallelism > HIGH_MAX) over('parallelism', parallelism, words);
  if (isSet(most) && most > HIGH_MAX) over('maxFailedIndexes', most, words);
  return errors;
}

/** All but the selector, which a CronJob's template has none of. */
export function validateJobTemplate(spec: Job['spec'], field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const)
    errors.push(...nonNegative(spec[key], `${field}.${key}`));
  if (isSet(spec.maxFailedIndexes) && !isSet(spec.backoffLimitPerIndex))
    errors.push(required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (isSet(spec.managedBy)) {
    errors.push(...validateDomainPrefixedPath(`${field}.managedBy`, spec.managedBy));
    if (byteLength(spec.managedBy) > 63) errors.push(tooLong(`${field}.managedBy`, 63));
  }
  const mode = spec.completionMode;
  if (isSet(mode) && mode !== 'NonIndexed' && mode !== 'Indexed')
    errors.push(notSupported(`${field}.completionMode`, mode, ['NonIndexed', 'Indexed']));
  if (mode === 'Indexed') errors.push(...indexedRules(spec, field));
  if (!isSet(mode) || mode === 'NonIndexed')
    for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (isSet(spec[key])) errors.push(invalid(`${field}.${key}`, spec[key], 'requires indexed completion mode'));
  if (spec.podFailurePolicy) errors.push(...failurePolicy(spec, `${field}.podFailurePolicy`));
  if (spec.successPolicy) {
    const path = `${field}.successPolicy`;
    if (mode === 'Indexed') errors.push(...successPolicy(spec, path));
    else
      errors.push(
        invalid(path, goValue('batch.SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'),
      );
  }
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (isSet(spec.podReplacementPolicy) && !replacements.includes(spec.podReplacementPolicy))
    errors.push(notSupported(`${field}.podReplacementPolicy`, spec.podReplacementPolicy, replacements));
  errors.push(...validatePodTemplate(spec.template, `${field}.template`));
  const restart = spec.template.spec?.restartPolicy;
  const path = `${field}.template.spec.restartPolicy`;
  if (!restart || restart === 'Always') errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  else if (restart !== 'OnFailure' && restart !== 'Never')
    errors.push(notSupported(path, restart, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy && restart !== 'Never')
    errors.push(invalid(path, restart, 'only "Never" is supported when podFailurePolicy is specified'));
  return errors;
}

function validateSpec(spec: Job['spec']): FieldError[] {
  const errors = validateJobTemplate(spec, 'spec');
  if (!spec.selector) errors.push(required('spec.selector'));
  else errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  const labels = spec.template.metadata?.labels;
  const usable = validateLabelSelector(spec.selector, '').length === 0;
  if (usable && !matchesLabelSelector(spec.selector, labels))
    errors.push(invalid('spec.template.metadata.labels', goMap(labels), '`selector` does not match template `labels`'));
  return errors;
}

function generatedSelector({ spec, metadata }: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return [];
  const labels = spec.template.metadata?.labels ?? {};
  const errors: FieldError[] = [];
  const expected: Record<string, string> = {};
  for (const [key, value = ''] of [
    ['controller-uid', metadata.uid],
    ['job-name', metadata.name],
    [UID_LABEL, metadata.uid],
    [NAME_LABEL, metadata.name],
  ] as const) {
    expected[key] = value;
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) errors.push(required(field, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid(field, goMap(labels), `must be '${value}'`));
  }
  if (validateLabelSelector(spec.selector, '').length === 0 && !matchesLabelSelector(spec.selector, expected))
    errors.push(invalid('spec.selector', goSelector(spec.selector), '`selector` not auto-generated'));
  return errors;
}

function nameAllows({ spec, metadata }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || !(spec.completions && spec.completions > 0)) return [];
  const longest = `${metadata.name}-${spec.completions - 1}`;
  return isDNS1123Label(longest).length === 0
    ? []
    : [invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${longest}`)];
}

function templateChange(object: Job, old: Job): FieldError[] {
  const { template } = object.spec;
  const before = structuredClone(old.spec.template);
  const started = Boolean(old.status?.startTime);
  const suspendedNow = old.status?.conditions?.some((c) => c.type === 'Suspended' && c.status === 'True');
  const free = old.spec.suspend && (!started || suspendedNow) && !old.status?.active;
  if (!free) return unchanged(template, before, 'spec.template', goValue('core.PodTemplateSpec', template));
  const spec = template.spec;
  if (before.spec.affinity || spec.affinity)
    before.spec.affinity = { ...before.spec.affinity, nodeAffinity: spec.affinity?.nodeAffinity };
  before.spec.nodeSelector = spec.nodeSelector;
  before.spec.tolerations = spec.tolerations;
  before.spec.schedulingGates = spec.schedulingGates;
  for (const key of ['containers', 'initContainers'] as const)
    if (before.spec[key]?.length === spec[key]?.length)
      for (const [i, container] of (before.spec[key] ?? []).entries())
        if (container.name === spec[key]![i]!.name) container.resources = spec[key]![i]!.resources;
  return unchanged(spec, before.spec, 'spec.template.spec', goValue('core.PodSpec', spec));
}

function validateUpdate(object: Job, old: Job): FieldError[] {
  const { spec } = object;
  const before = old.spec;
  const errors = validateSpec(spec);
  if (spec.completionMode !== 'Indexed')
    errors.push(...unchanged(spec.completions, before.completions, 'spec.completions', spec.completions ?? null));
  else if (!sameData(spec.completions, before.completions) && spec.completions !== spec.parallelism)
    errors.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'));
  errors.push(...unchanged(spec.selector, before.selector, 'spec.selector', goSelector(spec.selector)));
  errors.push(...templateChange(object, old));
  for (const [key, type] of [
    ['completionMode'],
    ['podFailurePolicy', '*#batch.PodFailurePolicy'],
    ['backoffLimitPerIndex'],
    ['managedBy'],
    ['successPolicy', '*#batch.SuccessPolicy'],
  ] as const) {
    const printed = type ? goValue(type, spec[key]) : (spec[key] ?? null);
    errors.push(...unchanged(spec[key], before[key], `spec.${key}`, printed));
  }
  return [...errors, ...nameAllows(object)];
}

function warnings(object: Job, old: Job | undefined): string[] {
  if (old && old.metadata.generation === object.metadata.generation) return [];
  const { template } = object.spec;
  return [
    ...(old ? [] : warningsForHostname(object.metadata.name, 'this is used in Pod names and hostnames')),
    ...warningsForPodSpec(template.spec, template.metadata, 'spec.template'),
  ];
}

export const jobs: Strategy<Job> = {
  defaults,
  reads: templateReads,
  review(object, old, context) {
    if (!old) labelLikeTemplate(object);
    reviewTemplate(object, old, context);
  },
  prepareForCreate: generateSelector,
  validate: (object) => [...generatedSelector(object), ...validateSpec(object.spec), ...nameAllows(object)],
  validateUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings,
  defaultPropagation: 'Orphan',
  completedByReading: ({ metadata }) => Object.keys(metadata.labels ?? {}).every((name) => GENERATED_LABELS.has(name)),
  selectableFields: ({ status = {} }) => ({ 'status.successful': String(status.succeeded ?? 0) }),
};
