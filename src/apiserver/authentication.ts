/**
 * Who a request is from: the cluster's admin token, a service account's token, or nobody; and impersonation.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */
import { decodeJwt, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { StatusError } from './status.ts';

export interface Identity {
  user: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

export const ADMIN: Identity = { user: 'admin', groups: ['system:masters', 'system:authenticated'] };
export const ANONYMOUS: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The audience and issuer of service account tokens, as the real server's default. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const WEBSOCKET_BEARER = 'base64url.bearer.authorization.k8s.io.';

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized');

/** The bearer token of a request: its Authorization header, or for WebSockets the subprotocol that Kubernetes defines. */
export function bearerToken(request: Request): string | undefined {
  const header = request.headers.get('authorization');
  const match = header && /^Bearer\s+(\S+)\s*$/i.exec(header);
  if (match) return match[1];
  for (const protocol of (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((p) => p.trim()))
    if (protocol.startsWith(WEBSOCKET_BEARER)) {
      try {
        return atob(protocol.slice(WEBSOCKET_BEARER.length).replaceAll('-', '+').replaceAll('_', '/'));
      } catch {
        throw unauthorized();
      }
    }
  return undefined;
}

/** The SHA-256 of a token in hex: the only form in which an admin token is kept. */
export async function tokenHash(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export interface ServiceAccountToken {
  namespace: string;
  name: string;
  uid: string;
  audiences: string[];
  /** Seconds since 1970, of the cluster's clock. */
  issuedAt: number;
  expiresAt: number;
  /** The token's own id, a UUID. */
  id: string;
  pod?: { name: string; uid: string };
}

export function signServiceAccountToken(token: ServiceAccountToken, secret: Uint8Array): Promise<string> {
  return new SignJWT({
    'kubernetes.io': {
      namespace: token.namespace,
      serviceaccount: { name: token.name, uid: token.uid },
      ...(token.pod ? { pod: token.pod } : {}),
    },
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience(token.audiences)
    .setSubject(`system:serviceaccount:${token.namespace}:${token.name}`)
    .setIssuedAt(token.issuedAt)
    .setNotBefore(token.issuedAt)
    .setExpirationTime(token.expiresAt)
    .setJti(token.id)
    .sign(secret);
}

/** Whether this looks like a service account token at all; only then is its signature worth checking. */
export function isServiceAccountToken(token: string): boolean {
  try {
    return decodeJwt(token).iss === ISSUER;
  } catch {
    return false;
  }
}

/** @throws StatusError 401 for a token that is expired, forged or for another audience. */
export async function verifyServiceAccountToken(token: string, secret: Uint8Array, now: number): Promise<Identity> {
  let claims: JWTPayload & { 'kubernetes.io'?: any };
  try {
    claims = (await jwtVerify(token, secret, { issuer: ISSUER, audience: ISSUER, currentDate: new Date(now) })).payload;
  } catch {
    throw unauthorized();
  }
  const own = claims['kubernetes.io'];
  return {
    user: claims.sub!,
    uid: own.serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${own.namespace}`, 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
      ...(own.pod
        ? {
            'authentication.kubernetes.io/pod-name': [own.pod.name],
            'authentication.kubernetes.io/pod-uid': [own.pod.uid],
          }
        : {}),
    },
  };
}

/** The cluster's own knowledge of tokens. */
export interface TokenAuthority {
  /** Whose token this is; undefined if nobody's. */
  identify(token: string): Promise<Identity | undefined>;
  sign(token: ServiceAccountToken): Promise<string>;
}
