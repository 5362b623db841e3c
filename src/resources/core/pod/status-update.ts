/** What may become of a pod's status. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodStatusUpdate. */

import { checked, qualifiedName, unchanged } from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid } from '../../../objects/field-error.ts';
import type { ContainerStatus, Pod, PodIP, PodSpec } from '../../../objects/generated/core-v1.gen.ts';
import { validateIPForLegacyField } from '../../../objects/ip.ts';
import { isDNS1123Subdomain } from '../../../objects/names.ts';
import { annotationChanges } from './annotation-changes.ts';

function addresses(
  list: PodIP[] | undefined,
  single: string | undefined,
  old: PodIP[] | undefined,
  key: 'pod' | 'host',
) {
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

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
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
  for (const key of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const)
    errors.push(...restarts(status[key], before[key], old.spec, key));
  errors.push(...addresses(status.podIPs, status.podIP, before.podIPs, 'pod'));
  if (status.hostIPs?.length) errors.push(...addresses(status.hostIPs, status.hostIP, before.hostIPs, 'host'));
  return errors;
}

/** A container that ended for good does not run again. */
function restarts(
  now: ContainerStatus[] = [],
  before: ContainerStatus[] = [],
  spec: PodSpec,
  key: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const list =
    key === 'containerStatuses' ? spec.containers : key === 'initContainerStatuses' ? spec.initContainers : [];
  for (const [i, old] of before.entries()) {
    const ended = old.state?.terminated;
    if (!ended) continue;
    const again = now.find((s) => s.name === old.name && !s.state?.terminated);
    if (!again) continue;
    const container = (list ?? []).find((c) => c.name === old.name);
    const policy = container?.restartPolicy ?? spec.restartPolicy;
    const rules = (container?.restartPolicyRules?.length ?? 0) > 0;
    const may = policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0) || rules;
    if (container && may) continue;
    errors.push(forbidden(`status.${key}[${i}].state`, 'may not be transitioned to non-terminated state'));
  }
  return errors;
}
