/** Names of resources (cpu, pods, example.com/gpu) and what may be counted where. Source: k8s.io/kubernetes/pkg/apis/core/helper. */
import { type FieldError, invalid, notSupported } from './field-error.ts';
import { isQualifiedName } from './names.ts';
import { milliValue, parseQuantity } from './quantity.ts';

const NATIVE_DOMAIN = 'kubernetes.io/';
const HUGE_PAGES = 'hugepages-';
const REQUESTS = 'requests.';

const CONTAINER_RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];

const QUOTA_RESOURCES = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];

const STANDARD_RESOURCES = [...QUOTA_RESOURCES, 'storage'];

const INTEGER_RESOURCES = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES);

const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith(`${REQUESTS}${HUGE_PAGES}`);

/** Without a domain, or in Kubernetes' own. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes(NATIVE_DOMAIN);

/** As the types' own rule words it. */
export function wrongInExtendedResource(name: string): string[] {
  const wrong: string[] = [];
  if (!name.includes('/')) wrong.push("a name must be a domain-prefixed path, such as 'example.com/my-prop'");
  else if (name.includes('kubernetes.io/')) wrong.push('must not have "kubernetes.io/" domain');
  if (name.startsWith(REQUESTS)) wrong.push(`must not have "${REQUESTS}" prefix`);
  return [...wrong, ...isQualifiedName(`${REQUESTS}${name}`)];
}

export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith(REQUESTS)) return false;
  return isQualifiedName(`${REQUESTS}${name}`).length === 0;
}

/** Extended resources and huge pages are given whole: a request equals its limit. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

export const isStandardQuotaResource = (name: string): boolean =>
  QUOTA_RESOURCES.includes(name) || isQuotaHugePages(name);

function validateName(name: string, field: string): FieldError[] {
  const errors = isQualifiedName(name).map((words) => invalid(field, name, words));
  if (errors.length > 0 || name.includes('/')) return errors;
  return STANDARD_RESOURCES.includes(name) || isQuotaHugePages(name)
    ? []
    : [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

export const validateResourceName = validateName;

export function validateContainerResourceName(name: string, field: string): FieldError[] {
  const errors = validateName(name, field);
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.includes(name) && !isHugePages(name))
      errors.push(invalid(field, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtendedResource(name))
    errors.push(invalid(field, name, "doesn't follow extended resource name standard"));
  return errors;
}

export function validatePodResourceName(name: string, field: string): FieldError[] {
  const errors = validateName(name, field);
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors;
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])];
}

export function validateQuotaResourceName(name: string, field: string): FieldError[] {
  const errors = validateName(name, field);
  if (!name.includes('/') && !isStandardQuotaResource(name))
    errors.push(invalid(field, name, 'must be a standard resource for quota'));
  return errors;
}

export const validateNonnegativeQuantity = (value: string | number, field: string): FieldError[] =>
  parseQuantity(value).nanos < 0n ? [invalid(field, String(value), 'must be greater than or equal to 0')] : [];

export function validateQuantity(name: string, value: string | number, field: string): FieldError[] {
  const errors = validateNonnegativeQuantity(value, field);
  if ((INTEGER_RESOURCES.includes(name) || isExtendedResource(name)) && milliValue(value) % 1000 !== 0)
    errors.push(invalid(field, String(value), 'must be an integer'));
  return errors;
}
