/** What of a pod may change. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodUpdate, ValidatePodStatusUpdate. */

import { sameData } from '../../../objects/equality.ts';
import { isSet } from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, required, WHOLE_OBJECT } from '../../../objects/field-error.ts';
import type {
  Container,
  EphemeralContainer,
  NodeSelectorTerm,
  Pod,
  PodSpec,
  Toleration,
} from '../../../objects/generated/core-v1.gen.ts';
import { goEqual, goMap, goValue, prettyGoValue } from '../../../objects/go-value.ts';
import { rangeError } from '../../../objects/names.ts';
import { unifiedDiff } from '../../../objects/unified-diff.ts';
import { annotationChanges, MIRROR } from './annotation-changes.ts';
import { validateTolerations } from './scheduling.ts';
import { validatePodSpecAndAnnotations } from './validation.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');
export const INT32_MAX = 2147483647;
function containerChanges(
  now: Container[],
  before: Container[],
  field: string,
): { errors: FieldError[]; stop: boolean } {
  if (now.length !== before.length)
    return { errors: [forbidden(field, 'pod updates may not add or remove containers')], stop: true };
  const errors: FieldError[] = [];
  for (const [i, { image = '' }] of now.entries()) {
    if (!image) errors.push(required(`${field}[${i}].image`));
    if (image.trim() !== image)
      errors.push(invalid(`${field}[${i}].image`, image, 'must not have leading or trailing whitespace'));
  }
  return { errors, stop: false };
}

/** All but its seconds, which may change. */
const tolerationKey = ({ key = '', operator = '', value = '', effect = '' }: Toleration): string =>
  JSON.stringify([key, operator, value, effect]);

function addedTolerations(now: Toleration[] = [], before: Toleration[] = []): FieldError[] {
  const field = 'spec.tolerations';
  const kept = new Set(now.map(tolerationKey));
  for (const old of before)
    if (!kept.has(tolerationKey(old)))
      return [forbidden(field, 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations(now, field);
}

/** While a pod is held by a scheduling gate its node selection may be narrowed. */
function gatedChanges(munged: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!sameData(munged.nodeSelector, old.nodeSelector)) {
    const kept = Object.entries(old.nodeSelector ?? {}).every(([k, v]) => munged.nodeSelector?.[k] === v);
    if (!kept)
      errors.push(
        invalid(
          'spec.nodeSelector',
          goMap(munged.nodeSelector),
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      );
    munged.nodeSelector = old.nodeSelector;
  }
  const before = old.affinity?.nodeAffinity;
  if (sameData(munged.affinity?.nodeAffinity, before)) return errors;
  const key = 'requiredDuringSchedulingIgnoredDuringExecution';
  const field = `spec.affinity.nodeAffinity.${key}.nodeSelectorTerms`;
  const oldTerms = before?.[key]?.nodeSelectorTerms ?? [];
  const newTerms = munged.affinity?.nodeAffinity?.[key]?.nodeSelectorTerms ?? [];
  if (oldTerms.length > 0 && oldTerms.length !== newTerms.length)
    errors.push(
      invalid(
        field,
        goValue('[#core.NodeSelectorTerm', newTerms),
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    );
  else
    for (const [i, term] of oldTerms.entries())
      if (!extendsTerm(newTerms[i], term))
        errors.push(
          invalid(
            `${field}[${i}]`,
            goValue('core.NodeSelectorTerm', newTerms[i]),
            'only additions are allowed (no mutations or deletions)',
          ),
        );
  if (old.affinity) munged.affinity = { ...munged.affinity, nodeAffinity: before };
  else if (!munged.affinity?.podAffinity && !munged.affinity?.podAntiAffinity) munged.affinity = undefined;
  else munged.affinity = { ...munged.affinity, nodeAffinity: undefined };
  return errors;
}

function extendsTerm(term: NodeSelectorTerm | undefined, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const size = (t: NodeSelectorTerm | undefined): number =>
    lists.reduce((sum, key) => sum + (t?.[key]?.length ?? 0), 0);
  if (size(old) === 0) return size(term) === 0;
  return lists.every((key) => sameData((term?.[key] ?? []).slice(0, old[key]?.length ?? 0), old[key] ?? []));
}

const withImages = (now: Container[] | undefined, before: Container[] | undefined): Container[] | undefined =>
  now?.map((container, i) => ({ ...container, image: before?.[i]?.image }));

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = [...validatePodSpecAndAnnotations(pod), ...annotationChanges(pod, old)];
  const { spec } = pod;
  const before = old.spec;
  for (const key of ['containers', 'initContainers'] as const) {
    const changes = containerChanges(spec[key] ?? [], before[key] ?? [], `spec.${key}`);
    errors.push(...changes.errors);
    if (changes.stop) return errors;
  }
  const deadline = spec.activeDeadlineSeconds;
  const field = 'spec.activeDeadlineSeconds';
  if (isSet(deadline)) {
    if (deadline < 0 || deadline > INT32_MAX) return [...errors, invalid(field, deadline, rangeError(0, INT32_MAX))];
    if (isSet(before.activeDeadlineSeconds) && before.activeDeadlineSeconds < deadline)
      return [...errors, invalid(field, deadline, 'must be less than or equal to previous value')];
  } else if (isSet(before.activeDeadlineSeconds))
    errors.push(invalid(field, null, 'must not update from a positive integer to nil value'));
  errors.push(...addedTolerations(spec.tolerations, before.tolerations));
  const oldGates = new Set((before.schedulingGates ?? []).map((g) => g.name));
  for (const [i, gate] of (spec.schedulingGates ?? []).entries())
    if (!oldGates.has(gate.name))
      errors.push(
        forbidden(
          `spec.schedulingGates[${i}].name`,
          `only deletion is allowed, but found new scheduling gate '${gate.name}'`,
        ),
      );
  if (goEqual('core.PodSpec', spec, before)) return errors;
  const munged = {
    ...spec,
    containers: withImages(spec.containers, before.containers),
    initContainers: withImages(spec.initContainers, before.initContainers),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    schedulingGates: before.schedulingGates,
    tolerations: before.tolerations,
  };
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && munged.terminationGracePeriodSeconds === 1)
    munged.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  if (oldGates.size > 0) errors.push(...gatedChanges(munged as PodSpec, before));
  if (!goEqual('core.PodSpec', munged, before)) {
    const diff = unifiedDiff(prettyGoValue('core.PodSpec', before), prettyGoValue('core.PodSpec', munged));
    errors.push(forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${diff}`));
  }
  return errors;
}

export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined)
    return [forbidden(WHOLE_OBJECT, 'static pods do not support ephemeral containers')];
  const errors = [...validatePodSpecAndAnnotations(pod), ...annotationChanges(pod, old)];
  const field = 'spec.ephemeralContainers';
  const now = pod.spec.ephemeralContainers ?? [];
  for (const container of old.spec.ephemeralContainers ?? []) {
    const name = JSON.stringify(container.name);
    const kept = now.find((c) => c.name === container.name);
    if (!kept) errors.push(forbidden(field, `existing ephemeral containers ${name} may not be removed\n`));
    else if (!goEqual('core.EphemeralContainer', container, kept)) {
      const print = (c: EphemeralContainer): string => prettyGoValue('core.EphemeralContainer', c);
      errors.push(
        forbidden(
          field,
          `existing ephemeral containers ${name} may not be changed\n${unifiedDiff(print(container), print(kept))}`,
        ),
      );
    }
  }
  return errors;
}
