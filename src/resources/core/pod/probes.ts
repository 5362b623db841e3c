/** Validation of probes and lifecycle hooks. Source: k8s.io/kubernetes/pkg/apis/core/validation, validateProbe, validateLifecycle. */

import { checked, isSet, nonNegative, portNumberOrName, requiredText } from '../../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../../objects/field-error.ts';
import type {
  Container,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  Probe,
  SleepAction,
} from '../../../objects/generated/core-v1.gen.ts';
import { isHTTPHeaderName } from '../../../objects/names.ts';

function httpGet(action: HTTPGetAction, field: string): FieldError[] {
  const errors = [...requiredText(action.path, `${field}.path`), ...portNumberOrName(action.port, `${field}.port`)];
  const schemes = ['HTTP', 'HTTPS'];
  if (!schemes.includes(action.scheme ?? ''))
    errors.push(notSupported(`${field}.scheme`, action.scheme ?? '', schemes));
  for (const header of action.httpHeaders ?? [])
    errors.push(...checked(isHTTPHeaderName(header.name ?? ''), `${field}.httpHeaders`, header.name ?? ''));
  return errors;
}

function grpc(action: GRPCAction, field: string): FieldError[] {
  return portNumberOrName(action.port ?? 0, `${field}.port`);
}

function sleep(action: SleepAction, field: string, grace: number | undefined): FieldError[] {
  const seconds = action.seconds ?? 0;
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return [];
  return [invalid(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)];
}

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
const HANDLERS: Record<string, (action: any, field: string, grace: number | undefined) => FieldError[]> = {
  exec: (action, field) => (action.command?.length ? [] : [required(`${field}.command`)]),
  httpGet,
  tcpSocket: (action, field) => portNumberOrName(action.port, `${field}.port`),
  grpc,
  sleep,
};

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function handler(holder: any, keys: readonly string[], field: string, grace: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const key of keys) {
    const action = holder[key];
    if (!action) continue;
    if (count > 0) {
      errors.push(forbidden(`${field}.${key}`, 'may not specify more than 1 handler type'));
      continue;
    }
    count++;
    errors.push(...(HANDLERS[key]?.(action, `${field}.${key}`, grace) ?? []));
  }
  if (count === 0) errors.push(required(field, 'must specify a handler type'));
  return errors;
}

const PROBE_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const HOOK_HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'sleep'];
const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function probe(value: Probe, field: string, grace: number | undefined): FieldError[] {
  const errors = handler(value, PROBE_HANDLERS, field, grace);
  for (const key of COUNTS) errors.push(...nonNegative(value[key], `${field}.${key}`));
  const own = value.terminationGracePeriodSeconds;
  if (isSet(own) && own <= 0)
    errors.push(invalid(`${field}.terminationGracePeriodSeconds`, own, 'must be greater than 0'));
  return errors;
}

/** All three of a container. */
export function validateProbes(container: Container, field: string, grace: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const single = (key: 'livenessProbe' | 'readinessProbe' | 'startupProbe'): void => {
    const value = container[key];
    if (!value) return;
    errors.push(...probe(value, `${field}.${key}`, grace));
    if (value.successThreshold !== 1)
      errors.push(invalid(`${field}.${key}.successThreshold`, value.successThreshold ?? 0, 'must be 1'));
  };
  single('livenessProbe');
  const readiness = container.readinessProbe;
  if (readiness) {
    errors.push(...probe(readiness, `${field}.readinessProbe`, grace));
    const own = readiness.terminationGracePeriodSeconds;
    if (isSet(own))
      errors.push(
        invalid(`${field}.readinessProbe.terminationGracePeriodSeconds`, own, 'must not be set for readinessProbes'),
      );
  }
  single('startupProbe');
  return errors;
}

export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  field: string,
  grace: number | undefined,
): FieldError[] {
  if (!lifecycle) return [];
  const errors: FieldError[] = [];
  for (const key of ['postStart', 'preStop'] as const)
    if (lifecycle[key]) errors.push(...handler(lifecycle[key], HOOK_HANDLERS, `${field}.${key}`, grace));
  return errors;
}
