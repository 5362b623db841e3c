/** The platform's API and a cluster's own, as this page asks them: by fetch, at no origin but its own. */
import type { Sandbox } from './address.ts';

/** The body of `POST /v1/clusters`; the server says what may be in it. */
export interface ClusterRequest {
  ttl?: number;
  manifests?: unknown;
  [field: string]: unknown;
}

export interface RefusedManifest {
  kind: string;
  name: string;
  message: string;
}

export interface Cluster {
  id: string;
  name: string;
  createdAt: string;
  expiresAt: string;
}

export interface CreatedCluster extends Cluster {
  token: string;
  manifests?: { applied: number; failed: RefusedManifest[] };
}

export interface Clock {
  /** RFC 3339 */
  time: string;
  speed: number;
  paused: boolean;
}

/** An answer that is none of success, in the server's words. `code` 0: there was no answer at all. */
export class ApiError extends Error {
  readonly code: number;
  /** As Kubernetes names it: `NotFound`. */
  readonly reason: string | undefined;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number;
  constructor(code: number, message: string, reason?: string, retryAfter = 0) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export interface Sent {
  method: string;
  path: string;
  token?: string;
  body?: unknown;
  type?: string;
}

/** How long an answer may take before nobody is thought to be there, milliseconds. */
const PATIENCE_MILLISECONDS = 20_000;

/** @throws ApiError */
export async function send({ method, path, token, body, type }: Sent): Promise<any> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      method,
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await answer.text();
  } catch {
    throw new ApiError(0, 'The server does not answer.');
  }
  const result = parsed(text);
  if (answer.ok) return result;
  const message = result.message ?? result.detail ?? `The server answered ${answer.status}.`;
  throw new ApiError(answer.status, message, result.reason, Number(answer.headers.get('retry-after')) || 0);
}

function parsed(text: string): any {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return { message: text.slice(0, 300) };
  }
}

export const createCluster = (body: ClusterRequest): Promise<CreatedCluster> =>
  send({ method: 'POST', path: '/v1/clusters', body });

const own = ({ id }: Sandbox): string => `/v1/clusters/${encodeURIComponent(id)}`;

export const getCluster = (sandbox: Sandbox): Promise<Cluster> =>
  send({ method: 'GET', path: own(sandbox), token: sandbox.token });

/** `ttl`: seconds from now. */
export const extendCluster = (sandbox: Sandbox, ttl: number): Promise<Cluster> =>
  send({ method: 'PATCH', path: own(sandbox), token: sandbox.token, body: { ttl } });

export const getClock = (sandbox: Sandbox): Promise<Clock> =>
  send({ method: 'GET', path: `${own(sandbox)}/clock`, token: sandbox.token });

export const clusterPath = ({ id }: Sandbox, path: string): string => `/clusters/${encodeURIComponent(id)}${path}`;

/** A request to the cluster's own API. `type`: the content type of the body, JSON by default. */
export const ask = (sandbox: Sandbox, method: string, path: string, body?: unknown, type?: string): Promise<any> =>
  send({
    method,
    path: clusterPath(sandbox, path),
    token: sandbox.token,
    body,
    ...(type === undefined ? {} : { type }),
  });

/** Whether the token may do that in the namespace. */
export async function mayDo(sandbox: Sandbox, attributes: Record<string, string>): Promise<boolean> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const review = await ask(sandbox, 'POST', path, { spec: { resourceAttributes: attributes } });
  return review.status?.allowed === true;
}
