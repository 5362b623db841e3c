/**
 * Admission webhooks: those that change an object, one after the other and perhaps once more; those that only refuse, side by side.
 * Models k8s.io/apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go and mutating/reinvocationcontext.go.
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { Read } from '../../catalog/strategy.ts';
import { cloneJSON } from '../../objects/clone.ts';
import { sameValue } from '../../objects/equality.ts';
import type { MutatingWebhook } from '../../objects/generated/admissionregistration-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { become } from '../../objects/own.ts';
import { internalError, StatusError } from '../../objects/status.ts';
import { DecodeError } from '../codec/decode-error.ts';
import type { AdmissionRequest } from '../dynamic-admission/admission-request.ts';
import { MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS } from '../dynamic-admission/configurations.ts';
import { isAboutKind, matchedKind, matchesNamespace, matchesObject } from '../dynamic-admission/matching.ts';
import type { PluginContext } from '../dynamic-admission/plugin-context.ts';
import type { Reinvocation } from '../dynamic-admission/reinvocation.ts';
import { shownIn, takenFrom } from '../dynamic-admission/versions.ts';
import {
  type Call,
  CallError,
  callOf,
  type Invocation,
  type Outcome,
  refusalOf,
  verdictIn,
  type Webhook,
} from './admission-call.ts';
import type { Verdict } from './admission-review.ts';
import { keepReadable } from './managed-fields.ts';
import { asksAuthorizer, meetsConditions } from './webhook-conditions.ts';
import { applyWebhookPatch, decodePatch, PatchFailed, UndecodablePatch } from './webhook-patch.ts';

/** Their own configurations no webhook may keep anybody from changing. */
const EXEMPT = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

const isExempt = ({ group, kind }: Kind): boolean => group === 'admissionregistration.k8s.io' && EXEMPT.has(kind);

interface Configured {
  /** Unlike that of any other webhook of the cluster, also of one that changes where this validates: both lists may use the same names. */
  id: string;
  hook: Webhook;
}

/** By the names of their configurations, and as they stand in them. */
const hooksOf = (configurations: View, resource: string): Configured[] =>
  configurations
    .list(resource)
    .flatMap(({ metadata, webhooks = [] }) =>
      (webhooks as Webhook[]).map((hook, i) => ({ id: `${resource} ${metadata.uid} ${hook.name} ${i}`, hook })),
    );

/** Those that may be asked when something of a kind is written. */
const hooksAbout = (configurations: View, kind: Kind): Webhook[] =>
  [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS]
    .flatMap((resource) => hooksOf(configurations, resource))
    .filter(({ hook: { rules = [] } }) =>
      rules.some((rule) => kind.equivalents.some((version) => isAboutKind(rule, version))),
    )
    .map(({ hook }) => hook);

/** The namespace, for selectors, and what stands between the server and a webhook. */
export function webhookReads(configurations: View, kind: Kind, namespace: string | undefined): Read[] {
  const hooks = hooksAbout(configurations, kind);
  if (hooks.length === 0 || isExempt(kind)) return [];
  const reads: Read[] = namespace === undefined ? [] : [{ resource: 'namespaces', name: namespace }];
  for (const { clientConfig } of hooks) {
    const { service } = clientConfig ?? {};
    if (service) reads.push({ resource: 'services', namespace: service.namespace, name: service.name });
  }
  return reads;
}

/** Whether a condition asks what somebody may do. */
export const webhooksAskAuthorizer = (configurations: View, kind: Kind): boolean =>
  !isExempt(kind) && hooksAbout(configurations, kind).some(asksAuthorizer);

/** Changes the request's object in place. @throws StatusError, AnswersNeeded */
export function callMutatingWebhooks(
  request: AdmissionRequest,
  reinvocation: Reinvocation,
  context: PluginContext,
): void {
  if (isExempt(request.kind)) return;
  const hooks = hooksOf(context.configurations, MUTATING_WEBHOOKS);
  if (hooks.length === 0) return;
  const runs = reinvocation.runsOf('MutatingAdmissionWebhook');
  runs.begin(request.object);
  const managedFields = request.object?.metadata?.managedFields;
  for (const { id, hook } of hooks) {
    const kind = versionAsked(hook, request, context);
    if (!kind || !runs.mayRun(id)) continue;
    const invocation = { id, hook, kind };
    const changed = unlessIgnored(hook, () => mutateBy(invocation, request, context, reinvocation.isAgain ? 1 : 0));
    if (changed) runs.changed();
    if ((hook as MutatingWebhook).reinvocationPolicy === 'IfNeeded') runs.ran(id);
  }
  if (request.object?.metadata) keepReadable(request.object, managedFields, context.warn);
  runs.end(request.object);
}

