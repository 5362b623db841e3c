/**
 * How the calls to webhooks that no bridge takes go out: by the service that a local server has for this, or else by the platform's own
 * fetch.
 */
import {
  DEADLINE_EXCEEDED,
  tooLongAnswer,
  unreachable,
  type WebhookAnswer,
  type WebhookCall,
} from '../objects/webhook-call.ts';
import type { Holding } from '../simulation/held-bytes.ts';

/** Makes a call; `held` counts what is read of its answer. Where it throws the answer is lost. */
export type MakeCall = (call: WebhookCall, held: Holding) => Promise<WebhookAnswer>;

/** `guarded`: who makes the calls keeps away from what is not to be called. */
export type Way = { kind: 'direct' | 'guarded'; call: MakeCall };

/** Where there is no room for one more call, or for its answer. */
export const BUSY: WebhookAnswer = { busy: 1 };

/** What is used of a binding that has `fetch`. */
export interface Fetcher {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** `service`: the local server's, which has a network and can trust who signs by a bundle, and keeps away from what is not to be called. */
export const wayOf = (service: Fetcher | undefined): Way =>
  service ? { kind: 'guarded', call: throughService(service) } : { kind: 'direct', call: directly };

/** Of the local server's service alone. */
const SERVICE_URL = 'http://webhooks/';
/** How much longer than the webhook its caller is waited for. */
const GRACE_MS = 1000;
/** Bytes that one of an answer's becomes at the most in the service's JSON, and what that has beside them. */
const ESCAPED_BYTES = 6;
const ROUND_ANSWER_BYTES = 64 * 1024;

const throughService =
  (service: Fetcher): MakeCall =>
  async (call, held) => {
    const response = await service.fetch(SERVICE_URL, {
      method: 'POST',
      body: JSON.stringify(call),
      signal: AbortSignal.timeout(call.timeoutSeconds * 1000 + GRACE_MS),
    });
    const text = await heldText(response, ESCAPED_BYTES * call.maxAnswerBytes + ROUND_ANSWER_BYTES, held);
    return text === undefined ? BUSY : (JSON.parse(text) as WebhookAnswer);
  };

const directly: MakeCall = async (call, held) => {
  const { url, body, timeoutSeconds } = call;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let response: Response;
  try {
    // Where it is sent on to is nobody's that was allowed.
    response = await fetch(url, { method: 'POST', headers: HEADERS, body, redirect: 'manual', signal });
  } catch {
    return { error: signal.aborted ? DEADLINE_EXCEEDED : unreachable(url) };
  }
  return readAnswer(response, call, held, () => signal.aborted);
};

/** As much of what has come as may be. `isLate`: whether the time for it is over. */
export async function readAnswer(
  response: Response,
  call: WebhookCall,
  held: Holding,
  isLate: () => boolean,
): Promise<WebhookAnswer> {
  try {
    const text = await heldText(response, call.maxAnswerBytes, held);
    return text === undefined ? BUSY : answerOf(response, text);
  } catch (error) {
    if (error instanceof TooLong) return tooLongAnswer(call);
    return { unread: isLate() ? DEADLINE_EXCEEDED : 'unexpected EOF' };
  }
}

export const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, */*',
  'user-agent': 'kube-apiserver',
};

function answerOf({ status, headers }: Response, body: string): WebhookAnswer {
  const retryAfter = headers.get('retry-after');
  const contentType = headers.get('content-type') ?? '';
  return { status, contentType, body, ...(retryAfter === null ? {} : { retryAfter }) };
}

/** There is more of an answer than may be. */
class TooLong extends Error {}

/** Undefined where there is no room for it. @throws TooLong, and what reading throws */
async function heldText(response: Response, maxBytes: number, held: Holding): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      if (bytes > maxBytes) throw new TooLong();
      if (!(await held.waitHeavy(part.value.length))) return undefined;
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } finally {
    // What has been read to its end is not left any more.
    void reader.cancel().catch(() => undefined);
  }
}
