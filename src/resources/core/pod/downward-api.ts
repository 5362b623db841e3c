/** References from a container or volume to fields of its own pod. Source: k8s.io/kubernetes/pkg/apis/core/pods and validation. */

import { qualifiedName } from '../../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../../objects/field-error.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../objects/generated/core-v1.gen.ts';
import { canonicalQuantity } from '../../../objects/quantity.ts';

const CONVERTIBLE = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

export const ENVIRONMENT_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const BINARY_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

export function validateFieldRef(ref: ObjectFieldSelector, allowed: readonly string[], field: string): FieldError[] {
  const { apiVersion = '', fieldPath = '' } = ref;
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  const conversion = (words: string): FieldError[] => [
    invalid(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${words}`),
  ];
  if (apiVersion !== 'v1') return conversion(`unsupported pod version: ${apiVersion}`);
  const subscript = fieldPath.indexOf("['");
  if (subscript >= 0 && fieldPath.length >= subscript + 4 && fieldPath.endsWith("']")) {
    const path = fieldPath.slice(0, subscript);
    const key = fieldPath.slice(subscript + 2, -2);
    if (path === 'metadata.annotations') return qualifiedName(key.toLowerCase(), field);
    if (path === 'metadata.labels') return qualifiedName(key, field);
    return conversion(`field label does not support subscript: ${fieldPath}`);
  }
  const path = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  if (!CONVERTIBLE.has(path)) return conversion(`field label not supported: ${fieldPath}`);
  return allowed.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, allowed)];
}

export function validateResourceFieldRef(ref: ResourceFieldSelector, field: string, volume: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const resource: string = ref.resource ?? '';
  const hugePages = /^(requests|limits)\.hugepages-/.test(resource);
  if (volume && !ref.containerName) errors.push(required(`${field}.containerName`));
  else if (!resource) errors.push(required(`${field}.resource`));
  else if (!RESOURCES.includes(resource) && !hugePages)
    errors.push(notSupported(`${field}.resource`, resource, RESOURCES));
  errors.push(...validateDivisor(resource, ref.divisor, `${field}.divisor`));
  return errors;
}

function validateDivisor(resource: string, divisor: string | undefined, field: string): FieldError[] {
  const value = canonicalQuantity(divisor ?? '0');
  if (value === '0') return [];
  const kind = resource.slice(resource.indexOf('.') + 1);
  if (kind === 'cpu')
    return value === '1m' || value === '1'
      ? []
      : [invalid(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  const names: Record<string, string> = { memory: 'memory', 'ephemeral-storage': 'local ephemeral storage' };
  const name = kind.startsWith('hugepages-') ? 'hugepages' : names[kind];
  if (!name || BINARY_DIVISORS.includes(value)) return [];
  const list = BINARY_DIVISORS.join(', ');
  return [invalid(field, resource, `only divisor's values ${list} are supported with the ${name} resource`)];
}
