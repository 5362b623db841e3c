/** Webhooks in the test's own process: what they are asked is noted, and what they answer is what the test says. */
import {
  type CallWebhook,
  tooLongAnswer,
  type WebhookAnswer,
  type WebhookCall,
} from '../../src/objects/webhook-call.ts';

/** The review that it was asked with, to what it answers: a review's `response` but for its uid, or the whole answer. */
export type FakeHook = (request: any, call: WebhookCall) => object | WebhookAnswer;

export interface FakeHooks {
  call: CallWebhook;
  /** The requests of the reviews, in order, with the path that was called. */
  asked: { path: string; apiVersion: string; request: any }[];
  /** By path. */
  hooks: Record<string, FakeHook>;
}

const isAnswer = (answer: object): answer is WebhookAnswer =>
  'error' in answer || 'unread' in answer || 'busy' in answer || ('status' in answer && 'contentType' in answer);

export function fakeHooks(hooks: Record<string, FakeHook>): FakeHooks {
  const fake: FakeHooks = {
    asked: [],
    hooks,
    async call(call) {
      const { apiVersion, kind, request } = JSON.parse(call.body);
      const path = new URL(call.url).pathname;
      fake.asked.push({ path, apiVersion, request });
      const answer = fake.hooks[path]!(request, call);
      if (isAnswer(answer)) return answer;
      const body = JSON.stringify({ apiVersion, kind, response: { uid: request.uid, ...answer } });
      if (body.length > call.maxAnswerBytes) return tooLongAnswer(call);
      return { status: 200, contentType: 'application/json', body };
    },
  };
  return fake;
}

export const answered = (body: unknown, status = 200, contentType = 'application/json'): WebhookAnswer => ({
  status,
  contentType,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** A patch as a response has it. */
export const patching = (...operations: object[]): object => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: btoa(JSON.stringify(operations)),
});
