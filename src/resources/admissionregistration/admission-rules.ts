/** What webhooks and admission policies share: the rules that say what they concern. Source: k8s.io/kubernetes/pkg/apis/admissionregistration. */

import { checked, isSet, qualifiedName } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../objects/field-error.ts';
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { isPathSegmentName } from '../../objects/names.ts';
import type { Unchecked } from '../../objects/object.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { matchConditionErrors } from './expression-validation.ts';
import type { StoredExpressions } from './stored-expressions.ts';

export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
export const CONDITIONS_MAX = 64;

const alone = (list: string[], field: string, what: string): FieldError[] =>
  list.length > 1 && list.includes('*')
    ? [invalid(field, list, `if '*' is present, must not specify other ${what}`)]
    : [];

const orRequired = (list: string[], field: string): FieldError[] => (list.length === 0 ? [required(field)] : []);

/** A rule with its operations. */
export function validateRule(rule: Unchecked<RuleWithOperations>, field: string): FieldError[] {
  const list = (
    part: keyof RuleWithOperations & ('operations' | 'apiGroups' | 'apiVersions' | 'resources'),
  ): string[] => rule[part] ?? [];
  const [operations, apiGroups] = [list('operations'), list('apiGroups')];
  const [apiVersions, resources] = [list('apiVersions'), list('resources')];
  const { scope } = rule;
  const errors = [
    ...orRequired(operations, `${field}.operations`),
    ...alone(operations, `${field}.operations`, 'operations'),
  ];
  for (const [i, operation] of operations.entries())
    if (!OPERATIONS.includes(operation)) errors.push(notSupported(`${field}.operations[${i}]`, operation, OPERATIONS));
  errors.push(...orRequired(apiGroups, `${field}.apiGroups`), ...alone(apiGroups, `${field}.apiGroups`, 'API groups'));
  errors.push(
    ...orRequired(apiVersions, `${field}.apiVersions`),
    ...alone(apiVersions, `${field}.apiVersions`, 'API versions'),
  );
  for (const [i, version] of apiVersions.entries())
    if (version === '') errors.push(required(`${field}.apiVersions[${i}]`));
  errors.push(...validateResources(resources, `${field}.resources`));
  if (isSet(scope) && !SCOPES.includes(scope)) errors.push(notSupported(`${field}.scope`, scope, SCOPES));
  return errors;
}

function validateResources(resources: string[], field: string): FieldError[] {
  const errors = orRequired(resources, field);
  const everySubresourceOf = new Set<string>();
  const ofEveryResource = new Set<string>();
  let plain = false;
  for (const [i, resource] of resources.entries()) {
    if (resource === '') {
      errors.push(required(`${field}[${i}]`));
      continue;
    }
    const slash = resource.indexOf('/');
    if (slash < 0) {
      plain = resource !== '*';
      continue;
    }
    const [name, sub] = [resource.slice(0, slash), resource.slice(slash + 1)];
    const overlap = (pattern: string): FieldError =>
      invalid(`${field}[${i}]`, resource, `if '${pattern}' is present, must not specify ${resource}`);
    if (everySubresourceOf.has(name)) errors.push(overlap(`${name}/*`));
    if (ofEveryResource.has(sub)) errors.push(overlap(`*/${sub}`));
    if (sub === '*') everySubresourceOf.add(name);
    if (name === '*') ofEveryResource.add(sub);
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalid(field, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes('*') && plain)
    errors.push(invalid(field, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

function validateNamedRule(rule: Unchecked<NamedRuleWithOperations>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, name] of (rule.resourceNames ?? []).entries()) {
    const at = `${field}.resourceNames[${i}]`;
    errors.push(...checked(isPathSegmentName(name), at, name));
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
  }
  return [...errors, ...validateRule(rule, field)];
}

export function validateMatchResources(match: Unchecked<MatchResources> | undefined, field: string): FieldError[] {
  if (!match) return [];
  const errors: FieldError[] = [];
  if (!isSet(match.matchPolicy)) errors.push(required(`${field}.matchPolicy`));
  else if (!MATCH_POLICIES.includes(match.matchPolicy))
    errors.push(notSupported(`${field}.matchPolicy`, match.matchPolicy, MATCH_POLICIES));
  for (const selector of ['namespaceSelector', 'objectSelector'] as const)
    if (!match[selector]) errors.push(required(`${field}.${selector}`));
    else errors.push(...validateLabelSelector(match[selector], `${field}.${selector}`));
  for (const list of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [i, rule] of (match[list] ?? []).entries())
      errors.push(...validateNamedRule(rule, `${field}.${list}[${i}]`));
  return errors;
}

export function mutatingOperations(match: Unchecked<MatchResources>, field: string): FieldError[] {
  return (match.resourceRules ?? []).flatMap((rule) =>
    (rule.operations ?? [])
      .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
      .map((operation) => notSupported(`${field}.resourceRules.operations`, operation, MUTATING_OPERATIONS)),
  );
}

export function validateMatchConditions(
  conditions: Unchecked<MatchCondition>[] | null | undefined,
  field: string,
  params: boolean,
  stored: StoredExpressions,
): FieldError[] {
  if (stored.keepsMatchConditions) return [];
  const all = conditions ?? [];
  const errors = all.length > CONDITIONS_MAX ? [tooMany(field, all.length, CONDITIONS_MAX)] : [];
  const names = new Set<string>();
  for (const [i, { name, expression }] of all.entries()) {
    const at = `${field}[${i}]`;
    if (!expression?.trim()) errors.push(required(`${at}.expression`));
    else errors.push(...matchConditionErrors(expression, `${at}.expression`, params, stored));
    if (!name) {
      errors.push(required(`${at}.name`));
      continue;
    }
    errors.push(...qualifiedName(name, `${at}.name`));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  return errors;
}

/** Fills in what a rule leaves open, in place. */
export function ruleDefaults(rules: RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

export function matchDefaults(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  ruleDefaults(match.resourceRules);
  ruleDefaults(match.excludeResourceRules);
}
