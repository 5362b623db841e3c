/** Validation of pod specs, in pods and in templates. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodSpec. */
import {
  checked,
  dns1123Label,
  dns1123Subdomain,
  isSet,
  localPath,
  nonNegative,
  qualifiedName,
} from './field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
} from './field-error.ts';
import { goValue } from './go-value.ts';
import { validateIPForLegacyField } from './ip.ts';
import { validateAnnotations } from './metadata.ts';
import { byteLength, isDNS1123SubdomainWithUnderscore, rangeError } from './names.ts';
import type { KubeObject } from './object.ts';
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateImageSpace,
  validateInitContainers,
} from './pod-containers.ts';
import {
  validateAffinity,
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './pod-scheduling.ts';
import { containersOf, validatePodOS, validatePodSecurityContext } from './pod-security.ts';
import { validateVolumes } from './pod-volumes.ts';
import { addQuantities, compareQuantities } from './quantity.ts';
import { validatePodResourceName } from './resource-names.ts';
import { validateResourceRequirements } from './resource-requirements.ts';
import { validateLabels } from './selector-validation.ts';

const INT32_MAX = 2147483647;
const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

const oneOf = (value: string | undefined, values: readonly string[], field: string): FieldError[] => {
  if (!value) return [required(field)];
  return values.includes(value) ? [] : [notSupported(field, value, values)];
};

function resourceClaims(claims: any[] | undefined, field: string): FieldError[] {
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

function dnsConfig(config: any, policy: string, field: string): FieldError[] {
  const servers: string[] = config?.nameservers ?? [];
  if (policy === 'None') {
    if (!config) return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (servers.length === 0)
      return [required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  if (!config) return [];
  const errors: FieldError[] = [];
  const searches: string[] = config.searches ?? [];
  if (servers.length > 3)
    errors.push(invalid(`${field}.nameservers`, servers, 'must not have more than 3 nameservers'));
  for (const [i, server] of servers.entries())
    errors.push(...validateIPForLegacyField(`${field}.nameservers[${i}]`, server));
  if (searches.length > 32)
    errors.push(invalid(`${field}.searches`, searches, 'must not have more than 32 search paths'));
  if (byteLength(searches.join(' ')) > 2048)
    errors.push(
      invalid(
        `${field}.searches`,
        searches,
        'must not have more than 2048 characters (including spaces) in the search list',
      ),
    );
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue;
    const bare = search.replace(/\.$/, '');
    errors.push(...checked(isDNS1123SubdomainWithUnderscore(bare), `${field}.searches[${i}]`, bare));
  }
  for (const [i, option] of (config.options ?? []).entries())
    if (!option.name) errors.push(required(`${field}.options[${i}]`, 'must not be empty'));
  return errors;
}

function hostNetworkPorts(spec: any, field: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return [];
  const errors: FieldError[] = [];
  for (const [i, container] of (spec.containers ?? []).entries())
    for (const [j, port] of (container.ports ?? []).entries()) {
      const host = port.hostPort ?? 0;
      if ((isPod || host !== 0) && host !== (port.containerPort ?? 0))
        errors.push(
          invalid(
            `${field}.containers[${i}].ports[${j}].hostPort`,
            host,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    }
  return errors;
}

function hostUsersRules(spec: any, field: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const words = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork) errors.push(forbidden(`${field}.hostNetwork`, words));
  if (spec.hostPID) errors.push(forbidden(`${field}.HostPID`, words));
  if (spec.hostIPC) errors.push(forbidden(`${field}.HostIPC`, words));
  for (const [container, path] of containersOf(spec, field))
    if (container.volumeDevices?.length) errors.push(forbidden(`${path}.volumeDevices`, words));
  return errors;
}

function hostnameOverride(spec: any, field: string): FieldError[] {
  const name = spec.hostnameOverride;
  if (!isSet(name)) return [];
  const path = `${field}.hostnameOverride`;
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (byteLength(name) > 64) errors.push(tooLong(path, 64));
  return [...errors, ...dns1123Subdomain(name, path)];
}

function podResources(spec: any, claims: ReadonlySet<string>, field: string): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbidden(field, 'may not be set for a windows pod')];
  const errors: FieldError[] = [];
  if (resources.claims) errors.push(forbidden(`${field}.claims`, 'claims may not be set for Resources at pod-level'));
  errors.push(...validateResourceRequirements(resources, claims, field, validatePodResourceName));
  const sums: Record<string, string> = {};
  for (const container of spec.containers ?? [])
    for (const [name, amount] of Object.entries<string>(container.resources?.requests ?? {}))
      sums[name] = sums[name] === undefined ? amount : addQuantities(sums[name], amount);
  for (const [name, sum] of Object.entries(sums)) {
    const own = resources.requests?.[name];
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
      const own = resources.limits?.[name];
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

function windowsHostProcess(spec: any, field: string): FieldError[] {
  const pod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  let all = 0;
  let host = 0;
  for (const [container, path] of containersOf(spec, field)) {
    all++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (isSet(pod) && isSet(own) && pod !== own)
      errors.push(
        invalid(
          `${path}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${pod}`,
        ),
      );
    if (own ?? pod) host++;
  }
  if (host === 0) return errors;
  if (host !== all)
    errors.push(
      invalid(
        field,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (!spec.hostNetwork)
    errors.push(
      invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
  return errors;
}

function fileKeyVolumes(spec: any, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [container, path] of containersOf(spec, field))
    for (const [i, variable] of (container.env ?? []).entries()) {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (!variable.valueFrom?.fileKeyRef) continue;
      const where = `${path}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = (spec.volumes ?? []).find((v: any) => v.name === name);
      if (!volume) errors.push(notFound(where, name ?? ''));
      else if (!volume.emptyDir) errors.push(invalid(where, name, 'referenced volume must be of type emptyDir'));
    }
  return errors;
}

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION = ['PreemptLowerPriority', 'Never'];

/** `podName`: undefined in a template. */
export function validatePodSpec(spec: any, podName: string | undefined, field: string): FieldError[] {
  const isPod = podName !== undefined;
  const errors: FieldError[] = [];
  const grace = spec.terminationGracePeriodSeconds;
  if (!isSet(grace)) errors.push(required(`${field}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(spec.volumes, podName, `${field}.volumes`);
  errors.push(...volumes.errors);
  const claimNames = new Set<string>((spec.resourceClaims ?? []).map((c: any) => c.name).filter(Boolean));
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
  errors.push(...oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], `${field}.restartPolicy`));
  errors.push(...oneOf(spec.dnsPolicy, DNS_POLICIES, `${field}.dnsPolicy`));
  errors.push(...validateLabels(spec.nodeSelector, `${field}.nodeSelector`));
  errors.push(...validatePodSecurityContext(spec.securityContext, spec, `${field}.securityContext`));
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  errors.push(...validateAffinity(spec.affinity, `${field}.affinity`));
  errors.push(...dnsConfig(spec.dnsConfig, spec.dnsPolicy, `${field}.dnsConfig`));
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
function names(spec: any, field: string): FieldError[] {
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
    errors.push(...oneOf(spec.preemptionPolicy, PREEMPTION, `${field}.preemptionPolicy`));
  return errors;
}

function seccompAnnotation(profile: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) return [];
  if (profile.startsWith('localhost/')) return localPath(profile.slice('localhost/'.length), field);
  return [invalid(field, profile, 'must be a valid seccomp profile')];
}

/** Annotations that once were fields. */
export function validatePodAnnotations(
  annotations: Record<string, string> | undefined,
  spec: any,
  field: string,
): FieldError[] {
  if (!annotations) return [];
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR];
  if (mirror !== undefined && !spec.nodeName)
    errors.push(invalid(`${field}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !(/^(0|-?[1-9]\d*)$/.test(cost) && Number(cost) === (Number(cost) | 0)))
    errors.push(invalid(`${field}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  for (const [key, value] of Object.entries(annotations))
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      errors.push(...seccompAnnotation(value, `${field}.${key}`));
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(APP_ARMOR)) continue;
    const name = key.slice(APP_ARMOR.length);
    if (![...containersOf(spec, '')].some(([container]) => container.name === name))
      errors.push(invalid(`${field}[${key}]`, name, 'container not found'));
    if (value && value !== 'runtime/default' && value !== 'unconfined' && !value.startsWith('localhost/'))
      errors.push(invalid(`${field}[${key}]`, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
  }
  return errors;
}

export function validatePodTemplate(template: any, field: string): FieldError[] {
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
export function validatePodSpecAndAnnotations(pod: KubeObject): FieldError[] {
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
  for (const key of ['containers', 'initContainers'])
    for (const [i, container] of (spec[key] ?? []).entries())
      errors.push(...validateImageSpace(container, `spec.${key}[${i}]`));
  return errors;
}

export function validatePodCreate(pod: KubeObject): FieldError[] {
  const errors = validatePodSpecAndAnnotations(pod);
  const { spec } = pod;
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}
