/**
 * The first stages of every request to a cluster: who is it, on whose behalf, and may they. What passes goes to the server.
 */

import type { Catalog } from '../catalog/catalog.ts';
import { storageKey } from '../catalog/kinds.ts';
import { GoTimeError, parseDuration } from '../objects/go-duration.ts';
import type { View } from '../objects/object.ts';
import { badRequest, type Status, StatusError } from '../objects/status.ts';
import { type Attributes, authorize, isMaster } from '../resources/rbac/authorizer.ts';
import { BoundedMap } from '../simulation/bounded-map.ts';
import { ADMIN, ANONYMOUS, bearerToken, type Identity, tokenHash, unauthorized } from './identity/authentication.ts';
import { refusal } from './identity/authorization.ts';
import { certifiedIdentity, type ShownCertificate } from './identity/client-certificate.ts';
import { type Authorize, impersonate, type Wanted, wantedUser } from './identity/impersonation.ts';
import { findIssued, type IssuedToken, identityOf, mayBeUsedBy } from './identity/issued-token.ts';
import { noteUse } from './identity/legacy-token-use.ts';
import { readPolicy } from './identity/policy.ts';
import {
  API_AUDIENCE,
  checkAlive,
  isServiceAccountToken,
  type Proof,
  proveToken,
  readsOf,
  signTokenRequest,
  TokenError,
} from './identity/service-account-token.ts';
import type { TokenAuthority } from './identity/token-authority.ts';
import { publicKey, type TokenKeySource } from './identity/token-key.ts';
import { readView } from './pipeline.ts';
import { nameSelected, requestInfo } from './request-info.ts';
import { type Route, route } from './route.ts';
import type { Storage } from './storage/storage.ts';

/** What a cluster accepts as proof. */
export interface Credentials {
  /** SHA-256 hex digests of the tokens that are the cluster's admin. */
  adminTokenHashes: readonly string[];
  /** Tokens of less power. `fresh`: as they are this moment, at the cost of a call. */
  issued?(fresh: boolean): Promise<readonly IssuedToken[]>;
  /** Whether a token has the look of one of those. */
  mayHaveIssued?(token: string): boolean;
  /** Whose signature service account tokens must have. */
  tokenKey: TokenKeySource;
  /** Who those tokens say has issued them. */
  issuer: string;
  /** PEM of the authority whose certificates clients may come by. */
  clientCA?: string;
}

export interface Gate {
  credentials: Credentials;
  storage: Storage;
  /** The cluster's time, milliseconds. */
  now(): number;
  /** Real time, milliseconds: how long something is remembered. */
  realNow(): number;
  /** Told of who it is that may not do what he asks, before he is refused. */
  forbidden?(identity: Identity): void;
  /** What the client has shown at a door with TLS. */
  certificate?: ShownCertificate;
  /** Told of a token that this cluster does not know; may throw something better than 401. */
  unknownToken?(hash: string): Promise<void>;
}

/** Whose request this is, once it may be served. `url` has the path as the API has it. @throws StatusError 401, 403, and 400 for impersonation that makes no sense. */
export async function admitRequest(request: Request, { pathname, searchParams }: URL, gate: Gate): Promise<Identity> {
  const { attributes, key } = asked(gate.storage.catalog, request.method, pathname, searchParams);
  checkTimeout(searchParams, attributes);
  const bearer = await authenticate(request, gate);
  const wanted = wantedUser(request.headers);
  const real = bearer.identity;
  let identity = real;
  /** Whoever he becomes, it is by his token. */
  const become = (user: Wanted, ask: Authorize): Identity => {
    const other = impersonate(user, real, attributes, ask);
    return real.token === undefined ? other : { ...other, token: real.token };
  };
  if (isMaster(real)) {
    if (wanted) identity = become(wanted, () => ({ allowed: true, reason: '' }));
    if (isMaster(identity)) return identity;
  }
  // What the token stands on is read with the policy: the check costs no call of its own, and is as true as the decision.
  const access = `${bearer.token} ${request.method} ${pathname}`;
  const proof = heldLately(access, gate) ? undefined : bearer.proof;
  if (key !== undefined) gate.storage.foresee?.({ key });
  const { policy, view } = await readPolicy(gate.storage, proof ? readsOf(proof) : []);
  if (proof) aliveOr401(proof, view, gate.now());
  if (wanted && !isMaster(real)) identity = become(wanted, (other) => authorize(real, other, policy));
  const { allowed, reason } = authorize(identity, attributes, policy);
  if (!allowed) {
    gate.forbidden?.(identity);
    throw refusal(identity, attributes, reason);
  }
  if (proof?.legacyText !== undefined) await noteUse(proof, view, gate.now(), gate.storage);
  else if (proof) HELD.set(access, { at: gate.now(), realAt: gate.realNow() });
  return identity;
}

/**
 * The real server remembers for some seconds that a token held. Here that is so for the same access alone: who asks for the same
 * thing again sees what he would there, and all else is exact.
 */
export const TOKEN_MEMORY_MS = 10_000;
export const MAX_REMEMBERED_ACCESSES = 1000;
/** What all of them may take, characters of token and path; one access is a thousand or two. */
const REMEMBERED_CHARACTERS = 4 * 1024 * 1024;
const HELD = new BoundedMap<{ at: number; realAt: number }>(REMEMBERED_CHARACTERS, (_, access) =>
  Math.max(access.length, Math.floor(REMEMBERED_CHARACTERS / MAX_REMEMBERED_ACCESSES)),
);

