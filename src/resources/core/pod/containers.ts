/** Validation of a pod's containers, in their three lists. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { checked, dns1123Label, isSet, requiredOneOf } from '../../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooMany,
} from '../../../objects/field-error.ts';
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
} from '../../../objects/generated/core-v1.gen.ts';
import { isPortName, isPortNumber } from '../../../objects/names.ts';
import { own } from '../../../objects/own.ts';
import { validateEnv, validateEnvFrom } from './environment.ts';
import { validatePullPolicy } from './image-pull-policy.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateResourceRequirements } from './resource-requirements.ts';
import { validateSecurityContext } from './security-context.ts';
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.ts';
import type { Volumes } from './volumes.ts';

/** What all checks of one pod's containers know. */
export interface ContainerContext {
  spec: PodSpec;
  volumes: Volumes;
  claimNames: ReadonlySet<string>;
  /** The pod's terminationGracePeriodSeconds. */
  grace: number | undefined;
  hostUsers: boolean;
}

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const RESTART_ACTIONS = ['Restart', 'RestartAllContainers'];
export const RESTART_RULES_MAX = 20;
export const EXIT_CODES_MAX = 255;

export const validateProtocol = (protocol: string | undefined, field: string): FieldError[] =>
  requiredOneOf(protocol, PROTOCOLS, field);

function ports(list: ContainerPort[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of (list ?? []).entries()) {
    const path = `${field}[${i}]`;
    if (port.name) {
      const wrong = isPortName(port.name);
      if (wrong.length > 0) errors.push(...checked(wrong, `${path}.name`, port.name));
      else if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      else names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${path}.containerPort`));
    else errors.push(...checked(isPortNumber(port.containerPort), `${path}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...checked(isPortNumber(port.hostPort), `${path}.hostPort`, port.hostPort));
    errors.push(...validateProtocol(port.protocol, `${path}.protocol`));
  }
  return errors;
}

function hostPortConflicts(containers: Container[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [i, container] of containers.entries())
    for (const [j, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${field}[${i}].ports[${j}].hostPort`, key));
      taken.add(key);
    }
  return errors;
}

function resizePolicy(
  policies: ContainerResizePolicy[] | undefined,
  field: string,
  podRestartPolicy: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, { resourceName = '', restartPolicy = '' }] of (policies ?? []).entries()) {
    if (names.has(resourceName)) errors.push(duplicate(`${field}[${i}]`, resourceName));
    names.add(resourceName);
    if (!resourceName) errors.push(required(field));
    else if (resourceName !== 'cpu' && resourceName !== 'memory')
      errors.push(notSupported(field, resourceName, ['cpu', 'memory']));
    const known = ['NotRequired', 'RestartContainer'];
    if (!restartPolicy) errors.push(required(field));
    else if (!known.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, known));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
  }
  return errors;
}

function common(container: Container, context: ContainerContext, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${path}.name`));
  else errors.push(...dns1123Label(container.name, `${path}.name`));
  if (!container.image) errors.push(required(`${path}.image`));
  const policy = container.terminationMessagePolicy;
  if (!policy) errors.push(required(`${path}.terminationMessagePolicy`));
  else if (!MESSAGE_POLICIES.includes(policy))
    errors.push(notSupported(`${path}.terminationMessagePolicy`, policy, MESSAGE_POLICIES));
  errors.push(...ports(container.ports, `${path}.ports`));
  errors.push(...validateEnv(container.env, `${path}.env`));
  errors.push(...validateEnvFrom(container.envFrom, `${path}.envFrom`));
  errors.push(...validateVolumeMounts(container, context.volumes, `${path}.volumeMounts`));
  errors.push(...validateVolumeDevices(container, context.volumes, `${path}.volumeDevices`));
  errors.push(...validatePullPolicy(container.imagePullPolicy, `${path}.imagePullPolicy`));
  errors.push(...validateResourceRequirements(container.resources!, context.claimNames, `${path}.resources`));
  errors.push(...resizePolicy(container.resizePolicy, `${path}.resizePolicy`, context.spec.restartPolicy ?? ''));
  errors.push(...validateSecurityContext(container.securityContext, `${path}.securityContext`, context.hostUsers));
  return errors;
}

