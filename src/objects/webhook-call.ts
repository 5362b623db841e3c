/** One call to a webhook, as who decides about a write hands it to who has a network. */

/** A Service that a call goes to, by the port of its own that is named. */
export interface CalledService {
  namespace: string;
  name: string;
  port: number;
  clusterIP: string;
}

export interface WebhookCall {
  /** https, with the query that tells how long the caller waits. */
  url: string;
  /** Certificates of those who may have signed the webhook's: PEM in base64, as configurations have it; those of public trust unless said. */
  caBundle?: string;
  /** JSON. */
  body: string;
  timeoutSeconds: number;
  /** The Service that the URL stands for: who calls leads it to a program of the cluster's own, and never to a host of that name. */
  service?: CalledService;
  /** Bytes of the answer: what is longer is not read. */
  maxAnswerBytes: number;
}

/**
 * What came back. `error`: why nothing did, in the words of Go's HTTP client that follow `Post "URL": `; `unread`: what came could not be
 * read to its end; `busy`: it was not asked, as too much is, and may be in so many seconds.
 */
export type WebhookAnswer =
  | { status: number; contentType: string; body: string; retryAfter?: string }
  | { error: string }
  | { unread: string }
  | { busy: number };

/** Never throws. */
export type CallWebhook = (call: WebhookCall) => Promise<WebhookAnswer>;

export const tooLongAnswer = ({ maxAnswerBytes }: WebhookCall): WebhookAnswer => ({
  unread: `the answer is longer than ${maxAnswerBytes} bytes`,
});

/** As where a connection ends before there is an answer. */
export const LOST_ANSWER: WebhookAnswer = { error: 'EOF' };

/** What Go says when nobody has answered in time. */
export const DEADLINE_EXCEEDED = 'context deadline exceeded';

/** What Go says of a Service's address that leads nowhere. */
export const dialFault = ({ clusterIP, port }: CalledService, why: string): string =>
  `dial tcp ${clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP}:${port}: connect: ${why}`;

/** The same where no program listens behind it. */
export const notListening = (service: CalledService): string => dialFault(service, 'connection refused');

const DEFAULT_PORT = 443;

/** What Go says of a host that cannot be reached. */
export function unreachable(url: string): string {
  const [, host = '', port = String(DEFAULT_PORT)] = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?]*)(?::(\d+))?/i.exec(url) ?? [];
  const isAddress = host.startsWith('[') || /^[\d.]+$/.test(host);
  return isAddress ? `dial tcp ${host}:${port}: connect: connection refused` : `dial tcp: lookup ${host}: no such host`;
}

/** Undefined for what is none. */
export function httpsURL(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' ? url : undefined;
}

/** A dot or a slash that is hidden from whoever compares paths, and that some servers read as what it stands for. */
const HIDDEN_STEP = /%(2e|2f|5c)/i;

/**
 * Whether a URL is one of the `allowed`, or lies below one of them: `https://host/hooks` allows `https://host/hooks/pods`, and not
 * `https://host/hooks2`. Both are taken as what a request would go to, so nothing is won by dots or other spellings.
 */
export function isAllowedWebhook(allowed: readonly string[], url: string): boolean {
  const asked = httpsURL(url);
  if (!asked) return false;
  return allowed.some((text) => {
    const root = httpsURL(text);
    if (root?.origin !== asked.origin) return false;
    const path = root.pathname.replace(/\/$/, '');
    // What was allowed to the letter is allowed however it is spelled.
    if (asked.pathname === root.pathname) return true;
    if (HIDDEN_STEP.test(asked.pathname.slice(path.length))) return false;
    return asked.pathname === path || asked.pathname.startsWith(`${path}/`);
  });
}
