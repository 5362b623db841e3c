/** Which fields differ between two versions of an object. Source: structured-merge-diff/typed/compare.go. */
import { sameJSON } from '../../objects/equality.ts';
import { isJSONObject } from '../../objects/json.ts';
import { type FieldSet, keysOf, MEMBER, withSelf } from './field-set.ts';
import { childShape, isLeafMap, itemElement, resolved, type Shape } from './shape.ts';

export interface Comparison {
  /** Added or modified. */
  changed?: FieldSet;
  removed?: FieldSet;
}

const SAME: Comparison = Object.freeze({});
const CHANGED: Comparison = Object.freeze({ changed: MEMBER });
const REMOVED: Comparison = Object.freeze({ removed: MEMBER });

/** Compares two objects of a shape; `undefined` is absent, `null` is a value. Throws `ListItemError`. */
export function compare(ofShape: Shape, before: unknown, after: unknown): Comparison {
  if (before === after) return SAME;
  const shape = resolved(ofShape, before, after);
  switch (shape.kind) {
    case 'leaf':
    case 'deduced':
      return compareLeaves(before, after);
    case 'struct':
    case 'map':
      return compareMaps(shape, before, after);
    default:
      return compareLists(shape, before, after);
  }
}

function compareLeaves(before: unknown, after: unknown): Comparison {
  if (before === undefined) return CHANGED;
  if (after === undefined) return REMOVED;
  return sameJSON(before, after) ? SAME : CHANGED;
}

const SELF_ALONE = { '.': MEMBER };

/** Gathers the children's comparisons under their elements. */
class Gathering {
  changed: Record<string, FieldSet> | undefined;
  removed: Record<string, FieldSet> | undefined;
  readonly #isNew: boolean;

  constructor(before: unknown) {
    this.#isNew = before === undefined;
  }

  add(element: string, { changed, removed }: Comparison): void {
    if (changed) {
      // The parent comes first, and a large tree is not copied for it afterwards.
      this.changed ??= this.#isNew ? { ...SELF_ALONE } : {};
      this.changed[element] = changed;
    }
    if (removed) {
      this.removed ??= {};
      this.removed[element] = removed;
    }
  }

  /** With the parent itself, when it came or went as a whole. */
  under(before: unknown, after: unknown): Comparison {
    const { changed, removed } = this;
    if (before === undefined) return { changed: withSelf(changed), ...(removed && { removed }) };
    if (after === undefined) return { removed: withSelf(removed), ...(changed && { changed }) };
    if (!changed && !removed) return SAME;
    return { ...(changed && { changed }), ...(removed && { removed }) };
  }
}

const NO_FIELDS: Record<string, unknown> = Object.freeze({});

function compareMaps(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === undefined && isLeafMap(shape) && isJSONObject(after))
    return { changed: keysOf(after, true) ?? MEMBER };
  const old = isJSONObject(before) ? before : NO_FIELDS;
  const now = isJSONObject(after) ? after : NO_FIELDS;
  const gathering = new Gathering(before);
  let isEmpty = true;
  for (const key in old) {
    isEmpty = false;
    const a = old[key];
    const b = now[key];
    if (a === b || a === undefined) continue;
    const found = compare(childShape(shape, key), a, b);
    if (found !== SAME) gathering.add(`f:${key}`, found);
  }
  for (const key in now) {
    isEmpty = false;
    const b = now[key];
    if (b !== undefined && old[key] === undefined) {
      gathering.add(`f:${key}`, compare(childShape(shape, key), undefined, b));
    }
  }
  return isEmpty ? compareLeaves(before, after) : gathering.under(before, after);
}

function byElement(shape: Shape & { kind: 'set' | 'list' }, list: unknown[]): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of list) {
    const element = itemElement(shape, item);
    const same = items.get(element);
    if (same) same.push(item);
    else items.set(element, [item]);
  }
  return items;
}

const NO_ITEMS: unknown[] = [];

function compareLists(shape: Shape & { kind: 'set' | 'list' }, before: unknown, after: unknown): Comparison {
  const old = Array.isArray(before) ? before : NO_ITEMS;
  const now = Array.isArray(after) ? after : NO_ITEMS;
  if (old.length === 0 && now.length === 0) return compareLeaves(before, after);
  if (before && after && sameJSON(old, now)) return SAME;
  const oldItems = byElement(shape, old);
  const nowItems = byElement(shape, now);
  const item: Shape = shape.kind === 'list' ? shape.element : { kind: 'leaf' };
  const gathering = new Gathering(before);
  for (const [element, a] of oldItems) gathering.add(element, compareItems(item, a, nowItems.get(element) ?? NO_ITEMS));
  for (const [element, b] of nowItems) {
    if (!oldItems.has(element)) gathering.add(element, compareItems(item, NO_ITEMS, b));
  }
  return gathering.under(before, after);
}

/** Items of one key: more than one on a side make it one leaf. */
function compareItems(item: Shape, before: unknown[], after: unknown[]): Comparison {
  if (before.length > 1 && after.length > 1) return sameJSON(before, after) ? SAME : CHANGED;
  if (before.length > 1) {
    const added = after.length ? compare(item, undefined, after[0]) : SAME;
    return { ...added, removed: MEMBER };
  }
  if (after.length > 1) {
    const removed = before.length ? compare(item, before[0], undefined) : SAME;
    return { ...removed, changed: MEMBER };
  }
  return compare(item, before[0], after[0]);
}
