/** ResourceQuotas. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { type FieldError, immutable, invalid, required } from '../../objects/field-error.ts';
import type { ResourceQuota } from '../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../objects/go-value.ts';
import { isStandardQuotaResource, validateQuantity, validateQuotaResourceName } from '../../objects/resource-names.ts';

type Amounts = Record<string, string>;

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

function scopes(spec: ResourceQuota['spec']): FieldError[] {
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

function scopeSelector(spec: ResourceQuota['spec']): FieldError[] {
  if (!spec.scopeSelector) return [];
  const errors: FieldError[] = [];
  const field = 'spec.scopeSelector.matchExpressions';
  const hard = Object.keys(spec.hard ?? {}).sort();
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
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

const validateQuota = ({ spec }: ResourceQuota): FieldError[] => [
  ...amounts(spec.hard, 'spec.hard'),
  ...scopes(spec),
  ...scopeSelector(spec),
];

export const resourcequotas: Strategy<ResourceQuota> = {
  defaults(object) {
    object.spec ??= {} as ResourceQuota['spec'];
  },
  prepareForCreate(object) {
    object.status = {};
  },
  validate: validateQuota,
  validateUpdate(object, old) {
    const errors = validateQuota(object);
    const set = (o: ResourceQuota): string => [...new Set<string>(o.spec.scopes ?? [])].sort().join();
    if (set(object) !== set(old)) errors.push(immutable('spec.scopes', object.spec.scopes ?? null));
    return errors;
  },
  validateStatusUpdate: ({ status = {} }) => [
    ...amounts(status.hard, 'status.hard'),
    ...amounts(status.used, 'status.used'),
  ],
  hasGeneration: false,
};