/** `regular`: rules without a policy are looked at only in a regular container. */
function restartRules(container: Container, path: string, regular: boolean): FieldError[] {
  const policy = container.restartPolicy;
  const rules = container.restartPolicyRules ?? [];
  const errors: FieldError[] = [];
  if (!isSet(policy)) {
    if (rules.length === 0) return errors;
    errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
    if (!regular) return errors;
  } else if (!RESTART_POLICIES.includes(policy))
    errors.push(notSupported(`${path}.restartPolicy`, policy, RESTART_POLICIES));
  if (rules.length > RESTART_RULES_MAX)
    errors.push(tooMany(`${path}.restartPolicyRules`, rules.length, RESTART_RULES_MAX));
  for (const [i, rule] of rules.entries()) {
    const field = `${path}.restartPolicyRules[${i}]`;
    if (!RESTART_ACTIONS.includes(rule.action))
      errors.push(notSupported(`${field}.action`, rule.action ?? '', RESTART_ACTIONS));
    if (!rule.exitCodes) {
      errors.push(required(`${field}.exitCodes`, 'must be specified'));
      continue;
    }
    const { operator = '', values = [] } = rule.exitCodes;
    if (operator !== 'In' && operator !== 'NotIn')
      errors.push(notSupported(`${field}.exitCodes.operator`, operator, ['In', 'NotIn']));
    if (values.length > EXIT_CODES_MAX)
      errors.push(tooMany(`${field}.exitCodes.values`, values.length, EXIT_CODES_MAX));
  }
  return errors;
}

export function validateContainers(context: ContainerContext, field: string): FieldError[] {
  const containers = context.spec.containers ?? [];
  if (containers.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const path = `${field}[${i}]`;
    errors.push(...common(container, context, path));
    const name = container.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    errors.push(...validateLifecycle(container.lifecycle, `${path}.lifecycle`, context.grace));
    errors.push(...validateProbes(container, path, context.grace));
    errors.push(...restartRules(container, path, true));
  }
  errors.push(...hostPortConflicts(containers, field));
  return errors;
}

const SIDECAR_ONLY = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'];

export function validateInitContainers(context: ContainerContext, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>((context.spec.containers ?? []).map((c) => c.name ?? ''));
  for (const [i, container] of (context.spec.initContainers ?? []).entries()) {
    const path = `${field}[${i}]`;
    errors.push(...common(container, context, path), ...restartRules(container, path, false));
    const name = container.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    else if (name) names.add(name);
    errors.push(...hostPortConflicts([container], field));
    const sidecar = container.restartPolicy === 'Always';
    if (sidecar) {
      errors.push(...validateLifecycle(container.lifecycle, `${path}.lifecycle`, context.grace));
      errors.push(...validateProbes(container, path, context.grace));
    } else
      for (const key of SIDECAR_ONLY)
        if (own(container, key))
          errors.push(forbidden(`${path}.${key}`, 'may not be set for init containers without restartPolicy=Always'));
    if (sidecar) continue;
    for (const [j, policy] of (container.resizePolicy ?? []).entries())
      if (policy.restartPolicy === 'RestartContainer')
        errors.push(
          invalid(
            `${path}.resizePolicy[${j}].restartPolicy`,
            policy.restartPolicy,
            "must not be set to 'RestartContainer' for non-sidecar initContainers",
          ),
        );
  }
  return errors;
}

/** What an ephemeral container may not have. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];
const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container';

/** Requirements are there when there is something in them, all else when it is said. */
const isGiven = (container: Container | EphemeralContainer, field: string): boolean =>
  isSet(own(container, field)) && (field !== 'resources' || Object.keys(container.resources ?? {}).length > 0);

export function validateEphemeralContainers(context: ContainerContext, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = context;
  const others = new Set<string>([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name ?? ''));
  const names = new Set(others);
  for (const [i, container] of (spec.ephemeralContainers ?? []).entries()) {
    const path = `${field}[${i}]`;
    errors.push(...common(container, context, path), ...validateImageSpace(container, path));
    const name = container.name ?? '';
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFound(`${path}.targetContainerName`, target));
    for (const key of NOT_EPHEMERAL)
      if (isGiven(container, key)) errors.push(forbidden(`${path}.${key}`, NOT_FOR_EPHEMERAL));
    for (const [j, mount] of (container.volumeMounts ?? []).entries())
      for (const key of ['subPath', 'subPathExpr'] as const)
        if (mount[key]) errors.push(forbidden(`${path}.volumeMounts[${j}].${key}`, NOT_FOR_EPHEMERAL));
  }
  return errors;
}

/** Only in pods, not in templates. */
export function validateImageSpace(container: Container, path: string): FieldError[] {
  const image: string = container.image ?? '';
  return image.trim().length === image.length
    ? []
    : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}
