/** The platform's API and a cluster's own, as this page asks them: by fetch, at no origin but its own. */
import type { Sandbox } from './address.ts';
import type { Clock, Cluster, ClusterRequest, CreatedCluster, Operations } from './platform.gen.ts';

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

interface Sent {
  method: string;
  path: string;
  token?: string;
  body?: unknown;
  type?: string;
}

/** How long an answer may take before nobody is thought to be there, milliseconds. */
const PATIENCE_MILLISECONDS = 20_000;

/** @throws ApiError */
async function send({ method, path, token, body, type }: Sent): Promise<any> {
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

/** One of the platform's operations, with the types that its document has. Throws `ApiError`. */
function call<Name extends keyof Operations>(
  method: Operations[Name]['method'],
  path: Operations[Name]['path'],
  token?: string,
  body?: Operations[Name]['body'],
): Promise<Operations[Name]['answer']> {
  return send({ method, path, ...(token === undefined ? {} : { token }), body });
}

const idOf = ({ id }: Sandbox): string => encodeURIComponent(id);

export const createCluster = (body: ClusterRequest): Promise<CreatedCluster> =>
  call<'createCluster'>('POST', '/v1/clusters', undefined, body);

export const getCluster = (sandbox: Sandbox): Promise<Cluster> =>
  call<'getCluster'>('GET', `/v1/clusters/${idOf(sandbox)}`, sandbox.token);

/** `ttl`: seconds from now. */
export const extendCluster = (sandbox: Sandbox, ttl: number): Promise<Cluster> =>
  call<'changeCluster'>('PATCH', `/v1/clusters/${idOf(sandbox)}`, sandbox.token, { ttl });

export const getClock = (sandbox: Sandbox): Promise<Clock> =>
  call<'getClock'>('GET', `/v1/clusters/${idOf(sandbox)}/clock`, sandbox.token);

export const clusterPath = (sandbox: Sandbox, path: string): string => `/clusters/${idOf(sandbox)}${path}`;

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
