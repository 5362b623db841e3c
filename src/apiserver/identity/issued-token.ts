/** Tokens of less power than the admin's, which a cluster's admin has had made: who has one, and where it may be used. */
import type { TokenGrant } from '../../resources/rbac/token-grant.ts';
import { ADMIN, type Identity } from './authentication.ts';

/** A token as it is kept: never the token itself. Times are real ones, milliseconds since 1970: a step of the cluster's clock ends no token. */
export interface IssuedToken extends TokenGrant {
  id: string;
  /** SHA-256 in hex. */
  hash: string;
  /** The pages that may use it, as browsers name them; anybody if absent. */
  origins?: string[];
  createdAt: number;
  /** Absent: it is good for as long as the cluster lives, however long that comes to be. */
  expiresAt?: number;
}

/** Whether it has not ended; of the cluster's own end others know. */
export const isGood = ({ expiresAt = Number.POSITIVE_INFINITY }: IssuedToken, realNow: number): boolean =>
  expiresAt > realNow;

/** The token with this hash, unless it has ended. */
export const findIssued = (tokens: readonly IssuedToken[], hash: string, realNow: number): IssuedToken | undefined =>
  tokens.find((token) => token.hash === hash && isGood(token, realNow));

/** Whether a request comes from where the token may be used: a page of its origins, or one that this server has served to its reader. */
export function mayBeUsedBy({ origins }: IssuedToken, headers: Headers): boolean {
  if (!origins) return true;
  const origin = headers.get('origin');
  if (origin !== null && origins.includes(origin)) return true;
  return headers.get('sec-fetch-site') === 'same-origin' || isOwnPage(origin, headers);
}

/** Whether the page has been served under the name that it asks: a browser opens a WebSocket without saying how it stands to the page. */
function isOwnPage(origin: string | null, headers: Headers): boolean {
  return origin !== null && URL.canParse(origin) && new URL(origin).host === headers.get('host');
}

/** Whether it opens all that the admin's own token does. */
export const isWhole = ({ role, namespaces }: TokenGrant): boolean => role === 'admin' && !namespaces;

export function identityOf(issued: IssuedToken): Identity {
  const { id, role, namespaces } = issued;
  if (isWhole(issued)) return { ...ADMIN, token: id };
  return {
    user: `diorama:token:${id}`,
    groups: [`diorama:${role}`, 'system:authenticated'],
    grant: { role, ...(namespaces ? { namespaces } : {}) },
    token: id,
  };
}