/** Both clocks count: one may stand still, and the other jump. */
function heldLately(access: string, gate: Gate): boolean {
  const held = HELD.get(access);
  if (!held) return false;
  const within = (age: number): boolean => age >= 0 && age < TOKEN_MEMORY_MS;
  return within(gate.now() - held.at) && within(gate.realNow() - held.realAt);
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

/** Who a request is from, and for a service account what its token stands on. */
interface Bearer {
  identity: Identity;
  token?: string;
  proof?: Proof;
}

/** Whoever comes by a certificate that holds needs no token; by one that does not, a token is all that can help. */
async function authenticate(request: Request, gate: Gate): Promise<Bearer> {
  const token = bearerToken(request);
  if (gate.certificate !== undefined)
    try {
      const identity = await certifiedIdentity(gate.certificate, gate.credentials.clientCA, gate.now());
      if (identity) return { identity };
    } catch (error) {
      if (token === undefined) throw error;
    }
  if (token === undefined) return { identity: ANONYMOUS };
  if (!isServiceAccountToken(token)) {
    return { identity: await opaqueIdentity(token, request.headers, gate) };
  }
  try {
    const proof = await proveToken(token, gate.credentials.tokenKey, [API_AUDIENCE], gate.now());
    return { identity: proof.identity, token, proof };
  } catch (error) {
    if (error instanceof TokenError) throw unauthorized();
    throw error;
  }
}

function aliveOr401(proof: Proof, view: View, now: number): void {
  try {
    checkAlive(proof, view, now);
  } catch (error) {
    if (error instanceof TokenError) throw unauthorized();
    throw error;
  }
}

/** Whose token it is that says nothing of its user. @throws StatusError 401, 403 elsewhere than where it may be used, or what `unknownToken` throws. */
export async function opaqueIdentity(token: string, headers: Headers, gate: Gate): Promise<Identity> {
  const hash = await tokenHash(token);
  if (gate.credentials.adminTokenHashes.includes(hash)) return ADMIN;
  const found = await issuedToken(token, hash, gate);
  if (!found) {
    await gate.unknownToken?.(hash);
    throw unauthorized();
  }
  if (!mayBeUsedBy(found, headers))
    throw new StatusError(403, 'Forbidden', 'forbidden: this token may be used by pages of its own origins only', {});
  return identityOf(found);
}

/** One that was made a moment ago may not have been heard of yet. */
async function issuedToken(
  token: string,
  hash: string,
  { credentials, realNow }: Gate,
): Promise<IssuedToken | undefined> {
  if (!credentials.issued) return undefined;
  const known = findIssued(await credentials.issued(false), hash, realNow());
  if (known || !credentials.mayHaveIssued?.(token)) return known;
  return findIssued(await credentials.issued(true), hash, realNow());
}

export const INVALID_TOKEN = 'invalid bearer token';

export function tokenAuthority(gate: Gate): TokenAuthority {
  const { credentials, storage, now } = gate;
  const known = async (token: string): Promise<Identity | undefined> => {
    const hash = await tokenHash(token);
    if (credentials.adminTokenHashes.includes(hash)) return ADMIN;
    const found = await issuedToken(token, hash, gate);
    return found && identityOf(found);
  };
  return {
    async review(token, audiences) {
      try {
        if (!isServiceAccountToken(token)) {
          // A token that says nothing of audiences is for the API server's own.
          const identity = audiences.includes(API_AUDIENCE) ? await known(token) : undefined;
          return identity ? { identity, audiences: [API_AUDIENCE] } : { error: INVALID_TOKEN };
        }
        const proof = await proveToken(token, credentials.tokenKey, audiences, now());
        checkAlive(proof, await readView(storage, readsOf(proof)), now());
        return { identity: proof.identity, audiences: proof.audiences };
      } catch (error) {
        if (error instanceof TokenError) return { error: `[${INVALID_TOKEN}, ${error.message}]` };
        throw error;
      }
    },
    issuer: credentials.issuer,
    sign: async (token) => signTokenRequest(token, credentials.issuer, await credentials.tokenKey.make()),
    publicKeys: async () => [publicKey(await credentials.tokenKey.make())],
  };
}

/** What a request wants to do, and of one object that it wants to read the key. */
function asked(
  catalog: Catalog,
  method: string,
  pathname: string,
  query: URLSearchParams,
): { attributes: Attributes; key?: string } {
  try {
    const found = route(catalog, method, pathname, query);
    const attributes = attributesOf(found, method, pathname, query);
    if (!('resource' in found)) return { attributes };
    const { kind, verb, namespace, name } = found.resource;
    return verb === 'get' && name !== undefined
      ? { attributes, key: storageKey(kind, namespace, name) }
      : { attributes };
  } catch (error) {
    // Whoever may ask for the path is told that nothing is there.
    if (!(error instanceof StatusError)) throw error;
    return { attributes: requestInfo(method, pathname, query) };
  }
}

function attributesOf(found: Route, method: string, pathname: string, query: URLSearchParams): Attributes {
  if (!('resource' in found)) return requestInfo(method, pathname, query);
  const { kind, verb, subresource } = found.resource;
  const name = found.resource.name ?? nameSelected(query, verb);
  // A namespace counts as being in itself.
  const namespace = kind.name === 'namespaces' ? name : found.resource.namespace;
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
