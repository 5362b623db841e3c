/**
 * RBAC as kube-apiserver's authorizer decides it, on a view that holds the roles and bindings.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ (models pkg/registry/rbac/validation/rule.go).
 */
import type { ClusterRoleBinding, RoleBinding, RoleRef } from '../../objects/generated/rbac-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import type { PolicyRule } from './policy-rule.ts';
import { holdsIn, rulesBeside, type TokenGrant } from './token-grant.ts';

/** Of a user, what rules are given to. */
export interface Requester {
  user: string;
  groups: string[];
  /** What his token gives him, beside what is bound to him. */
  grant?: TokenGrant;
}

/** What a request wants to do: to a resource, or (with `path`) to a URL that is none. */
export type Attributes =
  | {
      verb: string;
      group: string;
      version: string;
      resource: string;
      subresource?: string;
      namespace?: string;
      name?: string;
      path?: undefined;
    }
  | { verb: string; path: string };

const CLUSTER_ROLE_BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';
const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';
const ROLE_BINDINGS = 'rolebindings.rbac.authorization.k8s.io';
const ROLES = 'roles.rbac.authorization.k8s.io';

/** Where the policy lies: what must be in the view. */
export const POLICY_RESOURCES = [CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES] as const;

export interface Decision {
  allowed: boolean;
  /** Which binding allowed it, or which could not be followed, as the real authorizer words it; '' when there is nothing to say. */
  reason: string;
}

/** Whom the API server asks nothing. */
export const isMaster = (who: Requester): boolean => who.groups.includes('system:masters');

export function authorize(who: Requester, attributes: Attributes, policy: View): Decision {
  if (isMaster(who)) return { allowed: true, reason: '' };
  const problems: string[] = [];
  for (const { rules, reason, problem } of grantsFor(
    who,
    attributes.path === undefined ? attributes.namespace : '',
    policy,
  )) {
    if (problem) problems.push(problem);
    else if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason };
  }
  return { allowed: false, reason: problems.length > 0 ? `rbac: RBAC: ${aggregate(problems)}` : '' };
}

/** Several errors as one. Source: k8s.io/apimachinery/pkg/util/errors. */
export function aggregate(problems: string[]): string {
  const distinct = [...new Set(problems)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

export interface Grant {
  rules: PolicyRule[];
  /** The binding in the authorizer's words. */
  reason: string;
  /** Why the binding could not be followed. */
  problem?: string;
}

/** All that is given to this user in this namespace, cluster-wide grants first, each with its binding's words. */
export function* grantsFor(who: Requester, namespace: string | undefined, policy: View): Generator<Grant> {
  if (who.grant && holdsIn(who.grant, namespace)) yield grantOfToken(who.grant, policy);
  for (const binding of policy.list(CLUSTER_ROLE_BINDINGS)) yield* grantOf(binding, 'ClusterRoleBinding', who, policy);
  if (!namespace) return;
  for (const binding of policy.list(ROLE_BINDINGS, namespace)) yield* grantOf(binding, 'RoleBinding', who, policy);
}

function grantOfToken(grant: TokenGrant, policy: View): Grant {
  const reason = `RBAC: allowed by the token's role ${JSON.stringify(grant.role)}`;
  const rules = rulesOfRole({ kind: 'ClusterRole', name: grant.role }, '', policy);
  if (typeof rules === 'string') return { rules: [], reason, problem: rules };
  return { rules: [...rules, ...rulesBeside(grant)], reason };
}

type Binding = ClusterRoleBinding | RoleBinding;

function* grantOf(binding: Binding, kind: string, who: Requester, policy: View): Generator<Grant> {
  const { name, namespace = '' } = binding.metadata;
  const subject = matchingSubject(binding, who, namespace);
  if (subject === undefined) return;
  const role: Partial<RoleRef> = binding.roleRef ?? {};
  const bound = namespace ? `${name}/${namespace}` : name;
  const reason = `RBAC: allowed by ${kind} ${JSON.stringify(bound)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject}`;
  const rules = rulesOfRole(role, namespace, policy);
  yield typeof rules === 'string' ? { rules: [], reason, problem: rules } : { rules, reason };
}

/** The rules of a role that a binding in `namespace` ('': of the whole cluster) refers to, or why there are none. */
export function rulesOfRole(
  ref: { kind?: string; name?: string },
  namespace: string,
  policy: View,
): PolicyRule[] | string {
  const name = ref.name ?? '';
  const missing = (kind: string): string => `${kind}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
  switch (ref.kind) {
    case 'Role': {
      const role = policy.get(ROLES, namespace, name);
      return role ? (role.rules ?? []) : missing('role');
    }
    case 'ClusterRole': {
      const role = policy.get(CLUSTER_ROLES, undefined, name);
      return role ? (role.rules ?? []) : missing('clusterrole');
    }
    default:
      return `unsupported role reference kind: ${JSON.stringify(ref.kind ?? '')}`;
  }
}

function matchingSubject(binding: Binding, who: Requester, namespace: string): string | undefined {
  for (const subject of binding.subjects ?? []) {
    const { kind, name = '' } = subject;
    if (kind === 'User' && name === who.user) return `User ${JSON.stringify(name)}`;
    if (kind === 'Group' && who.groups.includes(name)) return `Group ${JSON.stringify(name)}`;
    if (kind !== 'ServiceAccount') continue;
    const home = subject.namespace || namespace;
    if (home && who.user === `system:serviceaccount:${home}:${name}`)
      return `ServiceAccount ${JSON.stringify(`${name}/${home}`)}`;
  }
  return undefined;
}

function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return (rule.nonResourceURLs ?? []).some((u) => urlMatches(u, attributes.path));
  if (!has(rule.apiGroups, attributes.group)) return false;
  if (!resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(attributes.name ?? '');
}

const has = (list: string[] | undefined, wanted: string): boolean =>
  list?.some((x) => x === '*' || x === wanted) ?? false;

function resourceMatches(resources: string[], resource: string, subresource: string | undefined): boolean {
  const whole = subresource ? `${resource}/${subresource}` : resource;
  return resources.some((r) => r === '*' || r === whole || (subresource ? r === `*/${subresource}` : false));
}

/** Whether a path is one that the pattern stands for: itself, or all that begins as it does before its stars. */
export function urlMatches(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  let end = pattern.length;
  while (end > 0 && pattern[end - 1] === '*') end--;
  return end < pattern.length && path.startsWith(pattern.slice(0, end));
}
