/**
 * Calls to webhooks, as a cluster's object makes them: to what the cluster's maker has allowed, by the service that a local server has for
 * this or else by the platform's own fetch; and to what a bridge stands for, through that (`webhook-bridges.ts`).
 */
import { isPublicHost } from '../objects/public-host.ts';
import {
  type CallWebhook,
  DEADLINE_EXCEEDED,
  isAllowedWebhook,
  LOST_ANSWER,
  tooLongAnswer,
  unreachable,
  type WebhookAnswer,
  type WebhookCall,
} from '../objects/webhook-call.ts';
import type { Rate } from '../platform/limits.ts';
import { TokenBucket } from '../platform/rates/rate-limit.ts';

/** Calls of one cluster that are under way at a time. */
export const MAX_CALLS = 100;

/** How the calls that no bridge takes go out. */
export type Way = { kind: 'direct'; call: CallWebhook } | { kind: 'guarded'; call: CallWebhook };

/** Calls that wait for one of those to end. */
export const MAX_QUEUED_CALLS = 400;

/** Where as many calls wait, or one has waited for as long as it would have taken. */
const BUSY: WebhookAnswer = { busy: 1 };

interface Ports {
  /** What the cluster's maker has allowed. */
  allowed(): readonly string[];
  /** The bridge that stands for a URL. */
  bridge(url: string): CallWebhook | undefined;
  way: Way;
  /** How many may be made. */
  rate: Rate;
  /** Real time, milliseconds. */
  now(): number;
}

export class WebhookCalls {
  readonly #ports: Ports;
  readonly #bucket: TokenBucket;
  #underWay = 0;
  readonly #queue = new Set<(enters: boolean) => void>();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#bucket = new TokenBucket(ports.rate, ports.now());
  }

  /** Never throws. */
  async call(call: WebhookCall): Promise<WebhookAnswer> {
    const way = this.#wayOf(call.url);
    if (!way) return { error: unreachable(call.url) };
    const { rate, now } = this.#ports;
    const wait = this.#bucket.wait(rate, now());
    if (wait > 0) return { busy: Math.ceil(wait / 1000) };
    this.#bucket.take(rate, 1);
    const enters = this.#enter(call.timeoutSeconds * 1000);
    if (enters !== true && !(await enters)) return BUSY;
    try {
      return await way(call);
    } catch {
      return LOST_ANSWER;
    } finally {
      this.#leave();
    }
  }

  /** Whether the call may be made now, which may take a while; `#leave` ends it. */
  #enter(milliseconds: number): Promise<boolean> | boolean {
    if (this.#underWay < MAX_CALLS) {
      this.#underWay++;
      return true;
    }
    if (this.#queue.size >= MAX_QUEUED_CALLS) return false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => next(false), milliseconds);
      const next = (enters: boolean): void => {
        clearTimeout(timer);
        this.#queue.delete(next);
        resolve(enters);
      };
      this.#queue.add(next);
    });
  }

  /** Whoever waits longest takes the place. */
  #leave(): void {
    const [next] = this.#queue;
    if (next) next(true);
    else this.#underWay--;
  }

  #wayOf(url: string): CallWebhook | undefined {
    const bridge = this.#ports.bridge(url);
    if (bridge) return bridge;
    if (!isAllowedWebhook(this.#ports.allowed(), url)) return undefined;
    const { way } = this.#ports;
    return way.kind === 'guarded' || isPublicHost(new URL(url).hostname) ? way.call : undefined;
  }
}

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

const throughService =
  (service: Fetcher): CallWebhook =>
  async (call) => {
    const response = await service.fetch(SERVICE_URL, {
      method: 'POST',
      body: JSON.stringify(call),
      signal: AbortSignal.timeout(call.timeoutSeconds * 1000 + GRACE_MS),
    });
    return (await response.json()) as WebhookAnswer;
  };

const directly: CallWebhook = async (call) => {
  const { url, body, timeoutSeconds, maxAnswerBytes } = call;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let response: Response;
  try {
    // Where it is sent on to is nobody's that was allowed.
    response = await fetch(url, { method: 'POST', headers: HEADERS, body, redirect: 'manual', signal });
  } catch {
    return { error: signal.aborted ? DEADLINE_EXCEEDED : unreachable(url) };
  }
  try {
    const text = await boundedText(response, maxAnswerBytes);
    return text === undefined ? tooLongAnswer(call) : answerOf(response, text);
  } catch {
    return { unread: signal.aborted ? DEADLINE_EXCEEDED : 'unexpected EOF' };
  }
};

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, */*', 'user-agent': 'kube-apiserver' };

function answerOf({ status, headers }: Response, body: string): WebhookAnswer {
  const retryAfter = headers.get('retry-after');
  const contentType = headers.get('content-type') ?? '';
  return { status, contentType, body, ...(retryAfter === null ? {} : { retryAfter }) };
}

/** Undefined where there is more of it than may be. */
async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    if (bytes > maxBytes) {
      void reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
