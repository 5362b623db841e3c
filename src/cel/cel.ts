/**
 * CEL, as Kubernetes 1.37 has it: an expression is compiled once, and then evaluated as often as there are values.
 *
 *     const environment = kubernetesEnvironment({ variables: new Map([['self', declared.type]]), types: [declared] });
 *     const compiled = compile('self.replicas <= self.max', environment);
 *     if (compiled.program) evaluate(compiled.program, new Map([['self', valueOf(schema, object)]]));
 *
 * Source: cel-go v0.29 and k8s.io/apiserver's pkg/cel.
 */

import { BudgetExceeded, beginComparing } from './budget.ts';
import type { Checked } from './checked.ts';
import { check } from './checker.ts';
import { type CostEstimate, estimateCost, type SizeOf } from './cost-estimate.ts';
import type { Environment, TypeProvider } from './environment.ts';
import { Frame } from './frame.ts';
import { baseFunctions, compatibleFunctions, mutationFunctions } from './library/base.ts';
import { checkLiterals } from './literal-checks.ts';
import { MACROS } from './macros.ts';
import { parse } from './parse.ts';
import { type Program, plan } from './plan.ts';
import { PlanError } from './plan-node.ts';
import { type Issue, NO_LOCATION, renderIssues, Source } from './source.ts';
import type { Type } from './type.ts';
import { CelError, type Value } from './value.ts';

/** What one evaluation may cost. Kubernetes' PerCallLimit. */
export const PER_CALL_LIMIT = 1_000_000;

export interface EnvironmentOptions {
  /** By their names. */
  variables: ReadonlyMap<string, Type>;
  /** Types with fields. */
  types?: readonly TypeProvider[];
  /** Whether there is what only mutating admission policies have: `jsonpatch.escapeKey`. */
  mutation?: boolean;
  /** Whether the expression is new: then it may use only what the release before knows too, to which a cluster may go back. */
  isNew?: boolean;
}

/**
 * Everything that 1.37 offers, and what is declared besides. Models k8s.io/apiserver's pkg/cel/environment: what is stored already is
 * compiled by all that is known, so that what one release has accepted holds in the next.
 */
export function kubernetesEnvironment({
  variables,
  types = [],
  mutation = false,
  isNew = false,
}: EnvironmentOptions): Environment {
  const functions = mutation ? mutationFunctions() : baseFunctions();
  return { variables, types, functions: isNew ? compatibleFunctions(functions) : functions };
}

export interface Compiled {
  /** cel-go's text of all that is wrong, each with its line and a caret; undefined: nothing is. */
  errors: string | undefined;
  /** What the expression is of; undefined: it has errors. */
  type: Type | undefined;
  /** Undefined: it has errors, or `programError`. */
  program: Program | undefined;
  /** Why there is no program of what is right by its types, such as `int("x")`; what follows "program instantiation failed: ". */
  programError: string | undefined;
  /** What it refers to, and the types of its parts. */
  checked: Checked | undefined;
}

/** Reads and checks an expression. Never throws. */
export function compile(expression: string, environment: Environment): Compiled {
  const source = new Source(expression);
  try {
    return compileSource(source, environment);
  } catch (error) {
    // Deeper than the machine's stack.
    if (!(error instanceof RangeError)) throw error;
    const issue = { location: NO_LOCATION, message: 'max recursion depth exceeded' };
    return { ...NOTHING_COMPILED, errors: renderIssues(source, [issue]) };
  }
}

const NOTHING_COMPILED = { type: undefined, program: undefined, programError: undefined, checked: undefined };

function compileSource(source: Source, environment: Environment): Compiled {
  const failed = (issues: Issue[]): Compiled => ({ ...NOTHING_COMPILED, errors: renderIssues(source, issues) });
  const parsed = parse(source, MACROS);
  if (parsed.issues.length > 0) return failed(parsed.issues);
  const issues: Issue[] = [];
  const report = (id: number, message: string): void => {
    issues.push({ location: parsed.locations(id), message });
  };
  const checked = check(parsed.expr, environment, report);
  if (issues.length === 0) checkLiterals(checked, report);
  if (issues.length > 0) return failed(issues);
  const compiled = { errors: undefined, type: checked.types.get(checked.expr.id)!, checked };
  try {
    return { ...compiled, program: plan(checked, environment), programError: undefined };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return { ...compiled, program: undefined, programError: error.message };
  }
}

export interface Evaluated {
  /** Undefined: there is an error. */
  value: Value | undefined;
  /** cel-go's text of what failed. */
  error: string | undefined;
  /** Whether it failed because it cost more than it may. */
  overBudget: boolean;
  /** What it cost, in Kubernetes' units. */
  cost: number;
}

/** Evaluates a program. `budget`: what it may cost at most. Never throws. */
export function evaluate(
  { evaluate: run, slots }: Program,
  variables: ReadonlyMap<string, Value>,
  budget: number = PER_CALL_LIMIT,
): Evaluated {
  const frame = new Frame(variables, budget, slots);
  beginComparing();
  try {
    const value = run(frame);
    const { cost } = frame;
    return value instanceof CelError
      ? { value: undefined, error: value.message, overBudget: false, cost }
      : { value, error: undefined, overBudget: false, cost };
  } catch (error) {
    // What is too deep or too long for the machine is beyond any budget.
    const over = error instanceof RangeError ? new BudgetExceeded() : error;
    if (!(over instanceof BudgetExceeded)) throw over;
    return { value: undefined, error: over.message, overBudget: true, cost: frame.cost };
  }
}

/** What an expression may cost, at least and at most. `sizeOf` says how large the parts of variables may be. */
export const estimate = (checked: Checked, sizeOf?: SizeOf): CostEstimate => estimateCost(checked, sizeOf);
