/** MutatingAdmissionPolicies on one request. Models k8s.io/apiserver's plugin/policy/mutating (dispatcher.go, reinvocationcontext.go). */
import { cloneJSON } from '../../../objects/clone.ts';
import { sameValue } from '../../../objects/equality.ts';
import type { KubeObject } from '../../../objects/object.ts';
import type { StatusError } from '../../../objects/status.ts';
import type { AdmissionRequest } from '../admission-request.ts';
import type { Reinvocation } from '../dynamic-admission.ts';
import type { PluginContext } from '../plugin-context.ts';
import { Evaluation, POLICY_BUDGET, PolicyBudgetExceeded } from './evaluation.ts';
import { type Invocation, invocations, type Misconfigured, MUTATING } from './invocations.ts';
import { conditionsHold } from './match-conditions.ts';
import { applyMutation, MutationError, typeOfObject } from './mutation.ts';
import { PolicyValues } from './policy-values.ts';
import { refusal } from './refused.ts';
import { namespaceObject } from './request-namespace.ts';
import { inVersionOf } from './version.ts';

/** Why a policy could not do what it is there for. */
interface Problem {
  policy: KubeObject;
  binding?: KubeObject;
  message: string;
  /** Of the refusal that is made of it; Forbidden unless said. */
  reason?: string;
}

/** Which policies have run, and which are to run again. */
interface Runs {
  /** Those that may run again and have run since the last change. */
  previous: Set<string>;
  again: Set<string>;
  /** What the policies made of the object when they ran last. */
  output: KubeObject | undefined;
}

const keyOf = ({ policy, binding, param }: Invocation): string =>
  JSON.stringify([policy.metadata.name, binding.metadata.name, param?.metadata.namespace, param?.metadata.name]);

function runAgain(runs: Runs): void {
  for (const key of runs.previous) runs.again.add(key);
  runs.previous.clear();
}

/** Changes the request's object in place. @throws StatusError */
export function mutateByPolicies(request: AdmissionRequest, reinvocation: Reinvocation, context: PluginContext): void {
  if (request.operation === 'DELETE') return;
  const met = [...invocations(MUTATING, request, context)];
  if (met.length === 0) return;
  const runs = reinvocation.stateOf<Runs>('MutatingAdmissionPolicy', () => ({
    previous: new Set(),
    again: new Set(),
    output: undefined,
  }));
  // Built-in admission has changed it.
  if (reinvocation.isAgain && !sameValue(runs.output, request.object)) runAgain(runs);
  const problems: Problem[] = met.flatMap((one) => ('problem' in one ? [configurationProblem(one)] : []));
  for (const one of met) {
    if ('problem' in one) continue;
    problems.push(...run(one, request, { reinvocation, runs, context }));
  }
  runs.output = request.object && cloneJSON(request.object);
  const failing = problems.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
  if (failing.length > 0) throw denial(request, failing);
}

const configurationProblem = ({ policy, binding, problem }: Misconfigured): Problem => ({
  policy,
  ...(binding ? { binding } : {}),
  message: `failed to configure ${binding ? 'binding' : 'policy'}: ${problem}`,
});

interface Running {
  reinvocation: Reinvocation;
  runs: Runs;
  context: PluginContext;
}

function run(one: Invocation, request: AdmissionRequest, { reinvocation, runs, context }: Running): Problem[] {
  const { policy, binding, compiled, kind, param } = one;
  const problem = (message: string): Problem => ({ policy, binding, message, reason: 'Invalid' });
  const values = new PolicyValues(request, kind, context, param);
  const conditions = { ...compiled, failurePolicy: policy.spec.failurePolicy };
  const { holds, error } = conditionsHold(conditions, () => values.forConditions(), context.work);
  if (error !== undefined) return [problem(error)];
  const key = keyOf(one);
  if (!holds || (reinvocation.isAgain && !runs.again.has(key))) return [];
  const { problems, isChanged } = mutate(one, request, values, context);
  if (isChanged) {
    runAgain(runs);
    reinvocation.isWanted = true;
  }
  if (policy.spec.reinvocationPolicy === 'IfNeeded') runs.previous.add(key);
  return problems.map(problem);
}

/** Each mutation sees what those before it have made. @throws StatusError */
function mutate(
  { compiled, kind }: Invocation,
  request: AdmissionRequest,
  values: PolicyValues,
  context: PluginContext,
): { problems: string[]; isChanged: boolean } {
  const { object, objectType } = request;
  const problems: string[] = [];
  if (!object) return { problems, isChanged: false };
  const before = objectType ? object : inVersionOf(object, kind);
  const namespace = namespaceObject(request, context);
  let current = before;
  for (const mutation of compiled.mutations)
    try {
      const given = values.forExpressions(namespace, current);
      const evaluation = new Evaluation(given, compiled.variables, POLICY_BUDGET, context.work);
      current = applyMutation(mutation, evaluation, current, typeOfObject(objectType ?? kind, context.catalog));
    } catch (error) {
      if (!(error instanceof MutationError || error instanceof PolicyBudgetExceeded)) throw error;
      problems.push(error.message);
    }
  const isChanged = !sameValue(before, current);
  if (isChanged) replace(object, objectType ? current : inVersionOf(current, request.kind));
  return { problems, isChanged };
}

/** Has an object become another one, in place. */
function replace(object: KubeObject, other: KubeObject): void {
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, cloneJSON(other));
}

const FORBIDDEN = 'admission request denied by policy';

/** Tells of all that went wrong; the first is what it is called by. */
function denial(request: AdmissionRequest, problems: readonly Problem[]): StatusError {
  const texts = problems.map(({ policy, binding, message }) =>
    binding
      ? `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`
      : `policy ${JSON.stringify(policy.metadata.name)} denied request: ${message}`,
  );
  const error = refusal(request, FORBIDDEN);
  error.status.message = texts[0]!;
  if (problems[0]!.reason) error.status.reason = problems[0]!.reason;
  error.status.details = { ...error.status.details, causes: texts.map((message) => ({ message })) };
  return error;
}
