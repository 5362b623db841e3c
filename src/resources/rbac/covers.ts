/**
 * Whether some rules allow all that others do, and what is missing.
 * Models k8s.io/component-helpers/auth/rbac/validation and pkg/registry/rbac/validation/policy_compact.go.
 */
import { urlMatches } from './authorizer.ts';
import type { PolicyRule } from './policy-rule.ts';

/** What may be compared: the wanted rules' entries and single permissions, times the rules that are held. Some 100 ms of work. */
export const MAX_COMPARISONS = 1_000_000;

/** Too many permissions at once: nobody can say what is missing. */
export class TooManyPermissions extends Error {}

/** What `wanted` allows and `held` does not, one permission each, in order. @throws TooManyPermissions */
export function uncovered(held: PolicyRule[], wanted: PolicyRule[]): PolicyRule[] {
  // A rule that one of the held ones covers as a whole need not be taken apart.
  const owners = held.map(prepared);
  allow(wanted, entriesIn, owners);
  const open = wanted.filter((rule) => !owners.some((owner) => coversAll(owner, rule)));
  allow(open, permissionsIn, owners);
  return open.flatMap(permissions).filter((one) => !owners.some((owner) => coversAll(owner, one)));
}

function allow(rules: PolicyRule[], count: (rule: PolicyRule) => number, owners: Owner[]): void {
  const work = rules.reduce((sum, rule) => sum + count(rule), 0) * Math.max(owners.length, 1);
  if (work > MAX_COMPARISONS) throw new TooManyPermissions('too many permissions to compare at once');
}

const size = (list: string[] | undefined): number => list?.length ?? 0;

const entriesIn = (rule: PolicyRule): number => Object.values(rule).reduce((sum, list) => sum + size(list), 0);

const permissionsIn = (rule: PolicyRule): number =>
  size(rule.verbs) *
  (size(rule.apiGroups) * size(rule.resources) * Math.max(size(rule.resourceNames), 1) + size(rule.nonResourceURLs));

function permissions(rule: PolicyRule): PolicyRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = withoutNulls(rule);
  const names = resourceNames.length > 0 ? resourceNames.map((name) => ({ resourceNames: [name] })) : [{}];
  const single: PolicyRule[] = [];
  for (const group of apiGroups)
    for (const resource of resources)
      for (const verb of verbs)
        for (const name of names) single.push({ apiGroups: [group], resources: [resource], verbs: [verb], ...name });
  for (const url of nonResourceURLs) for (const verb of verbs) single.push({ nonResourceURLs: [url], verbs: [verb] });
  return single;
}

const withoutNulls = (rule: PolicyRule): PolicyRule =>
  Object.fromEntries(Object.entries(rule).filter(([, list]) => list)) as PolicyRule;

interface Owner {
  verbs: Set<string>;
  groups: Set<string>;
  resources: Set<string>;
  names: Set<string>;
  urls: string[];
}

const prepared = (rule: PolicyRule): Owner => ({
  verbs: new Set(rule.verbs),
  groups: new Set(rule.apiGroups),
  resources: new Set(rule.resources),
  names: new Set(rule.resourceNames),
  urls: rule.nonResourceURLs ?? [],
});

const hasAll = (set: Set<string>, wanted: string[] | undefined): boolean =>
  set.has('*') || (wanted ?? []).every((one) => set.has(one));

function coversAll(owner: Owner, rule: PolicyRule): boolean {
  const names = rule.resourceNames ?? [];
  return (
    hasAll(owner.verbs, rule.verbs) &&
    hasAll(owner.groups, rule.apiGroups) &&
    (owner.resources.has('*') ||
      (rule.resources ?? []).every((resource) => coversResource(owner.resources, resource))) &&
    (owner.names.size === 0 || (names.length > 0 && names.every((name) => owner.names.has(name)))) &&
    (rule.nonResourceURLs ?? []).every((url) => owner.urls.some((held) => urlMatches(held, url)))
  );
}

function coversResource(held: Set<string>, resource: string): boolean {
  if (held.has(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && held.has(`*${resource.slice(slash)}`);
}

/** Rules of one resource that differ in their verbs alone become one; verbs come as they are met, doubles and all. */
export function compacted(rules: PolicyRule[]): PolicyRule[] {
  const others: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } = rule;
    if (size(apiGroups) !== 1 || size(resources) !== 1 || size(resourceNames) > 1 || size(nonResourceURLs) > 0) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const known = simple.get(key);
    if (known) known.verbs!.push(...(verbs ?? []));
    else simple.set(key, { ...rule, verbs: [...(verbs ?? [])] });
  }
  return [...others, ...simple.values()];
}

const PRINTED = [
  ['APIGroups', 'apiGroups'],
  ['Resources', 'resources'],
  ['NonResourceURLs', 'nonResourceURLs'],
  ['ResourceNames', 'resourceNames'],
  ['Verbs', 'verbs'],
] as const;

/** A list as Go prints it with `%q`. */
export const quotedList = (list: readonly string[]): string =>
  `[${list.map((text) => JSON.stringify(text)).join(' ')}]`;

/** A rule as messages have it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function ruleText(rule: PolicyRule): string {
  const parts = PRINTED.filter(([, field]) => size(rule[field]) > 0);
  return `{${parts.map(([label, field]) => `${label}:${quotedList(rule[field]!)}`).join(', ')}}`;
}