/** The resource's version that the webhook is asked about; undefined: it is not. */
function versionAsked(hook: Webhook, request: AdmissionRequest, context: PluginContext): Kind | undefined {
  if (!matchesNamespace(hook.namespaceSelector, request, context.view)) return undefined;
  if (!matchesObject(hook.objectSelector, request)) return undefined;
  const kind = matchedKind(hook.rules ?? [], hook.matchPolicy, request);
  return kind && meetsConditions(hook, kind, request, context) ? kind : undefined;
}

/** What a webhook's failurePolicy makes of a call that has failed. */
function unlessIgnored<T>(hook: Webhook, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw internalError(error.message);
  }
}

/** What it says beside its verdict. */
function tell({ name }: Webhook, { warnings, auditAnnotations }: Verdict, context: PluginContext): void {
  for (const text of warnings) context.warn(text);
  for (const [key, value] of Object.entries(auditAnnotations)) context.annotate(`${name}/${key}`, value);
}

/** Whether it has changed anything. */
function mutateBy(invocation: Invocation, request: AdmissionRequest, context: PluginContext, round: number): boolean {
  const { hook, kind } = invocation;
  const call = callOf(invocation, request, context, { mutating: true, round });
  const verdict = verdictIn(call, outcomesOf([call], context)[0]!);
  tell(hook, verdict, context);
  if (!verdict.allowed) throw refusalOf(hook, verdict.result);
  const operations = operationsOf(hook, verdict);
  if (operations.length === 0) return false;
  if (!request.object)
    throw internalError(
      `admission webhook ${quoteGo(hook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  if (verdict.patchType !== 'JSONPatch')
    throw new CallError(hook, `unsupported patch type ${quoteGo(verdict.patchType ?? '')}`);
  const made = patched(shownIn(request.object, request, kind, context), operations, { request, kind, context });
  if (sameValue(made, request.object)) return false;
  become(request.object, made);
  return true;
}

/** How many are asked side by side, and characters of what they are asked together: what all answer must fit into memory. */
export const MAX_ASKED_AT_ONCE = 16;
export const MAX_ASKED_CHARACTERS = 16 * 1024 * 1024;

/** @throws AnswersNeeded */
function outcomesOf(calls: readonly Call[], { answers }: PluginContext): Outcome[] {
  if (!answers) throw new Error('a webhook is called where nobody can be asked');
  const outcomes: Outcome[] = [];
  while (outcomes.length < calls.length) {
    const { size } = calls[outcomes.length]!;
    const most = Math.max(1, Math.min(MAX_ASKED_AT_ONCE, Math.floor(MAX_ASKED_CHARACTERS / size)));
    const next = calls.slice(outcomes.length, outcomes.length + most);
    outcomes.push(...answers.all(next.map(({ question }) => question)));
  }
  return outcomes;
}

function operationsOf(hook: Webhook, { patch }: Verdict): unknown[] {
  if (!patch) return [];
  try {
    return decodePatch(patch);
  } catch (error) {
    if (!(error instanceof UndecodablePatch)) throw error;
    throw new CallError(hook, `received undecodable patch in webhook response: ${error.message}`);
  }
}

interface Patching {
  request: AdmissionRequest;
  kind: Kind;
  context: PluginContext;
}

function patched(shown: KubeObject, operations: unknown[], { request, kind, context }: Patching): KubeObject {
  try {
    const made = applyWebhookPatch(cloneJSON(shown), operations) as JSONObject;
    const taken = takenFrom(made, request, kind, context);
    taken.metadata ??= {} as KubeObject['metadata'];
    return taken;
  } catch (error) {
    if (error instanceof PatchFailed || error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}

/** @throws StatusError, AnswersNeeded */
export function callValidatingWebhooks(request: AdmissionRequest, context: PluginContext): void {
  if (isExempt(request.kind)) return;
  const problems: Error[] = [];
  const attempt = <T>(hook: Webhook, work: () => T): T | undefined => {
    try {
      return unlessIgnored(hook, work);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const calls: Call[] = [];
  for (const { id, hook } of hooksOf(context.configurations, VALIDATING_WEBHOOKS)) {
    const kind = versionAsked(hook, request, context);
    const call = kind && attempt(hook, () => callOf({ id, hook, kind }, request, context, { mutating: false }));
    if (call) calls.push(call);
  }
  const outcomes = calls.length > 0 ? outcomesOf(calls, context) : [];
  for (const [i, call] of calls.entries())
    attempt(call.hook, () => {
      const verdict = verdictIn(call, outcomes[i]!);
      tell(call.hook, verdict, context);
      if (!verdict.allowed) throw refusalOf(call.hook, verdict.result);
    });
  if (problems.length > 0) throw problems[0];
}
