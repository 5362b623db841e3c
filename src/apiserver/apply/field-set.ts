/**
 * Sets of fields as `fieldsV1` has them: a tree whose keys are `f:name`, `k:{"name":"c"}`, `v:"value"`. A node without children is in the
 * set; one with children is in it when it has `.`. Trees are never changed: operations share what they can.
 * Source: sigs.k8s.io/structured-merge-diff/fieldpath.
 */

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The node of a field that is in the set and has nothing below. */
export const MEMBER: FieldSet = Object.freeze({});

const SELF = '.';

/** Trees that have been seen to have something in them: to find a first key costs what all keys of a large object do. */
const filled = new WeakSet<FieldSet>();

function hasKeys(set: FieldSet): boolean {
  if (filled.has(set)) return true;
  for (const _ in set) {
    filled.add(set);
    return true;
  }
  return false;
}

function hasChildren(node: FieldSet): boolean {
  for (const key in node) if (key !== SELF) return true;
  return false;
}

/** Whether a node of a tree stands for a member of its set. */
export const isMember = (node: FieldSet): boolean => SELF in node || !hasKeys(node);

/** A node that is a member itself, with what is below it. */
export function withSelf(children: FieldSet | undefined): FieldSet {
  return children && hasKeys(children) && !(SELF in children) ? { [SELF]: MEMBER, ...children } : (children ?? MEMBER);
}

/** A map of so many keys is better made of a list of them than key by key. */
const MANY = 256;

/** The set of all keys that a map has; undefined when it has none. `self`: and of the map itself. */
export function keysOf(map: Record<string, unknown>, self: boolean): FieldSet | undefined {
  const keys: string[] = [];
  for (const key in map) if (map[key] !== undefined) keys.push(`f:${key}`);
  if (keys.length === 0) return undefined;
  const all = self ? [SELF, ...keys] : keys;
  const set: FieldSet =
    all.length > MANY ? Object.fromEntries(all.map((key): [string, FieldSet] => [key, MEMBER])) : bareKeys(all);
  filled.add(set);
  return set;
}

/** Whether a set is that of all keys of a map, and of nothing else. */
export function isKeysOf(map: Record<string, unknown>, set: FieldSet): boolean {
  let more = 0;
  for (const key in map) {
    if (map[key] === undefined) continue;
    const node = set[`f:${key}`];
    if (!node || hasKeys(node)) return false;
    more++;
  }
  if (more === 0) return false;
  for (const _ in set) more--;
  return more === 0;
}

function bareKeys(keys: readonly string[]): FieldSet {
  const set: Record<string, FieldSet> = {};
  for (const key of keys) set[key] = MEMBER;
  return set;
}

/** As many keys are few: to go through them costs less than through what they are looked up in. */
const FEW = 32;

/** Whether there are but few, as far as it is worth to count. */
export function isShort(set: FieldSet): boolean {
  let keys = 0;
  for (const _ in set) if (++keys > FEW) return false;
  return true;
}

/** Keys that two trees share are among these: those of the one that has few, in its order; of the first where neither has. */
const searched = (a: FieldSet, b: FieldSet): FieldSet => (!isShort(a) && isShort(b) ? b : a);

/** Of two trees; undefined is the empty set. A root is never a member of its own set. The first itself where the second adds nothing. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || a === b) return b;
  if (!b) return a;
  let result: Record<string, FieldSet> | undefined;
  for (const key in b) {
    const other = b[key]!;
    const own = a[key];
    const both = own ? (key === SELF ? own : unionNodes(own, other)) : other;
    if (both === own) continue;
    result ??= { ...a };
    result[key] = both;
  }
  return result ?? a;
}

/** Of any number of trees, each of which is gone through once. */
export function unionOf(sets: readonly (FieldSet | undefined)[]): FieldSet | undefined {
  const nodes = new Map<string, FieldSet[]>();
  for (const set of new Set(sets))
    for (const key in set) {
      const found = nodes.get(key);
      if (found) found.push(set[key]!);
      else nodes.set(key, [set[key]!]);
    }
  if (nodes.size === 0) return sets.find((set) => set !== undefined);
  const result: Record<string, FieldSet> = {};
  for (const [key, found] of nodes) {
    const [only] = found;
    if (found.length === 1 || key === SELF) result[key] = only!;
    else {
      const all = unionOf(found)!;
      result[key] = found.some(isMember) ? withSelf(all) : all;
    }
  }
  return result;
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const both = union(a, b)!;
  return isMember(a) || isMember(b) ? withSelf(both) : both;
}

