/**
 * RBAC as kube-apiserver's authorizer decides it, on a view that holds the roles and bindings.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */

import type { KubeObject, View } from '../resources/object.ts';
import type { Identity } from './authentication.ts';
import { StatusError } from './status.ts';

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

interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export const POLICY_RESOURCES = [
  'clusterrolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
] as const;

export interface Decision {
  allowed: boolean;
  /** Which binding allowed it, as the real authorizer words it; '' when refused. */
  reason: string;
}

export function authorize(identity: Identity, attributes: Attributes, policy: View): Decision {
  if (identity.groups.includes('system:masters')) return { allowed: true, reason: '' };
  for (const { rules, reason } of rulesFor(
    identity,
    'namespace' in attributes ? attributes.namespace : undefined,
    policy,
  ))
    if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason };
  return { allowed: false, reason: '' };
}

/** Every rule that holds for this user in this namespace (cluster-wide ones included), with its binding's words. */
export function* rulesFor(
  identity: Identity,
  namespace: string | undefined,
  policy: View,
): Generator<{ rules: PolicyRule[]; reason: string }> {
  for (const binding of policy.list(POLICY_RESOURCES[0])) {
    const subject = matchingSubject(binding, identity, undefined);
    if (subject)
      yield {
        rules: policy.get(POLICY_RESOURCES[1], undefined, binding.roleRef.name)?.rules ?? [],
        reason: `RBAC: allowed by ClusterRoleBinding "${binding.metadata.name}" of ClusterRole "${binding.roleRef.name}" to ${subject}`,
      };
  }
  if (!namespace) return;
  for (const binding of policy.list(POLICY_RESOURCES[2], namespace)) {
    const subject = matchingSubject(binding, identity, namespace);
    if (!subject) continue;
    const { kind, name } = binding.roleRef;
    const role =
      kind === 'ClusterRole'
        ? policy.get(POLICY_RESOURCES[1], undefined, name)
        : policy.get(POLICY_RESOURCES[3], namespace, name);
    yield {
      rules: role?.rules ?? [],
      reason: `RBAC: allowed by RoleBinding "${binding.metadata.name}/${namespace}" of ${kind} "${name}" to ${subject}`,
    };
  }
}

function matchingSubject(binding: KubeObject, identity: Identity, namespace: string | undefined): string | undefined {
  for (const subject of binding.subjects ?? []) {
    switch (subject.kind) {
      case 'User':
        if (subject.name === identity.user) return `User "${subject.name}"`;
        break;
      case 'Group':
        if (identity.groups.includes(subject.name)) return `Group "${subject.name}"`;
        break;
      case 'ServiceAccount': {
        const home = subject.namespace ?? namespace;
        if (identity.user === `system:serviceaccount:${home}:${subject.name}`)
          return `ServiceAccount "${subject.name}/${home}"`;
        break;
      }
    }
  }
  return undefined;
}

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined) return (rule.nonResourceURLs ?? []).some((u) => urlMatches(u, attributes.path));
  if (!has(rule.apiGroups, attributes.group)) return false;
  if (!resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || (attributes.name !== undefined && names.includes(attributes.name));
}

const has = (list: string[] | undefined, wanted: string): boolean =>
  list?.some((x) => x === '*' || x === wanted) ?? false;

function resourceMatches(resources: string[], resource: string, subresource: string | undefined): boolean {
  const whole = subresource ? `${resource}/${subresource}` : resource;
  return resources.some((r) => r === '*' || r === whole || (subresource !== undefined && r === `*/${subresource}`));
}

const urlMatches = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));

/** The 403 that the real server words for a refused request. */
export function refusal(identity: Identity, attributes: Attributes): StatusError {
  const who = `User ${JSON.stringify(identity.user)} cannot ${attributes.verb}`;
  if (attributes.path !== undefined)
    return new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(attributes.path)}`, {});
  const { group, resource, subresource, namespace, name } = attributes;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const subject = group ? `${resource}.${group}` : resource;
  return new StatusError(
    403,
    'Forbidden',
    `${subject}${name ? ` ${JSON.stringify(name)}` : ''} is forbidden: ${who} resource "${what}" in API group "${group}" ${where}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  );
}
