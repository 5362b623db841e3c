/** Lays what is applied over what is there. Source: structured-merge-diff/typed/merge.go. */
import { sameJSON } from '../../objects/equality.ts';
import { isJSONObject } from '../../objects/json.ts';
import { own, setOwn } from '../../objects/own.ts';
import { childShape, itemElement, resolved, type Shape } from './shape.ts';

/** Neither side is changed; parts are shared, and what stays as it was is the live part itself. */
export function merge(ofShape: Shape, live: unknown, applied: unknown): unknown {
  const shape = resolved(ofShape, live, applied);
  switch (shape.kind) {
    case 'leaf':
    case 'deduced':
      return applied === undefined || sameJSON(live, applied) ? live : applied;
    case 'struct':
    case 'map':
      return mergeMaps(shape, live, applied);
    default:
      return mergeLists(shape, live, applied);
  }
}

function mergeMaps(shape: Shape, live: unknown, applied: unknown): unknown {
  const old = isJSONObject(live) ? live : {};
  const now = isJSONObject(applied) ? applied : {};
  let isEmpty = true;
  let result: Record<string, unknown> | undefined;
  for (const key in now) {
    isEmpty = false;
    const before = own(old, key);
    const value = merge(childShape(shape, key), before, now[key]);
    if (value === before) continue;
    result ??= { ...old };
    setOwn(result, key, value);
  }
  if (!isEmpty || hasOwnKeys(old)) return result ?? old;
  return applied === undefined ? live : applied;
}

const hasOwnKeys = (map: Record<string, unknown>): boolean => Object.keys(map).length > 0;

/**
 * Items of both keep the order that is applied; those only live stay where they stand between them.
 */
function mergeLists(shape: Shape & { kind: 'set' | 'list' }, live: unknown, applied: unknown): unknown {
  const old: unknown[] = Array.isArray(live) ? live : [];
  const now: unknown[] = Array.isArray(applied) ? applied : [];
  if (old.length === 0 && now.length === 0) return applied === undefined ? live : applied;
  const item: Shape = shape.kind === 'list' ? shape.element : { kind: 'leaf' };
  const oldKeys = old.map((value) => itemElement(shape, value));
  const nowKeys = now.map((value) => itemElement(shape, value));
  const oldByKey = new Map(oldKeys.map((key, i) => [key, old[i]]));
  const inNow = new Set(nowKeys);
  const shared = nowKeys.filter((key) => oldByKey.has(key));
  const taken = new Set<string>();
  const result: unknown[] = [];
  let next = shared.shift();
  let o = 0;
  let n = 0;
  const take = (key: string): void => {
    taken.add(key);
    result.push(merge(item, oldByKey.get(key), now[n]));
    n++;
    if (next === key) next = shared.shift();
  };
  while (o < old.length || n < now.length) {
    const key = oldKeys[o];
    if (key !== undefined && n < now.length) {
      if (key === nowKeys[n]) {
        o++;
        take(key);
        continue;
      }
      if (inNow.has(key) && next !== undefined && next !== key) {
        o++;
        continue;
      }
    }
    if (key !== undefined) {
      if (!inNow.has(key)) {
        result.push(old[o]);
        o++;
        continue;
      }
      if (taken.has(key)) o++;
    }
    if (n < now.length) take(nowKeys[n]!);
  }
  return result.length === old.length && result.every((value, i) => value === old[i]) ? old : result;
}