/** `a` without the members of `b`; undefined when nothing is left. */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b) return a;
  let result: Record<string, FieldSet> | undefined;
  for (const key in searched(a, b)) {
    const other = b[key];
    const own = a[key];
    if (!own || !other || key === SELF) continue;
    const left = own === other ? undefined : differenceNodes(own, other);
    if (left === own) continue;
    result ??= { ...a };
    if (left) result[key] = left;
    else delete result[key];
  }
  if (!result) return a;
  return hasKeys(result) ? result : undefined;
}

function differenceNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const member = isMember(a);
  const stays = member && !isMember(b);
  const children = difference(a, b);
  if (children === a && (stays || !member)) return a;
  // What stays is among its children, so that a large tree is not copied again for it.
  if (stays) return children && hasChildren(children) ? children : MEMBER;
  const below = withoutSelf(children);
  return below && hasKeys(below) ? below : undefined;
}

function withoutSelf(node: FieldSet | undefined): FieldSet | undefined {
  if (!node || !(SELF in node)) return node;
  const { [SELF]: _, ...rest } = node;
  return rest;
}

/** What is in both; undefined when nothing is. */
export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (!a || !b) return undefined;
  const result: Record<string, FieldSet> = {};
  for (const key in searched(a, b)) {
    const other = b[key];
    const own = a[key];
    if (!own || !other || key === SELF) continue;
    const children = withoutSelf(intersection(own, other));
    if (isMember(own) && isMember(other)) result[key] = withSelf(children);
    else if (children) result[key] = children;
  }
  return hasKeys(result) ? result : undefined;
}

/** `a` without the fields that `roots` names and all that is below them. */
export function without(a: FieldSet | undefined, roots: readonly (readonly string[])[]): FieldSet | undefined {
  let result = a;
  for (const path of roots) result = withoutPath(result, path, 0);
  return result;
}

function withoutPath(set: FieldSet | undefined, path: readonly string[], at: number): FieldSet | undefined {
  const key = `f:${path[at]}`;
  const child = set?.[key];
  if (!set || !child) return set;
  const left = at === path.length - 1 ? undefined : withoutPath(child, path, at + 1);
  if (left === child) return set;
  const { [key]: _, ...rest } = set;
  if (left && hasKeys(left)) return { ...rest, [key]: left };
  return hasKeys(rest) ? rest : undefined;
}

/** Every member as a path of elements. */
export function paths(set: FieldSet | undefined, prefix: string[] = []): string[][] {
  const found: string[][] = [];
  if (!set) return found;
  for (const key of Object.keys(set).sort(byElement)) {
    if (key === SELF) continue;
    const node = set[key]!;
    const path = [...prefix, key];
    if (isMember(node)) found.push(path);
  }
  for (const key of Object.keys(set).sort(byElement)) {
    if (key !== SELF) found.push(...paths(set[key], [...prefix, key]));
  }
  return found;
}

const byElement = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `.spec.containers[name="c"].image`, as messages name a field. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function elementText(element: string): string {
  const rest = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${rest}`;
    case 'k':
      return `[${Object.entries(JSON.parse(rest))
        .map(([name, value]) => `${name}=${typeof value === 'object' && value !== null ? '' : JSON.stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}
