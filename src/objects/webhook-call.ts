/** One call to a webhook, as who decides about a write hands it to who has a network. */

export interface WebhookCall {
  /** https, with the query that tells how long the caller waits. */
  url: string;
  /** Certificates of those who may have signed the webhook's: PEM in base64, as configurations have it; those of public trust unless said. */
  caBundle?: string;
  /** JSON. */
  body: string;
  timeoutSeconds: number;
}

/**
 * What came back. `error`: why nothing did, in the words of Go's HTTP client that follow `Post "URL": `; `unread`: what came could not be
 * read to its end.
 */
export type WebhookAnswer =
  | { status: number; contentType: string; body: string; retryAfter?: string }
  | { error: string }
  | { unread: string };

/** Never throws. */
export type CallWebhook = (call: WebhookCall) => Promise<WebhookAnswer>;

/** Bytes of an answer: what is longer is not read. */
export const MAX_WEBHOOK_ANSWER_BYTES = 8 * 1024 * 1024;

export const TOO_LONG_ANSWER: WebhookAnswer = { unread: `the answer is longer than ${MAX_WEBHOOK_ANSWER_BYTES} bytes` };

/** As where a connection ends before there is an answer. */
export const LOST_ANSWER: WebhookAnswer = { error: 'EOF' };

/** What Go says when nobody has answered in time. */
export const DEADLINE_EXCEEDED = 'context deadline exceeded';

const DEFAULT_PORT = 443;

/** What Go says of a host that cannot be reached. */
export function unreachable(url: string): string {
  const [, host = '', port = String(DEFAULT_PORT)] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?]*)(?::(\d+))?/i.exec(url) ?? [];
  const isAddress = host.startsWith('[') || /^[\d.]+$/.test(host);
  return isAddress ? `dial tcp ${host}:${port}: connect: connection refused` : `dial tcp: lookup ${host}: no such host`;
}

/**
 * Whether a URL is one of the `allowed`, or lies below one of them: `https://host/hooks` allows `https://host/hooks/pods`, and not
 * `https://host/hooks2`. Both are taken as what a request would go to, so nothing is won by dots or other spellings.
 */
export function isAllowedWebhook(allowed: readonly string[], url: string): boolean {
  const asked = URL.parse(url);
  if (asked?.protocol !== 'https:') return false;
  return allowed.some((text) => {
    const root = URL.parse(text);
    if (!root || root.origin !== asked.origin) return false;
    const path = root.pathname.replace(/\/$/, '');
    return asked.pathname === path || asked.pathname.startsWith(`${path}/`);
  });
}
