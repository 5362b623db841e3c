/** ValidatingAdmissionPolicies on one request. Models k8s.io/apiserver's plugin/policy/validating (dispatcher.go, validator.go). */

import { runtimeType } from '../../../cel/runtime-type.ts';
import { typeName } from '../../../cel/type.ts';
import type { Value } from '../../../cel/value.ts';
import type {
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../../objects/generated/admissionregistration-v1.gen.ts';
import { byteLength } from '../../../objects/names.ts';
import type { KubeObject } from '../../../objects/object.ts';
import type { WorkBudget } from '../../../simulation/work-budget.ts';
import type { AdmissionRequest } from '../admission-request.ts';
import { type Evaluated, Evaluation, POLICY_BUDGET, PolicyBudgetExceeded } from '../evaluation.ts';
import { ExpressionValues } from '../expression-values.ts';
import { conditionsHold } from '../match-conditions.ts';
import type { PluginContext } from '../plugin-context.ts';
import { type Invocation, invocations, type Misconfigured, VALIDATING } from './invocations.ts';
import { PolicyAudit } from './policy-audit.ts';
import { refusal } from './refused.ts';
import { namespaceObject } from './request-namespace.ts';

/** Bytes that a message which an expression made may have. Kubernetes' MaxEvaluatedMessageExpressionSizeBytes. */
export const MAX_MESSAGE_BYTES = 5 * 1024;

/** What a policy says against a request. */
interface Denial {
  policy: KubeObject;
  binding?: KubeObject;
  message: string;
  reason?: string;
}

/** One validation's, by its place among those of its policy. */
interface Decision {
  message: string;
  reason?: string;
  index: number;
}

type ValidatingPolicy = KubeObject & { spec: ValidatingAdmissionPolicySpec };

const fails = ({ spec }: KubeObject): boolean => spec.failurePolicy !== 'Ignore';

/** Refuses by the first that denies; what only warns is told in any case. @throws StatusError */
export function validateByPolicies(request: AdmissionRequest, context: PluginContext): void {
  const denied: Denial[] = [];
  const audited = new PolicyAudit();
  for (const met of invocations(VALIDATING, request, context))
    if ('problem' in met) denied.push(...misconfigured(met));
    else {
      const { policy, binding } = met;
      const { decisions, annotations, errors } = evaluateOne(met, request, context);
      for (const [key, value] of annotations) audited.note(policy.metadata.name, key, value);
      for (const { message, reason, index } of decisions)
        for (const action of (binding.spec.validationActions ?? []) as string[])
          if (action === 'Deny') denied.push({ policy, binding, message, ...(reason ? { reason } : {}) });
          else if (action === 'Audit') audited.fails(binding, message, index);
          else if (action === 'Warn')
            context.warn(
              `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${message}`,
            );
      denied.push(...errors.map((message) => ({ policy, binding, message })));
    }
  audited.tell(context);
  if (denied[0]) throw denial(request, denied[0]);
}

const misconfigured = ({ policy, binding, problem }: Misconfigured): Denial[] =>
  fails(policy)
    ? [
        {
          policy,
          ...(binding ? { binding } : {}),
          message: `failed to configure ${binding ? 'binding' : 'policy'}: ${problem}`,
        },
      ]
    : [];

const CODES: Record<string, number> = { Forbidden: 403, RequestEntityTooLarge: 413, Unauthorized: 401 };
const DEFAULT_REASON = 'Invalid';
const UNPROCESSABLE = 422;

function denial(request: AdmissionRequest, { policy, binding, message, reason = DEFAULT_REASON }: Denial) {
  const by = binding ? ` with binding '${binding.metadata.name}'` : '';
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${message}`;
  const error = refusal(request, text);
  error.status.reason = reason;
  error.status.code = CODES[reason] ?? UNPROCESSABLE;
  error.status.details = { ...error.status.details, causes: [{ message: text }] };
  return error;
}

/** `decisions`: what its validations say against the request; `errors`: of its audit annotations, which are nobody's actions. */
interface Outcome {
  decisions: Decision[];
  /** For the audit log, by their keys. */
  annotations: [string, string][];
  errors: string[];
}

const NOTHING: Outcome = { decisions: [], annotations: [], errors: [] };

function evaluateOne(met: Invocation, request: AdmissionRequest, context: PluginContext): Outcome {
  const policy = met.policy as ValidatingPolicy;
  const { compiled, kind, param } = met;
  const failed = (message: string): Outcome =>
    fails(policy) ? { ...NOTHING, decisions: [{ message, index: 0 }] } : NOTHING;
  const values = new ExpressionValues(request, kind, context, param);
  const conditions = { ...compiled, failurePolicy: policy.spec.failurePolicy };
  const { holds, error } = conditionsHold(conditions, () => values.forConditions(), context.work);
  if (error !== undefined) return failed(error);
  if (!holds) return NOTHING;
  const given = values.forExpressions(namespaceObject(request, context));
  try {
    const evaluation = new Evaluation(given, compiled.variables, POLICY_BUDGET, context.work);
    const results = compiled.validations.map((expression) => evaluation.of(expression));
    const messages = messagesOf(met, given, evaluation.left, context.work);
    const decisions = results.flatMap((result, i) =>
      decide(result, i, typeof messages === 'string' ? messages : messages[i]!, policy),
    );
    return { decisions, ...auditValues(met, given, context.work) };
  } catch (thrown) {
    if (thrown instanceof PolicyBudgetExceeded) return failed(thrown.message);
    throw thrown;
  }
}

/** A text: why there are none. */
function messagesOf(
  { compiled }: Invocation,
  given: ReadonlyMap<string, Value>,
  budget: number,
  work: WorkBudget,
): Evaluated[] | string {
  const evaluation = new Evaluation(given, compiled.variables, budget, work);
  try {
    return compiled.messages.map((expression) => evaluation.of(expression));
  } catch (error) {
    if (error instanceof PolicyBudgetExceeded) return `failed messageExpression: ${error.message}`;
    throw error;
  }
}

function decide(
  { value, error }: Evaluated,
  index: number,
  message: Evaluated | string,
  policy: ValidatingPolicy,
): Decision[] {
  const problem = error ?? (typeof message === 'string' ? message : undefined);
  if (problem !== undefined) return fails(policy) ? [{ message: problem, index }] : [];
  if (value === true) return [];
  const validation = policy.spec.validations![index]!;
  const { reason } = validation;
  return [{ message: wordsOf(validation, message as Evaluated), index, ...(reason ? { reason } : {}) }];
}

/** What the expression for it says, if that makes sense; or what is written there; or the validation itself. */
function wordsOf({ expression, message: written }: Validation, { value }: Evaluated): string {
  const made = typeof value === 'string' ? value.trim() : '';
  if (made !== '' && !made.includes('\n') && byteLength(made) <= MAX_MESSAGE_BYTES) return made;
  return written?.trim() || `failed expression: ${expression.trim()}`;
}

/** What goes into the audit log, and what is wrong with it, which is told in any case. */
function auditValues(
  { policy, compiled }: Invocation,
  given: ReadonlyMap<string, Value>,
  work: WorkBudget,
): Pick<Outcome, 'annotations' | 'errors'> {
  const evaluation = new Evaluation(given, compiled.variables, POLICY_BUDGET, work);
  const { auditAnnotations = [] } = policy.spec as ValidatingAdmissionPolicySpec;
  const annotations: Outcome['annotations'] = [];
  const errors = compiled.auditAnnotations.flatMap((expression, i) => {
    const { value, error } = evaluation.of(expression);
    if (error !== undefined) return fails(policy) ? [error] : [];
    if (typeof value === 'string' && value.trim() !== '') annotations.push([auditAnnotations[i]!.key, value]);
    if (value === null || typeof value === 'string') return [];
    const type = typeName(runtimeType(value!));
    return [
      `valueExpression '${expression.source}' resulted in unsupported return type: ${type}. Return type must be either string or null.`,
    ];
  });
  return { annotations, errors };
}
