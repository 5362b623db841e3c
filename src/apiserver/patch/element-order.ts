/** The order of a list that a strategic merge patch has changed. */
import { isJSONObject } from '../../objects/json.ts';

const identify =
  (key: string | undefined) =>
  (item: unknown): unknown =>
    key ? (isJSONObject(item) ? item[key] : undefined) : item;

/**
 * `named`, the patch's order, holds; elements it does not name keep the order they had in `live`, and each stands before the first
 * named one that it stood before. So what is new comes before what it has no relation to.
 */
export function orderElements(items: unknown[], named: unknown[], live: unknown[], key: string | undefined): unknown[] {
  const id = identify(key);
  const wanted = positions(named.map(id));
  const before = positions(live.map(id));
  const told = items.filter((item) => wanted.has(id(item))).sort(by(wanted, id));
  const others = items.filter((item) => !wanted.has(id(item))).sort(by(before, id));
  const result: unknown[] = [];
  let [i, j] = [0, 0];
  while (i < told.length && j < others.length) {
    const [other, next] = [before.get(id(others[j])), before.get(id(told[i]))];
    const first = other !== undefined && next !== undefined && other < next;
    result.push(first ? others[j++] : told[i++]);
  }
  return result.concat(told.slice(i), others.slice(j));
}

/** Where each value stands first. */
function positions(values: unknown[]): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (const [i, value] of values.entries()) if (!found.has(value)) found.set(value, i);
  return found;
}

const by =
  (position: Map<unknown, number>, id: (item: unknown) => unknown) =>
  (a: unknown, b: unknown): number =>
    (position.get(id(a)) ?? 0) - (position.get(id(b)) ?? 0);

/** Whether what a patch has in a list comes in the order that the patch itself asks for. */
export function followsOrder(list: readonly unknown[], order: readonly unknown[], key: string | undefined): boolean {
  if (list.length === 0 || order.length === 0) return true;
  const id = identify(key);
  let at = 0;
  for (const item of list) {
    if (key && isJSONObject(item) && item.$patch !== undefined) continue;
    while (at < order.length && id(order[at]) !== id(item)) at++;
    if (at++ >= order.length) return false;
  }
  return true;
}
