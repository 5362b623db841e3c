/** Conditions as statuses have them: a list in which each type stands once. */
export interface Condition {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string | null | undefined;
  [field: string]: unknown;
}

/** What is looked at of a condition, of whichever kind. */
interface AnyCondition {
  type?: string | undefined;
  status?: string | undefined;
  lastTransitionTime?: string | null | undefined;
}

interface WithConditions<C extends AnyCondition> {
  status?: { conditions?: C[] | null | undefined } | undefined;
}

export const conditionOf = <C extends AnyCondition>(object: WithConditions<C>, type: string): C | undefined =>
  object.status?.conditions?.find((condition) => condition.type === type);

/** Sets a condition of a status list: the transition time moves only when the status does. Answers the new list. */
export function withCondition<T extends AnyCondition>(conditions: T[] | undefined, condition: T): T[] {
  const list = conditions ?? [];
  const at = list.findIndex((c) => c.type === condition.type);
  if (at < 0) return [...list, condition];
  const old = list[at]!;
  const kept =
    old.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  return list.with(at, kept);
}
