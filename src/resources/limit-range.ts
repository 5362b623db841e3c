/** LimitRanges and ResourceQuotas. Source: k8s.io/kubernetes/pkg/apis/core/validation. */
import { checked } from './field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from './field-error.ts';
import { goValue } from './go-value.ts';
import { immutable } from './metadata.ts';
import { isQualifiedName } from './names.ts';
import type { KubeObject } from './object.ts';
import { compareQuantities, milliValue } from './quantity.ts';
import {
  isOvercommitAllowed,
  isStandardQuotaResource,
  validateContainerResourceName,
  validateQuantity,
  validateQuotaResourceName,
  validateResourceName,
} from './resource-names.ts';
import type { Strategy } from './strategy.ts';

type Amounts = Record<string, string>;

function defaultLimitRange(object: KubeObject): void {
  object.spec ??= {};
  for (const item of object.spec.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits: Amounts = { ...item.max, ...item.default };
    const requests: Amounts = { ...item.min, ...limits, ...item.defaultRequest };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
}

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

function typeName(type: string, field: string): FieldError[] {
  const errors = [...checked(isQualifiedName(type), field, type)];
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors;
  return [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

function bounds(item: any, key: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const [min, max, limit, request, ratio] = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map(
    (name) => (item.type === 'Pod' && name.startsWith('default') ? undefined : item[name]?.[key]),
  );
  const above = (a: string | undefined, b: string | undefined): boolean =>
    a !== undefined && b !== undefined && compareQuantities(a, b) > 0;
  const wrong = (name: string, value: string, words: string): void =>
    void errors.push(invalid(`${field}.${name}[${key}]`, value, words));
  if (above(min, max)) wrong('min', min, `min value ${min} is greater than max value ${max}`);
  if (above(min, request))
    wrong('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  if (above(request, max))
    wrong('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  if (above(request, limit))
    wrong('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`);
  if (above(min, limit)) wrong('default', min, `min value ${min} is greater than default value ${limit}`);
  if (above(limit, max)) wrong('default', max, `default value ${limit} is greater than max value ${max}`);
  if (ratio !== undefined) {
    const value = milliValue(ratio) / 1000;
    if (value < 1) wrong('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`);
    if (min !== undefined && max !== undefined) {
      const most = milliValue(max) / milliValue(min);
      if (value > most)
        wrong('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
    }
  }
  if (
    !isOvercommitAllowed(key) &&
    limit !== undefined &&
    request !== undefined &&
    compareQuantities(limit, request) !== 0
  )
    wrong('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${key}`);
  return errors;
}

function validateLimitRange(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const limits: any[] = object.spec.limits ?? [];
  for (const [i, item] of limits.entries()) {
    const path = `spec.limits[${i}]`;
    const type: string = item.type ?? '';
    errors.push(...typeName(type, `${path}.type`));
    if (limits.slice(0, i).some((other) => (other.type ?? '') === type)) errors.push(duplicate(`${path}.type`, type));
    const isPod = type === 'Pod';
    const name = isPod || type === 'Container' ? validateContainerResourceName : validateResourceName;
    const keys = new Set<string>();
    const visit = (field: string): void => {
      for (const key of Object.keys(item[field] ?? {})) {
        errors.push(...name(key, `${path}.${field}[${key}]`));
        keys.add(key);
      }
    };
    visit('max');
    visit('min');
    for (const field of ['default', 'defaultRequest'])
      if (!isPod) visit(field);
      else if (Object.keys(item[field] ?? {}).length > 0)
        errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    if (type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage)
      errors.push(
        required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
      );
    visit('maxLimitRequestRatio');
    for (const key of keys) errors.push(...bounds(item, key, path));
  }
  return errors;
}

const POD_SCOPES = ['Terminating', 'NotTerminating', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity'];
const SCOPES = [...POD_SCOPES, 'BestEffort', 'VolumeAttributesClass'];
const POD_RESOURCES = ['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const CLAIM_RESOURCES = ['persistentvolumeclaims', 'requests.storage'];

function scopeFits(scope: string, resource: string): boolean {
  if (POD_SCOPES.includes(scope)) return POD_RESOURCES.includes(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  return scope === 'VolumeAttributesClass' ? CLAIM_RESOURCES.includes(resource) : true;
}

const PAIRS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

function scopes(spec: any): FieldError[] {
  const errors: FieldError[] = [];
  const list: string[] = spec.scopes ?? [];
  const hard = Object.keys(spec.hard ?? {}).sort();
  const field = 'spec.scopes';
  for (const scope of list) {
    if (!SCOPES.includes(scope)) errors.push(invalid(field, list, 'unsupported scope'));
    for (const name of hard)
      if (isStandardQuotaResource(name) && !scopeFits(scope, name))
        errors.push(invalid(field, list, 'unsupported scope applied to resource'));
  }
  for (const pair of PAIRS)
    if (pair.every((scope) => list.includes(scope))) errors.push(invalid(field, list, 'conflicting scopes'));
  return errors;
}

function scopeSelector(spec: any): FieldError[] {
  if (!spec.scopeSelector) return [];
  const errors: FieldError[] = [];
  const field = 'spec.scopeSelector.matchExpressions';
  const hard = Object.keys(spec.hard ?? {}).sort();
  const expressions: any[] = spec.scopeSelector.matchExpressions ?? [];
  for (const { scopeName = '', operator = '', values = [] } of expressions) {
    if (!SCOPES.includes(scopeName)) errors.push(invalid(`${field}.scopeName`, scopeName, 'unsupported scope'));
    for (const name of hard)
      if (isStandardQuotaResource(name) && !scopeFits(scopeName, name))
        errors.push(
          invalid(field, goValue('core.ScopeSelector', spec.scopeSelector), 'unsupported scope applied to resource'),
        );
    const existing = [...POD_SCOPES, 'BestEffort'].includes(scopeName) && scopeName !== 'PriorityClass';
    if (existing && operator !== 'Exists')
      errors.push(
        invalid(
          `${field}.operator`,
          operator,
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
        ),
      );
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(
          required(
            `${field}.values`,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        );
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(
          invalid(
            `${field}.values`,
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
    } else errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  for (const pair of PAIRS)
    if (pair.every((scope) => expressions.some((e) => e.scopeName === scope)))
      errors.push(invalid(field, spec.scopes ?? null, 'conflicting scopes'));
  return errors;
}

function amounts(map: Amounts | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(map ?? {})) {
    const path = `${field}[${name}]`;
    errors.push(...validateQuotaResourceName(name, path), ...validateQuantity(name, value, path));
  }
  return errors;
}

const validateQuota = ({ spec }: KubeObject): FieldError[] => [
  ...amounts(spec.hard, 'spec.hard'),
  ...scopes(spec),
  ...scopeSelector(spec),
];

const resourcequotas: Strategy = {
  defaults(object) {
    object.spec ??= {};
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: validateQuota,
  validateUpdate(object, old) {
    const errors = validateQuota(object);
    const set = (o: KubeObject): string => [...new Set<string>(o.spec.scopes ?? [])].sort().join();
    if (set(object) !== set(old)) errors.push(immutable('spec.scopes', object.spec.scopes ?? null));
    return errors;
  },
  validateStatusUpdate: ({ status = {} }) => [
    ...amounts(status.hard, 'status.hard'),
    ...amounts(status.used, 'status.used'),
  ],
  hasGeneration: false,
};

const limitranges: Strategy = {
  defaults: defaultLimitRange,
  validate: validateLimitRange,
  allowCreateOnUpdate: true,
};

export const LIMIT_STRATEGIES: Record<string, Strategy> = { limitranges, resourcequotas };
