/** Validation of pod specs, in pods and in templates. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodSpec. */

import { validateAnnotations } from '../../../catalog/metadata.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  isSet,
  nonNegative,
  qualifiedName,
  requiredOneOf,
} from '../../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notFound, required } from '../../../objects/field-error.ts';
import type { Pod, PodResourceClaim, PodSpec, PodTemplateSpec } from '../../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../../objects/go-value.ts';
import { validateIPForLegacyField } from '../../../objects/ip.ts';
import { rangeError } from '../../../objects/names.ts';
import { bare } from '../../../objects/own.ts';
import { addQuantities, compareQuantities } from '../../../objects/quantity.ts';
import { validatePodResourceName } from '../../../objects/resource-names.ts';
import { validateLabels } from '../../../objects/selector-validation.ts';
import { validatePodAnnotations } from './annotations.ts';
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateImageSpace,
  validateInitContainers,
} from './containers.ts';
import { dnsConfig, hostNetworkPorts, hostnameOverride, hostUsersRules, windowsHostProcess } from './host.ts';
import { validateResourceRequirements } from './resource-requirements.ts';
import {
  validateAffinity,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling.ts';
import { containersOf, validatePodOS, validatePodSecurityContext } from './security-context.ts';
import { validateVolumes } from './volumes.ts';

export const INT32_MAX = 2147483647;

function resourceClaims(claims: PodResourceClaim[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, claim] of (claims ?? []).entries()) {
    const path = `${field}[${i}]`;
    const { name = '', resourceClaimName: direct, resourceClaimTemplateName: template } = claim;
    if (!name) errors.push(required(`${path}.name`));
    else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    else errors.push(...dns1123Label(name, `${path}.name`));
    names.add(name);
    const wrong = (words: string): FieldError => invalid(path, goValue('core.PodResourceClaim', claim), words);
    if (isSet(direct) && isSet(template))
      errors.push(wrong('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (!isSet(direct) && !isSet(template))
      errors.push(wrong('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    if (isSet(direct)) errors.push(...dns1123Subdomain(direct, `${path}.resourceClaimName`));
    if (isSet(template)) errors.push(...dns1123Subdomain(template, `${path}.resourceClaimTemplateName`));
  }
  return errors;
}

function podResources(spec: PodSpec, claims: ReadonlySet<string>, field: string): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbidden(field, 'may not be set for a windows pod')];
  const errors: FieldError[] = [];
  if (resources.claims) errors.push(forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'));
  errors.push(...validateResourceRequirements(resources, claims, field, validatePodResourceName));
  const sums = bare<string>({});
  const [ownRequests, ownLimits] = [bare<string>(resources.requests), bare<string>(resources.limits)];
  for (const container of spec.containers ?? [])
    for (const [name, amount] of Object.entries<string>(container.resources?.requests ?? {}))
      sums[name] = sums[name] === undefined ? amount : addQuantities(sums[name], amount);
  for (const [name, sum] of Object.entries(sums)) {
    const own = ownRequests[name];
    if (own !== undefined && compareQuantities(sum, own) > 0)
      errors.push(
        invalid(
          `${field}.requests[${name}]`,
          own,
          `must be greater than or equal to aggregate container requests of ${sum}`,
        ),
      );
  }
  for (const [i, container] of (spec.containers ?? []).entries())
    for (const [name, limit] of Object.entries<string>(container.resources?.limits ?? {})) {
      const own = ownLimits[name];
      if (own !== undefined && compareQuantities(limit, own) > 0)
        errors.push(
          invalid(
            `${field}.containers[${i}][${name}].limits`,
            limit,
            `must be less than or equal to pod limits of ${own}`,
          ),
        );
    }
  return errors;
}

function fileKeyVolumes(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [container, path] of containersOf(spec, field))
    for (const [i, variable] of (container.env ?? []).entries()) {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (!variable.valueFrom?.fileKeyRef) continue;
      const where = `${path}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = (spec.volumes ?? []).find((v) => v.name === name);
      if (!volume) errors.push(notFound(where, name ?? ''));
      else if (!volume.emptyDir) errors.push(invalid(where, name, 'referenced volume must be of type emptyDir'));
    }
  return errors;
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

const PREEMPTION = ['PreemptLowerPriority', 'Never'];

/** `podName`: undefined in a template. */
export function validatePodSpec(spec: PodSpec, podName: string | undefined, field: string): FieldError[] {
  const isPod = podName !== undefined;
  const errors: FieldError[] = [];
  const grace = spec.terminationGracePeriodSeconds;
  if (!isSet(grace)) errors.push(required(`${field}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(spec.volumes, podName, `${field}.volumes`);
  errors.push(...volumes.errors);
  const claimNames = new Set<string>((spec.resourceClaims ?? []).map((c) => c.name).filter(Boolean));
  errors.push(...resourceClaims(spec.resourceClaims, `${field}.resourceClaims`));
  const context: ContainerContext = {
    spec,
    volumes: volumes.volumes,
    claimNames,
    grace,
    hostUsers: spec.hostUsers !== false,
  };
  errors.push(...validateContainers(context, `${field}.containers`));
  errors.push(...validateInitContainers(context, `${field}.initContainers`));
  errors.push(...validateEphemeralContainers(context, `${field}.ephemeralContainers`));
  errors.push(...podResources(spec, claimNames, `${field}.resources`));
  errors.push(...hostNetworkPorts(spec, field, isPod));
  errors.push(...requiredOneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${field}.restartPolicy`));
  errors.push(...requiredOneOf(spec.dnsPolicy, DNS_POLICIES, `${field}.dnsPolicy`));
  errors.push(...validateLabels(spec.nodeSelector, `${field}.nodeSelector`));
  errors.push(...validatePodSecurityContext(spec.securityContext, spec, `${field}.securityContext`));
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  errors.push(...validateAffinity(spec.affinity, `${field}.affinity`));
  errors.push(...dnsConfig(spec.dnsConfig, spec.dnsPolicy ?? '', `${field}.dnsConfig`));
  for (const [i, gate] of (spec.readinessGates ?? []).entries())
    errors.push(...qualifiedName(gate.conditionType ?? '', `${field}.readinessGates[${i}].conditionType`));
  errors.push(...validateSchedulingGates(spec.schedulingGates, `${field}.schedulingGates`));
  errors.push(...validateTopologySpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`));
  errors.push(...windowsHostProcess(spec, field));
  errors.push(...hostUsersRules(spec, field));
  errors.push(...hostnameOverride(spec, field));
  errors.push(...names(spec, field));
  if (isSet(spec.overhead))
    errors.push(...validateResourceRequirements({ limits: spec.overhead }, new Set(), `${field}.overhead`));
  errors.push(...validatePodOS(spec, field));
  if (spec.schedulingGroup && !isSet(spec.schedulingGroup.podGroupName))
    errors.push(invalid(`${field}.schedulingGroup.podGroupName`, null, 'must specify one of: `podGroupName`'));
  errors.push(...fileKeyVolumes(spec, field));
  return errors;
}

/** The scalar fields between the two blocks of structures. */
function names(spec: PodSpec, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const account = spec.serviceAccountName ?? '';
  if (account) errors.push(...dns1123Subdomain(account, `${field}.serviceAccountName`));
  if ((spec.serviceAccount ?? '') !== account)
    errors.push(
      invalid(
        `${field}.deprecatedServiceAccount`,
        spec.serviceAccount ?? '',
        `must be the same as serviceAccountName: ${JSON.stringify(account)}`,
      ),
    );
  if (spec.nodeName) errors.push(...dns1123Subdomain(spec.nodeName, `${field}.nodeName`));
  const deadline = spec.activeDeadlineSeconds;
  if (isSet(deadline) && (deadline < 1 || deadline > INT32_MAX))
    errors.push(invalid(`${field}.activeDeadlineSeconds`, deadline, rangeError(1, INT32_MAX)));
  if (spec.hostname) errors.push(...dns1123Label(spec.hostname, `${field}.hostname`));
  if (spec.subdomain) errors.push(...dns1123Label(spec.subdomain, `${field}.subdomain`));
  errors.push(...validateTolerations(spec.tolerations, `${field}.tolerations`));
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    errors.push(...validateIPForLegacyField(`${field}.hostAliases[${i}].ip`, alias.ip ?? ''));
    for (const [j, name] of (alias.hostnames ?? []).entries())
      errors.push(...dns1123Subdomain(name, `${field}.hostAliases[${i}].hostnames[${j}]`));
  }
  if (spec.priorityClassName) errors.push(...dns1123Subdomain(spec.priorityClassName, `${field}.priorityClassName`));
  if (isSet(spec.runtimeClassName))
    errors.push(...dns1123Subdomain(spec.runtimeClassName, `${field}.runtimeClassName`));
  if (isSet(spec.preemptionPolicy))
    errors.push(...requiredOneOf(spec.preemptionPolicy, PREEMPTION, `${field}.preemptionPolicy`));
  return errors;
}

export function validatePodTemplate(template: PodTemplateSpec, field: string): FieldError[] {
  const metadata = template.metadata ?? {};
  const spec = template.spec ?? {};
  const errors = [
    ...validateLabels(metadata.labels, `${field}.labels`),
    ...validateAnnotations(metadata.annotations, `${field}.annotations`),
    ...validatePodAnnotations(metadata.annotations, spec, `${field}.annotations`),
    ...validatePodSpec(spec, undefined, `${field}.spec`),
  ];
  if (spec.ephemeralContainers?.length)
    errors.push(forbidden(`${field}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  return errors;
}

/** Of a pod, new or changed. Its metadata has been checked. */
export function validatePodSpecAndAnnotations(pod: Pod): FieldError[] {
  const { spec, metadata } = pod;
  const errors = [
    ...validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations'),
    ...validatePodSpec(spec, metadata.name ?? '', 'spec'),
  ];
  if (!spec.serviceAccountName)
    for (const [i, volume] of (spec.volumes ?? []).entries())
      for (const [j, source] of (volume.projected?.sources ?? []).entries())
        if (source.serviceAccountToken)
          errors.push(
            forbidden(
              `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`,
              'must not be specified when serviceAccountName is not set',
            ),
          );
  errors.push(...nonNegative(spec.terminationGracePeriodSeconds, 'spec.terminationGracePeriodSeconds'));
  for (const key of ['containers', 'initContainers'] as const)
    for (const [i, container] of (spec[key] ?? []).entries())
      errors.push(...validateImageSpace(container, `spec.${key}[${i}]`));
  return errors;
}

export function validatePodCreate(pod: Pod): FieldError[] {
  const errors = validatePodSpecAndAnnotations(pod);
  const { spec } = pod;
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}
