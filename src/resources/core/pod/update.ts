/** What of a pod may change. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodUpdate, ValidatePodStatusUpdate. */
import { checked, isSet, qualifiedName, unchanged } from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, required, WHOLE_OBJECT } from '../../../objects/field-error.ts';
import { goEqual, goMap, goValue, prettyGoValue, sameData } from '../../../objects/go-value.ts';
import { validateIPForLegacyField } from '../../../objects/ip.ts';
import { isDNS1123Subdomain, rangeError } from '../../../objects/names.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { qosClassOf } from '../../../objects/quality-of-service.ts';
import { unifiedDiff } from '../../../objects/unified-diff.ts';
import { validatePodAnnotations } from './annotations.ts';
import { validateTolerations } from './scheduling.ts';
import { validatePodSpecAndAnnotations } from './validation.ts';

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');
const INT32_MAX = 2147483647;
const MIRROR = 'kubernetes.io/config.mirror';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function annotationChanges(pod: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const now = pod.metadata.annotations ?? {};
  const before = old.metadata.annotations ?? {};
  for (const key of Object.keys(before)) {
    if (now[key] === before[key]) continue;
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) errors.push(forbidden(path, 'may not remove or update AppArmor annotations'));
    if (key === MIRROR) errors.push(forbidden(path, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(now)) {
    if (key in before) continue;
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) errors.push(forbidden(path, 'may not add AppArmor annotations'));
    if (key === MIRROR) errors.push(forbidden(path, 'may not add mirror pod annotation'));
  }
  errors.push(...validatePodAnnotations(pod.metadata.annotations, pod.spec, 'metadata.annotations'));
  return errors;
}

