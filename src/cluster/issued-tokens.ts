/** Tokens of less power that were asked for, as a cluster's life keeps them. */
import { type IssuedToken, isGood } from '../apiserver/identity/issued-token.ts';
import { MAX_TOKENS } from '../platform/limits.ts';
import { type Life, type LifeStorage, storeLife } from './life.ts';

/** Those that are still good. */
export const issuedTokens = (life: Life | undefined, now: number): IssuedToken[] =>
  (life?.issued ?? []).filter((token) => isGood(token, now));

/** With one more; undefined: there are as many as there may be. */
export function withToken(issued: IssuedToken[], token: IssuedToken): IssuedToken[] | undefined {
  return issued.length >= MAX_TOKENS ? undefined : [...issued, token];
}

/** Without the token of that id; undefined: there is none. */
export function withoutToken(issued: IssuedToken[], id: string): IssuedToken[] | undefined {
  const others = issued.filter((token) => token.id !== id);
  return others.length === issued.length ? undefined : others;
}

/** @returns whether there is anything to keep. */
export function keepIssued(life: Life, issued: IssuedToken[] | undefined, storage: LifeStorage): boolean {
  if (!issued) return false;
  life.issued = issued;
  storeLife(storage, life);
  return true;
}
