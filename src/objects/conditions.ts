/** Conditions as statuses have them: a list in which each type stands once. */
import type { KubeObject } from './object.ts';

export interface Condition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string | null | undefined;
  [field: string]: unknown;
}

export const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
  (object.status?.conditions as Condition[] | undefined)?.find((condition) => condition.type === type);

/** Sets a condition of a status list: the transition time moves only when the status does. Answers the new list. */
export function withCondition<T extends Condition>(conditions: T[] | undefined, condition: T): T[] {
  const list = conditions ?? [];
  const at = list.findIndex((c) => c.type === condition.type);
  if (at < 0) return [...list, condition];
  const old = list[at]!;
  const kept =
    old.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  return list.with(at, kept);
}
