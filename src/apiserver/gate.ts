/**
 * The first stages of every request to a cluster: who is it, on whose behalf, and may they. What passes goes to the server.
 */
import type { View } from '../resources/object.ts';
import {
  ADMIN,
  ANONYMOUS,
  bearerToken,
  type Identity,
  isServiceAccountToken,
  signServiceAccountToken,
  type TokenAuthority,
  tokenHash,
  unauthorized,
  verifyServiceAccountToken,
} from './authentication.ts';
import { type Attributes, authorize, POLICY_RESOURCES, refusal } from './authorization.ts';
import { GoTimeError, parseDuration } from './codec/time.ts';
import { impersonation } from './impersonation.ts';
import { readView } from './pipeline.ts';
import { type Route, route } from './route.ts';
import { badRequest, type Status, StatusError } from './status.ts';
import type { Storage } from './storage.ts';

/** What a cluster accepts as proof. */
export interface Credentials {
  /** SHA-256 hex digests of the tokens that are the cluster's admin. */
  adminTokenHashes: readonly string[];
  /** Key of the service account tokens' signatures. */
  tokenSecret: Uint8Array;
}

export interface Gate {
  credentials: Credentials;
  storage: Storage;
  /** The cluster's time, milliseconds. */
  now(): number;
  /** Told of a token that this cluster does not know; may throw something better than 401. */
  unknownToken?(hash: string): Promise<void>;
}

/** Whose request this is, once it may be served. @throws StatusError 401, 403, and 400 or 500 for impersonation that makes no sense. */
export async function admitRequest(request: Request, pathname: string, gate: Gate): Promise<Identity> {
  const url = new URL(request.url);
  let attributes: Attributes;
  try {
    attributes = attributesOf(route(request.method, pathname, url.searchParams), request.method, pathname);
  } catch (error) {
    // Whoever may ask for the path is told that nothing is there.
    if (!(error instanceof StatusError)) throw error;
    attributes = { verb: httpVerb(request.method), path: pathname };
  }
  checkTimeout(url.searchParams, attributes);
  const real = await authenticate(request, gate);
  const asked = impersonation(request.headers);
  const identity = asked?.identity ?? real;
  const checks: [Identity, Attributes][] = [
    ...(asked?.needs ?? []).map((n): [Identity, Attributes] => [real, n]),
    [identity, attributes],
  ];
  if (checks.every(([who]) => who.groups.includes('system:masters'))) return identity;
  const policy = await readPolicy(gate.storage);
  for (const [who, what] of checks) if (!authorize(who, what, policy).allowed) throw refusal(who, what);
  return identity;
}

const LONG_RUNNING = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/**
 * A request that ends by itself may say how long it waits; what it says must be a duration, whatever is asked and by whom.
 * Source: k8s.io/apiserver/pkg/endpoints/filters/request_deadline.go. Throws 400.
 */
function checkTimeout(query: URLSearchParams, attributes: Attributes): void {
  const timeout = query.get('timeout');
  if (!timeout || attributes.verb === 'watch') return;
  if ('subresource' in attributes && attributes.subresource && LONG_RUNNING.has(attributes.subresource)) return;
  try {
    parseDuration(timeout);
  } catch (error) {
    if (!(error instanceof GoTimeError)) throw error;
    throw badRequest(`invalid timeout specified in the request URL - ${error.message}`);
  }
}

async function authenticate(request: Request, gate: Gate): Promise<Identity> {
  const token = bearerToken(request);
  return token === undefined ? ANONYMOUS : identify(token, gate);
}

/** @throws StatusError 401, or what `unknownToken` throws. */
export async function identify(token: string, gate: Omit<Gate, 'storage'>): Promise<Identity> {
  if (isServiceAccountToken(token)) return verifyServiceAccountToken(token, gate.credentials.tokenSecret, gate.now());
  const hash = await tokenHash(token);
  if (gate.credentials.adminTokenHashes.includes(hash)) return ADMIN;
  await gate.unknownToken?.(hash);
  throw unauthorized();
}

/** The cluster's tokens, for those requests that are about tokens. */
export const tokenAuthority = (gate: Omit<Gate, 'storage' | 'unknownToken'>): TokenAuthority => ({
  identify: (token) => identify(token, gate).catch(() => undefined),
  sign: (token) => signServiceAccountToken(token, gate.credentials.tokenSecret),
});

function attributesOf(found: Route, method: string, pathname: string): Attributes {
  if (!('resource' in found)) return { verb: httpVerb(method), path: pathname };
  const { kind, verb, name, subresource } = found.resource;
  // A namespace counts as being in itself.
  const namespace = kind.group === '' && kind.resource === 'namespaces' ? name : found.resource.namespace;
  return {
    verb,
    group: kind.group,
    version: kind.version,
    resource: kind.resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

const httpVerb = (method: string): string => method.toLowerCase();

/** The roles and bindings of the cluster, as a view. */
export const readPolicy = (storage: Storage): Promise<View> =>
  readView(
    storage,
    POLICY_RESOURCES.map((resource) => ({ resource })),
  );

/** An error of the gate or of the cluster's absence as the API answers it. */
export const statusResponse = (status: Status): Response =>
  new Response(`${JSON.stringify(status)}\n`, {
    status: status.code ?? 500,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      ...(status.details?.retryAfterSeconds ? { 'retry-after': String(status.details.retryAfterSeconds) } : {}),
    },
  });
