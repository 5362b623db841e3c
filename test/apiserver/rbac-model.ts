/**
 * RBAC written down as naively as can be: what is allowed is a set of single permissions, and every question is asked of all of them.
 * It shares nothing with the authorizer that it is compared with.
 */

export interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export interface Binding {
  namespace?: string;
  role: { kind: 'Role' | 'ClusterRole'; name: string };
  subjects: { kind: 'User' | 'Group' | 'ServiceAccount'; name: string; namespace?: string }[];
}

export interface Policy {
  clusterRoles: Record<string, Rule[]>;
  /** By namespace, then name. */
  roles: Record<string, Record<string, Rule[]>>;
  bindings: Binding[];
}

export interface User {
  name: string;
  groups: string[];
}

export type Question =
  | { verb: string; group: string; resource: string; name: string; namespace: string }
  | { verb: string; url: string };

/** Every rule that holds for a user, in the order in which the real server lists them; bindings are given in that order. */
export function rulesOf(policy: Policy, user: User, namespace: string): Rule[] {
  const all: Rule[] = [];
  for (const where of ['', namespace]) {
    if (where === '' || namespace !== '')
      for (const binding of policy.bindings) {
        if ((binding.namespace ?? '') !== where) continue;
        if (!binding.subjects.some((subject) => isHe(subject, user, where))) continue;
        const found =
          binding.role.kind === 'Role'
            ? policy.roles[where]?.[binding.role.name]
            : policy.clusterRoles[binding.role.name];
        all.push(...(found ?? []));
      }
    if (namespace === '') break;
  }
  return all;
}

function isHe(subject: Binding['subjects'][number], user: User, where: string): boolean {
  if (subject.kind === 'User') return user.name === subject.name;
  if (subject.kind === 'Group') return user.groups.indexOf(subject.name) >= 0;
  const parts = user.name.split(':');
  if (parts.length !== 4 || parts[0] !== 'system' || parts[1] !== 'serviceaccount') return false;
  return parts[2] === (subject.namespace ?? where) && parts[3] === subject.name;
}

/** A shell-like pattern with stars at its end only. */
function fits(pattern: string, text: string): boolean {
  if (!pattern.endsWith('*')) return pattern === text;
  return text.startsWith(pattern.slice(0, -1));
}

export function allows(rules: Rule[], question: Question): boolean {
  for (const rule of rules) {
    if (!rule.verbs.includes('*') && !rule.verbs.includes(question.verb)) continue;
    if ('url' in question) {
      for (const url of rule.nonResourceURLs ?? []) if (fits(url, question.url)) return true;
      continue;
    }
    const groups = rule.apiGroups ?? [];
    if (!groups.includes('*') && !groups.includes(question.group)) continue;
    const names = rule.resourceNames ?? [];
    if (names.length > 0 && !names.includes(question.name)) continue;
    const sub = question.resource.split('/')[1];
    for (const resource of rule.resources ?? [])
      if (resource === '*' || resource === question.resource || (sub !== undefined && resource === `*/${sub}`))
        return true;
  }
  return false;
}

/** The single permissions of `wanted` that no one rule of `held` has, each as text. */
export function missing(held: Rule[], wanted: Rule[]): string[] {
  const found: string[] = [];
  for (const rule of wanted) {
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        for (const verb of rule.verbs)
          for (const name of rule.resourceNames?.length ? rule.resourceNames : [undefined])
            if (!held.some((owner) => hasPermission(owner, group, resource, verb, name)))
              found.push([verb, group, resource, name ?? '-'].join(' '));
    for (const url of rule.nonResourceURLs ?? [])
      for (const verb of rule.verbs)
        if (
          !held.some(
            (owner) =>
              anyOf(owner.verbs, verb) &&
              (owner.nonResourceURLs ?? []).some((u) => fits(u, url)) &&
              !owner.resourceNames?.length,
          )
        )
          found.push([verb, url].join(' '));
  }
  return found;
}

const anyOf = (list: string[] | undefined, wanted: string): boolean =>
  (list ?? []).indexOf('*') >= 0 || (list ?? []).indexOf(wanted) >= 0;

function hasPermission(owner: Rule, group: string, resource: string, verb: string, name: string | undefined): boolean {
  if (!anyOf(owner.verbs, verb) || !anyOf(owner.apiGroups, group)) return false;
  if (owner.resourceNames?.length && (name === undefined || !owner.resourceNames.includes(name))) return false;
  if (anyOf(owner.resources, resource)) return true;
  const slash = resource.indexOf('/');
  return slash > 0 && (owner.resources ?? []).includes(`*${resource.slice(slash)}`);
}
