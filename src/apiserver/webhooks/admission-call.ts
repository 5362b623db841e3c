/**
 * One admission webhook asked about one request.
 * Models k8s.io/apiserver/pkg/admission/plugin/webhook/{mutating,validating}/dispatcher.go (callHook) and errors/statuserror.go.
 */
import type { Kind } from '../../catalog/kinds.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../objects/generated/admissionregistration-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import type { JSONObject } from '../../objects/json.ts';
import { badRequest, type StatusDetails, StatusError } from '../../objects/status.ts';
import { DEADLINE_EXCEEDED, type WebhookAnswer } from '../../objects/webhook-call.ts';
import type { AdmissionRequest } from '../dynamic-admission/admission-request.ts';
import type { Question } from '../dynamic-admission/outside-answers.ts';
import type { PluginContext } from '../dynamic-admission/plugin-context.ts';
import { shownIn } from '../dynamic-admission/versions.ts';
import {
  ADMISSION_VERSIONS,
  type AdmissionVersion,
  admissionReviewType,
  InvalidResponse,
  reviewRequest,
  reviewText,
  type Verdict,
  verdictOf,
} from './admission-review.ts';
import { AnswerError, readReview } from './review-answer.ts';
import { bundleProblem, calledURL, targetOf, uncalled } from './target.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;
/** Of an answer: a patch of a large object, in base64. */
export const MAX_ADMISSION_BYTES = 2 * 1024 * 1024;

export type Webhook = MutatingWebhook | ValidatingWebhook;

/** A webhook that is to be called. */
export interface Invocation {
  hook: Webhook;
  /** Unlike that of any other webhook of the cluster. */
  id: string;
  /** The resource in the version that the webhook's rules name. */
  kind: Kind;
}

/** A call that has failed: the webhook's failurePolicy says what that means. */
export class CallError extends Error {
  constructor({ name }: Webhook, reason: string) {
    super(`failed calling webhook ${quoteGo(name)}: ${reason}`);
  }
}

/** What has come of a call, once it is made. */
export type Outcome = { verdict: Verdict } | { failed: string } | { refused: StatusError };

/** A call that can be made, or that fails before it is. */
export interface Call {
  hook: Webhook;
  question: Question<Outcome>;
  /** Characters of what is asked. */
  size: number;
}

const isQuiet = ({ sideEffects }: Webhook): boolean => sideEffects === 'None' || sideEffects === 'NoneOnDryRun';

/** `round`: whoever is asked once more is asked anew. @throws CallError, StatusError */
export function callOf(
  { hook, kind, id }: Invocation,
  request: AdmissionRequest,
  context: PluginContext,
  { mutating, round = 0 }: { mutating: boolean; round?: number },
): Call {
  const { requested, view, answers, callWebhook } = context;
  if (requested.dryRun && !isQuiet(hook))
    throw badRequest(`admission webhook ${quoteGo(hook.name)} does not support dry run`);
  const version = hook.admissionReviewVersions?.find((taken): taken is AdmissionVersion => isKnown(taken));
  if (!version)
    throw new CallError(
      hook,
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  const distrust = bundleProblem(hook.clientConfig);
  if (distrust !== undefined) throw new CallError(hook, `could not get REST client: ${distrust}`);
  const target = targetOf(hook.clientConfig, view);
  const own = hook.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const called = own > 0 ? calledURL(target, secondsOf(own, context)) : target.url;
  const late = own > 0 ? undefined : DEADLINE_EXCEEDED;
  const words = late ?? target.problem ?? (answers && callWebhook ? undefined : uncalled(target));
  if (words !== undefined || !callWebhook)
    throw new CallError(hook, `failed to call webhook: Post ${quoteGo(called)}: ${words}`);
  const asked = reviewRequest({
    request,
    requested,
    kind,
    object: request.object && shownIn(request.object, request, kind, context),
    old: request.old && shownIn(request.old, request, kind, context),
  });
  const ask = async (): Promise<Outcome> => {
    const uid = crypto.randomUUID();
    const body = reviewText(version, asked, uid);
    const { caBundle } = hook.clientConfig;
    const bundle = caBundle ? { caBundle } : {};
    const { service } = target;
    const behind = service ? { service } : {};
    const timeoutSeconds = secondsOf(own, context);
    const url = calledURL(target, timeoutSeconds);
    const call = { url, body, timeoutSeconds, maxAnswerBytes: MAX_ADMISSION_BYTES, ...bundle, ...behind };
    return outcomeOf(await callWebhook(call), { url, uid, version, mutating });
  };
  const text = JSON.stringify(asked);
  return { hook, question: { whom: `${id} ${version} ${target.url} ${round}`, text, ask }, size: text.length };
}

/** For how long it is waited for: what the request may still wait, where that is less than the webhook's own timeout. */
const secondsOf = (own: number, { patience }: PluginContext): number => Math.min(own, Math.ceil(patience() / 1000));

const isKnown = (version: string): boolean => (ADMISSION_VERSIONS as readonly string[]).includes(version);

interface Sent {
  url: string;
  uid: string;
  version: AdmissionVersion;
  mutating: boolean;
}

/** What may be taken from an answer: that alone is kept. */
function outcomeOf(answer: WebhookAnswer, { url, uid, version, mutating }: Sent): Outcome {
  try {
    return { verdict: verdictOf(readReview(answer, url, admissionReviewType(version)), version, uid, mutating) };
  } catch (error) {
    if (error instanceof AnswerError) return { failed: `failed to call webhook: ${error.message}` };
    if (error instanceof StatusError) return { refused: error };
    if (error instanceof InvalidResponse) return { failed: `received invalid webhook response: ${error.message}` };
    throw error;
  }
}

/** @throws CallError, StatusError */
export function verdictIn({ hook }: Call, outcome: Outcome): Verdict {
  if ('failed' in outcome) throw new CallError(hook, outcome.failed);
  if ('refused' in outcome) throw outcome.refused;
  return outcome.verdict;
}

const FIRST_FAILURE = 400;

/** What a webhook's refusal is told as. */
export function refusalOf({ name }: Webhook, result: JSONObject = {}): StatusError {
  const { code, message, reason, details } = result;
  const deniedBy = `admission webhook ${quoteGo(name)} denied the request`;
  const why = textOf(message) || textOf(reason);
  return new StatusError(
    typeof code === 'number' && code >= FIRST_FAILURE ? code : FIRST_FAILURE,
    textOf(reason),
    why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`,
    typeof details === 'object' && details !== null ? (details as StatusDetails) : undefined,
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
