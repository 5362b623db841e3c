/**
 * Who a request is from: the cluster's admin token, a service account's token, or nobody.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */

import { StatusError } from '../../objects/status.ts';
import type { TokenGrant } from '../../resources/rbac/token-grant.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';

export interface Identity {
  user: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
  /** What the token gives beside what is bound to the user. */
  grant?: TokenGrant;
  /** The id of the token of less power by which it came, if it was one. */
  token?: string;
}

export const ADMIN: Identity = { user: 'admin', groups: ['system:masters', 'system:authenticated'] };
export const ANONYMOUS: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The groups that a service account is in wherever it comes from. */
export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
];

/** What the subprotocol begins with that carries a token. */
export const WEBSOCKET_BEARER = 'base64url.bearer.authorization.k8s.io.';

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

export const MAX_REMEMBERED_TOKENS = 1000;
/** Longer ones are none of ours. */
export const MAX_REMEMBERED_LENGTH = 256;
const HASHES = new BoundedMap<string>(MAX_REMEMBERED_TOKENS);

/** The SHA-256 of a token in hex: the only form in which an admin token is kept. Those who ask again and again are remembered. */
export async function tokenHash(token: string): Promise<string> {
  const known = HASHES.get(token);
  if (known !== undefined) return known;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  const hash = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
  if (token.length <= MAX_REMEMBERED_LENGTH) HASHES.set(token, hash);
  return hash;
}
