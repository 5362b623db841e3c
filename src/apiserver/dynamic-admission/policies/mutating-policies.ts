/** MutatingAdmissionPolicies on one request. Models k8s.io/apiserver's plugin/policy/mutating (dispatcher.go, reinvocationcontext.go). */
import { cloneJSON } from '../../../objects/clone.ts';
import { sameValue } from '../../../objects/equality.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { become } from '../../../objects/own.ts';
import type { StatusError } from '../../../objects/status.ts';
import { keepReadable } from '../../webhooks/managed-fields.ts';
import type { AdmissionRequest } from '../admission-request.ts';
import { Evaluation, POLICY_BUDGET, PolicyBudgetExceeded } from '../evaluation.ts';
import { ExpressionValues } from '../expression-values.ts';
import { conditionsHold } from '../match-conditions.ts';
import type { PluginContext } from '../plugin-context.ts';
import type { Reinvocation, Runs } from '../reinvocation.ts';
import { converted } from '../versions.ts';
import { type Invocation, invocations, type Misconfigured, MUTATING } from './invocations.ts';
import { applyMutation, MutationError, typeOfObject } from './mutation.ts';
import { refusal } from './refused.ts';
import { namespaceObject } from './request-namespace.ts';

/** Why a policy could not do what it is there for. */
interface Problem {
  policy: KubeObject;
  binding?: KubeObject;
  message: string;
  /** Of the refusal that is made of it; Forbidden unless said. */
  reason?: string;
}

const keyOf = ({ policy, binding, param }: Invocation): string =>
  JSON.stringify([policy.metadata.name, binding.metadata.name, param?.metadata.namespace, param?.metadata.name]);

/** Changes the request's object in place. @throws StatusError */
export function mutateByPolicies(request: AdmissionRequest, reinvocation: Reinvocation, context: PluginContext): void {
  if (request.operation === 'DELETE') return;
  const met = [...invocations(MUTATING, request, context)];
  if (met.length === 0) return;
  const runs = reinvocation.runsOf('MutatingAdmissionPolicy');
  runs.begin(request.object);
  const problems: Problem[] = met.flatMap((one) => ('problem' in one ? [configurationProblem(one)] : []));
  const managedFields = request.object?.metadata?.managedFields;
  let hasMutated = false;
  for (const one of met) {
    if ('problem' in one) continue;
    const outcome = run(one, request, runs, context);
    problems.push(...outcome.problems);
    hasMutated ||= outcome.hasMutated;
  }
  // The real one counts what a mutation has made as changed whatever it is: also one that ran alone runs again.
  if (hasMutated) runs.changed();
  if (request.object?.metadata) keepReadable(request.object, managedFields, context.warn);
  runs.end(request.object);
  const failing = problems.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
  if (failing.length > 0) throw denial(request, failing);
}

const configurationProblem = ({ policy, binding, problem }: Misconfigured): Problem => ({
  policy,
  ...(binding ? { binding } : {}),
  message: `failed to configure ${binding ? 'binding' : 'policy'}: ${problem}`,
});

interface Ran {
  problems: Problem[];
  /** A mutation has run to its end, even if it left the object as it was. */
  hasMutated: boolean;
}

function run(one: Invocation, request: AdmissionRequest, runs: Runs, context: PluginContext): Ran {
  const { policy, binding, compiled, kind, param } = one;
  const problem = (message: string): Problem => ({ policy, binding, message, reason: 'Invalid' });
  const values = new ExpressionValues(request, kind, context, param);
  const conditions = { ...compiled, failurePolicy: policy.spec.failurePolicy };
  const { holds, error } = conditionsHold(conditions, () => values.forConditions(), context.work);
  if (error !== undefined) return { problems: [problem(error)], hasMutated: false };
  const key = keyOf(one);
  if (!holds || !runs.mayRun(key)) return { problems: [], hasMutated: false };
  const { problems, isChanged, hasMutated } = mutate(one, request, values, context);
  if (isChanged) runs.changed();
  if (policy.spec.reinvocationPolicy === 'IfNeeded') runs.ran(key);
  return { problems: problems.map(problem), hasMutated };
}

/** Each mutation sees what those before it have made. @throws StatusError */
function mutate(
  { compiled, kind }: Invocation,
  request: AdmissionRequest,
  values: ExpressionValues,
  context: PluginContext,
): { problems: string[]; isChanged: boolean; hasMutated: boolean } {
  const { object, objectType } = request;
  const problems: string[] = [];
  if (!object) return { problems, isChanged: false, hasMutated: false };
  const before = objectType ? object : converted(object, kind, context);
  const namespace = namespaceObject(request, context);
  let current = before;
  let hasMutated = false;
  for (const mutation of compiled.mutations)
    try {
      const given = values.forExpressions(namespace, current);
      const evaluation = new Evaluation(given, compiled.variables, POLICY_BUDGET, context.work);
      current = applyMutation(mutation, evaluation, current, typeOfObject(objectType ?? kind, context.catalog));
      hasMutated = true;
    } catch (error) {
      if (!(error instanceof MutationError || error instanceof PolicyBudgetExceeded)) throw error;
      problems.push(error.message);
    }
  const isChanged = !sameValue(before, current);
  if (isChanged) become(object, cloneJSON(objectType ? current : converted(current, request.kind, context)));
  return { problems, isChanged, hasMutated };
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
