/** Calls webhooks from this machine: with a network, and with the certificates that a call brings. Says in Go's words why it got nowhere. */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, isPublicHost } from '../../src/objects/public-host.ts';
import {
  DEADLINE_EXCEEDED,
  notListening,
  tooLongAnswer,
  type WebhookAnswer,
  type WebhookCall,
} from '../../src/objects/webhook-call.ts';
import type { Holding } from '../../src/simulation/held-bytes.ts';

/** Connections that are kept for the next call, of each webhook. */
const MAX_FREE_SOCKETS = 8;

/** As Node's own. */
type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/**
 * What may be called: `public` addresses alone, whatever name leads to them; those that a URL `names` as private as well, by an address or
 * a name that is nobody else's, while a name that anybody may hold leads to none of them; or `any`, where who allows the URLs is who calls.
 */
export type Reach = 'public' | 'named' | 'any';

export interface WebhookCaller {
  /** Never throws. `held` counts what is read of the answer, where that is to be bounded for all calls together. */
  call(call: WebhookCall, held?: Holding): Promise<WebhookAnswer>;
  close(): void;
}

/** `names`: who knows what a name leads to. */
export function webhookCaller(reach: Reach, names: Lookup = lookup): WebhookCaller {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS });
  const call: WebhookCaller['call'] = (made, held) => {
    if (made.service) return Promise.resolve({ error: notListening(made.service) });
    const { url, caBundle, body, timeoutSeconds } = made;
    const asked = new URL(url);
    const host = asked.hostname.replace(/^\[|\]$/g, '');
    if (reach === 'public' && isIP(host) && !isPublicAddress(host))
      return Promise.resolve({ error: refused(host, portOf(asked)) });
    const isBound = reach === 'public' || (reach === 'named' && isPublicHost(asked.hostname));
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    return new Promise((resolve) => {
      const sent = request(asked, {
        method: 'POST',
        agent,
        signal,
        lookup: isBound ? publicLookup(names) : (names as LookupFunction),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json, */*',
          'user-agent': 'kube-apiserver',
        },
        ...(caBundle ? { ca: Buffer.from(caBundle, 'base64').toString() } : {}),
      });
      sent.once('response', (response) => resolve(read(response, made, signal, held)));
      sent.once('error', (error) => resolve({ error: signal.aborted ? DEADLINE_EXCEEDED : wordsOf(error, asked) }));
      sent.end(body);
    });
  };
  return { call, close: () => agent.destroy() };
}

async function read(
  response: IncomingMessage,
  call: WebhookCall,
  signal: AbortSignal,
  held?: Holding,
): Promise<WebhookAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > call.maxAnswerBytes) {
        response.destroy();
        return tooLongAnswer(call);
      }
      if (held && !(await held.waitHeavy(part.length))) {
        response.destroy();
        return { busy: 1 };
      }
      parts.push(part);
    }
  } catch {
    return { unread: signal.aborted ? DEADLINE_EXCEEDED : 'unexpected EOF' };
  }
  const { 'content-type': contentType = '', 'retry-after': retryAfter } = response.headers;
  const body = Buffer.concat(parts).toString();
  return { status: response.statusCode ?? 0, contentType, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** Looks a name up as Node does, and knows nothing of what leads to no public address. */
const publicLookup =
  (names: Lookup): LookupFunction =>
  (hostname, options, callback) => {
    names(hostname, { ...options, all: true }, (error, found) => {
      const addresses = (found ?? []).filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (error || !first) {
        const missing = error ?? Object.assign(new Error(`no public address of ${hostname}`), { code: 'ENOTFOUND' });
        callback(missing, '');
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

const portOf = ({ port }: URL): number => Number(port) || 443;

const refused = (address: string, port: number): string =>
  `dial tcp ${isIP(address) === 6 ? `[${address}]` : address}:${port}: connect: connection refused`;

const VERIFY = 'tls: failed to verify certificate: x509: ';
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

interface NetworkError extends Error {
  code?: string;
  address?: string;
  port?: number;
  /** Of one that was tried at several addresses. */
  errors?: NetworkError[];
  /** Of a certificate for others. */
  cert?: { subjectaltname?: string };
}

function wordsOf(error: NetworkError, url: URL): string {
  const { code = '', address, port = portOf(url), cert } = error.errors?.[0] ?? error;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (UNKNOWN_AUTHORITY.has(code)) return `${VERIFY}certificate signed by unknown authority`;
  switch (code) {
    case 'ECONNREFUSED':
      return refused(address ?? host, port);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${host}: no such host`;
    case 'EHOSTUNREACH':
      return `dial tcp ${address ?? host}:${port}: connect: no route to host`;
    case 'ENETUNREACH':
      return `dial tcp ${address ?? host}:${port}: connect: network is unreachable`;
    case 'ETIMEDOUT':
      return `dial tcp ${address ?? host}:${port}: i/o timeout`;
    case 'ECONNRESET':
    case 'EPIPE':
      return 'EOF';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `${VERIFY}certificate has expired or is not yet valid`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${VERIFY}${otherNames(host, cert?.subjectaltname)}`;
    default:
      if (/wrong version number|packet length too long|http request/i.test(error.message))
        return 'http: server gave HTTP response to HTTPS client';
      return error.message;
  }
}

/** `names`: `DNS:localhost, IP Address:127.0.0.1`. */
function otherNames(host: string, names = ''): string {
  const known = [...names.matchAll(/(DNS|IP Address):([^,]+)/g)];
  const ofKind = known.filter(([, kind]) => (kind === 'DNS') === (isIP(host) === 0)).map(([, , name]) => name);
  if (isIP(host) && ofKind.length === 0)
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  if (known.length === 0) return `certificate is not valid for any names, but wanted to match ${host}`;
  return `certificate is valid for ${ofKind.join(', ')}, not ${host}`;
}