function containerChanges(now: any[], before: any[], field: string): { errors: FieldError[]; stop: boolean } {
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
const tolerationKey = ({ key = '', operator = '', value = '', effect = '' }: any): string =>
  JSON.stringify([key, operator, value, effect]);

function addedTolerations(now: any[] = [], before: any[] = []): FieldError[] {
  const field = 'spec.tolerations';
  const kept = new Set(now.map(tolerationKey));
  for (const old of before)
    if (!kept.has(tolerationKey(old)))
      return [forbidden(field, 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations(now, field);
}

/** While a pod is held by a scheduling gate its node selection may be narrowed. */
function gatedChanges(munged: any, old: any): FieldError[] {
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
  const oldTerms: any[] = before?.[key]?.nodeSelectorTerms ?? [];
  const newTerms: any[] = munged.affinity?.nodeAffinity?.[key]?.nodeSelectorTerms ?? [];
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

function extendsTerm(term: any, old: any): boolean {
  const lists = ['matchExpressions', 'matchFields'];
  const size = (t: any): number => lists.reduce((sum, key) => sum + (t?.[key]?.length ?? 0), 0);
  if (size(old) === 0) return size(term) === 0;
  return lists.every((key) => sameData((term?.[key] ?? []).slice(0, old[key]?.length ?? 0), old[key] ?? []));
}

const withImages = (now: any[] | undefined, before: any[] | undefined): any[] | undefined =>
  now?.map((container, i) => ({ ...container, image: before?.[i]?.image }));

export function validatePodUpdate(pod: KubeObject, old: KubeObject): FieldError[] {
  const errors = [...validatePodSpecAndAnnotations(pod), ...annotationChanges(pod, old)];
  const { spec } = pod;
  const before = old.spec;
  for (const key of ['containers', 'initContainers']) {
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
  const oldGates = new Set((before.schedulingGates ?? []).map((g: any) => g.name));
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
  if (before.terminationGracePeriodSeconds < 0 && munged.terminationGracePeriodSeconds === 1)
    munged.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds;
  if (oldGates.size > 0) errors.push(...gatedChanges(munged, before));
  if (!goEqual('core.PodSpec', munged, before)) {
    const diff = unifiedDiff(prettyGoValue('core.PodSpec', before), prettyGoValue('core.PodSpec', munged));
    errors.push(forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${diff}`));
  }
  return errors;
}

function addresses(list: any[] | undefined, single: string | undefined, old: any[] | undefined, key: 'pod' | 'host') {
  const errors: FieldError[] = [];
  const field = `status.${key}IPs`;
  const before = (old ?? []).map((a) => a.ip);
  for (const [i, { ip = '' }] of (list ?? []).entries())
    errors.push(...validateIPForLegacyField(`${field}[${i}]`, ip, before));
  const first = list?.[0]?.ip;
  if (key === 'pod' && !single !== !first)
    errors.push(
      invalid(
        field,
        (list ?? []).map((a) => ({ IP: a.ip })),
        'podIP and podIPs must either both be set or both be unset',
      ),
    );
  else if (first && single !== first) errors.push(invalid(`${field}[0].ip`, first, `must be equal to \`${key}IP\``));
  return errors;
}

const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];

export function validatePodStatusUpdate(pod: KubeObject, old: KubeObject): FieldError[] {
  const errors = annotationChanges(pod, old);
  const status = pod.status ?? {};
  const before = old.status ?? {};
  for (const [i, condition] of (status.conditions ?? []).entries())
    if (!SYSTEM_CONDITIONS.includes(condition.type))
      errors.push(...qualifiedName(condition.type ?? '', `status.conditions[${i}].Type`));
  if (pod.spec.nodeName !== old.spec.nodeName) errors.push(forbidden('status.nodeName', 'may not be changed directly'));
  const nominated = status.nominatedNodeName;
  if (nominated && nominated !== before.nominatedNodeName)
    errors.push(...checked(isDNS1123Subdomain(nominated), 'status.nominatedNodeName', nominated));
  errors.push(...unchanged(status.qosClass, before.qosClass, 'status.qosClass'));
  for (const key of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'])
    errors.push(...restarts(status[key], before[key], old.spec, key));
  errors.push(...addresses(status.podIPs, status.podIP, before.podIPs, 'pod'));
  if (status.hostIPs?.length) errors.push(...addresses(status.hostIPs, status.hostIP, before.hostIPs, 'host'));
  return errors;
}

/** A container that ended for good does not run again. */
function restarts(now: any[] = [], before: any[] = [], spec: any, key: string): FieldError[] {
  const errors: FieldError[] = [];
  const list =
    key === 'containerStatuses' ? spec.containers : key === 'initContainerStatuses' ? spec.initContainers : [];
  for (const [i, old] of before.entries()) {
    const ended = old.state?.terminated;
    if (!ended) continue;
    const again = now.find((s) => s.name === old.name && !s.state?.terminated);
    if (!again) continue;
    const container = (list ?? []).find((c: any) => c.name === old.name);
    const policy = container?.restartPolicy ?? spec.restartPolicy;
    const rules = container?.restartPolicyRules?.length > 0;
    const may = policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0) || rules;
    if (container && may) continue;
    errors.push(forbidden(`status.${key}[${i}].state`, 'may not be transitioned to non-terminated state'));
  }
  return errors;
}

export function validateEphemeralContainersUpdate(pod: KubeObject, old: KubeObject): FieldError[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined)
    return [forbidden(WHOLE_OBJECT, 'static pods do not support ephemeral containers')];
  const errors = [...validatePodSpecAndAnnotations(pod), ...annotationChanges(pod, old)];
  const field = 'spec.ephemeralContainers';
  const now: any[] = pod.spec.ephemeralContainers ?? [];
  for (const container of old.spec.ephemeralContainers ?? []) {
    const name = JSON.stringify(container.name);
    const kept = now.find((c) => c.name === container.name);
    if (!kept) errors.push(forbidden(field, `existing ephemeral containers ${name} may not be removed\n`));
    else if (!goEqual('core.EphemeralContainer', container, kept)) {
      const print = (c: any): string => prettyGoValue('core.EphemeralContainer', c);
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

/** Of a container's resources only cpu and memory can be resized. */
function withoutCompute(container: any, old: any): any {
  const restore = (now: any, before: any): any => {
    const { cpu: _cpu, memory: _memory, ...rest } = now ?? {};
    const { cpu, memory } = before ?? {};
    return { ...rest, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  };
  return {
    ...container,
    resources: {
      ...container.resources,
      limits: restore(container.resources?.limits, old.resources?.limits),
      requests: restore(container.resources?.requests, old.resources?.requests),
    },
  };
}

export function validatePodResize(pod: KubeObject, old: KubeObject): FieldError[] {
  const errors = validatePodSpecAndAnnotations(pod);
  if (old.metadata.annotations?.[MIRROR] !== undefined)
    return [forbidden(WHOLE_OBJECT, 'static pods cannot be resized')];
  if (old.spec.os?.name === 'windows') return [forbidden(WHOLE_OBJECT, 'windows pods cannot be resized')];
  if ((old.status?.qosClass ?? qosClassOf(old.spec)) !== qosClassOf(pod.spec))
    errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  const order: FieldError[] = [];
  for (const key of ['containers', 'initContainers']) {
    const now: any[] = pod.spec[key] ?? [];
    const before: any[] = old.spec[key] ?? [];
    if (now.length !== before.length)
      order.push(forbidden(`spec.${key}`, `${key} may not be added or removed on resize`));
    else
      for (const [i, container] of before.entries())
        if (now[i].name !== container.name)
          order.push(forbidden(`spec.${key}[${i}].name`, `${key} may not be renamed or reordered on resize`));
  }
  if (order.length > 0) return [...errors, ...order];
  for (const key of ['initContainers', 'containers'])
    for (const [i, container] of (old.spec[key] ?? []).entries())
      for (const kind of ['requests', 'limits'])
        for (const name of Object.keys(container.resources?.[kind] ?? {}))
          if (pod.spec[key][i].resources?.[kind]?.[name] === undefined) {
            errors.push(forbidden(`spec.${key}[${i}].resources.${kind}`, `resource ${kind} cannot be removed`));
            break;
          }
  for (const [i, container] of (pod.spec.containers ?? []).entries()) {
    const before = old.spec.containers[i];
    if (!goEqual('core.Container', withoutCompute(container, before), withoutCompute(before, before)))
      errors.push(forbidden('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}
