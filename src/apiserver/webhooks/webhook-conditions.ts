/** The conditions of webhooks, compiled once for each webhook that is remembered. */

import type { Kind } from '../../catalog/kinds.ts';
import { forbidden } from '../../objects/status.ts';
import { CONDITION } from '../../resources/admissionregistration/expression-validation.ts';
import { PolicyCompiler, type PolicyExpression } from '../../resources/admissionregistration/policy-compiler.ts';
import type { AdmissionRequest } from '../dynamic-admission/admission-request.ts';
import { ExpressionValues } from '../dynamic-admission/expression-values.ts';
import { conditionsHold } from '../dynamic-admission/match-conditions.ts';
import type { PluginContext } from '../dynamic-admission/plugin-context.ts';
import type { Webhook } from './admission-call.ts';

type Compiled = readonly { name: string; expression: PolicyExpression }[];

const NONE: Compiled = [];
const compiled = new WeakMap<Webhook, Compiled>();

function conditionsOf(hook: Webhook): Compiled {
  const { matchConditions } = hook;
  if (!matchConditions?.length) return NONE;
  const known = compiled.get(hook);
  if (known) return known;
  const compiler = new PolicyCompiler({ params: false, composition: false });
  const made = matchConditions.map(({ name, expression }) => ({
    name,
    expression: compiler.compile(expression.trim(), CONDITION),
  }));
  compiled.set(hook, made);
  return made;
}

/** Whether one of them asks what somebody may do. */
export const asksAuthorizer = (hook: Webhook): boolean =>
  conditionsOf(hook).some(({ expression }) => expression.asksAuthorizer);

/** `kind`: the resource in the version that the webhook is asked about. @throws StatusError 403 where they cannot be told and that is not to be ignored */
export function meetsConditions(hook: Webhook, kind: Kind, request: AdmissionRequest, context: PluginContext): boolean {
  const { failurePolicy } = hook;
  const conditions = { matchConditions: conditionsOf(hook), variables: new Map(), failurePolicy };
  const values = new ExpressionValues(request, kind, context, null);
  const { holds, error } = conditionsHold(conditions, () => values.forConditions(), context.work);
  if (error !== undefined) throw forbidden(request.kind, request.name, error);
  return holds;
}
