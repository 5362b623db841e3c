/** Whether a policy's or a webhook's conditions let it apply. Models k8s.io/apiserver's plugin/webhook/matchconditions. */
import type { Value } from '../../cel/value.ts';
import type { PolicyExpression } from '../../resources/admissionregistration/policy-compiler.ts';
import { aggregate } from '../../resources/rbac/authorizer.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { Evaluation, MATCH_CONDITIONS_BUDGET, PolicyBudgetExceeded } from './evaluation.ts';

export interface Conditions {
  matchConditions: readonly { name: string; expression: PolicyExpression }[];
  variables: ReadonlyMap<string, PolicyExpression>;
  failurePolicy: string | undefined;
}

/** Whether all conditions hold; `error`: why that can't be told, where that is to fail the request. `values` is asked for only if there are some. */
export function conditionsHold(
  { matchConditions, variables, failurePolicy }: Conditions,
  values: () => ReadonlyMap<string, Value>,
  work: WorkBudget,
): { holds: boolean; error?: string } {
  if (matchConditions.length === 0) return { holds: true };
  const failed = (error: string) => (failurePolicy === 'Ignore' ? { holds: false } : { holds: false, error });
  const evaluation = new Evaluation(values(), variables, MATCH_CONDITIONS_BUDGET, work);
  try {
    const results = matchConditions.map(({ expression }) => evaluation.of(expression));
    // One that does not hold counts more than any that fail.
    if (results.some(({ value }) => value === false)) return { holds: false };
    const errors = results.flatMap(({ error }) => error ?? []);
    return errors.length > 0 ? failed(aggregate(errors)) : { holds: true };
  } catch (error) {
    if (error instanceof PolicyBudgetExceeded) return failed(error.message);
    throw error;
  }
}
