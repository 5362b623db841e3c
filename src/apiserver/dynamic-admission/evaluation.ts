/**
 * A policy's expressions on one request: each within what it may cost by itself, all of a kind within what they may cost together. Models
 * evaluationActivation and compositionContext in k8s.io/apiserver's pkg/admission/plugin/cel.
 */
import { evaluate, PER_CALL_LIMIT } from '../../cel/cel.ts';
import { LazyVariables } from '../../cel/policy-environment.ts';
import { CelError, type Value } from '../../cel/value.ts';
import type { PolicyExpression } from '../../resources/admissionregistration/policy-compiler.ts';
import type { WorkBudget } from '../../simulation/work-budget.ts';

/** What the expressions of a policy may cost for one binding, and its match conditions. Kubernetes' RuntimeCELCostBudget and -MatchConditions. */
export const POLICY_BUDGET = 10_000_000;
export const MATCH_CONDITIONS_BUDGET = 2_500_000;

/** What has been evaluated costs more than it may. */
export class PolicyBudgetExceeded extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** What an expression came to; neither where there is no expression. */
export interface Evaluated {
  value?: Value;
  error?: string;
}

/** The variables of one evaluation, those of the policy among them, and what is left to be spent. */
export class Evaluation {
  readonly #values: ReadonlyMap<string, Value>;
  #left: number;
  /** What the policy's own variables have cost since that was last charged. */
  #variableCost = 0;

  readonly #work: WorkBudget;

  /** `work`: of the whole request. */
  constructor(
    given: ReadonlyMap<string, Value>,
    variables: ReadonlyMap<string, PolicyExpression>,
    budget: number,
    work: WorkBudget,
  ) {
    const lazy = [...variables].map(
      ([name, expression]) => [name, () => this.#variable(name, expression)] satisfies [string, () => Value],
    );
    this.#values = new Map(given).set('variables', new LazyVariables(new Map(lazy)));
    this.#left = budget;
    this.#work = work;
  }

  get left(): number {
    return this.#left;
  }

  /** @throws PolicyBudgetExceeded, and what `work` throws */
  of(expression: PolicyExpression | undefined): Evaluated {
    if (!expression) return {};
    const { program, source } = expression;
    if (!program) return { error: `compilation error: ${expression.error?.detail}` };
    const { value, error, cost } = evaluate(program, this.#values);
    this.#spend(this.#variableCost);
    this.#variableCost = 0;
    this.#spend(cost);
    return error === undefined
      ? { value: value ?? null }
      : { error: `expression '${source}' resulted in error: ${error}` };
  }

  #spend(cost: number): void {
    this.#work.spend(Math.min(cost, PER_CALL_LIMIT));
    if (cost > this.#left) throw new PolicyBudgetExceeded();
    this.#left -= cost;
  }

  #variable(name: string, { program, error }: PolicyExpression): Value {
    const called = `composited variable ${JSON.stringify(name)}`;
    if (!program) return new CelError(`${called} fails to compile: ${error?.detail}`);
    const result = evaluate(program, this.#values);
    this.#variableCost += result.cost;
    return result.error === undefined
      ? (result.value ?? null)
      : new CelError(`${called} fails to evaluate: ${result.error}`);
  }
}
