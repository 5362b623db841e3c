/** A cluster's own knowledge of tokens, for those requests that are about tokens. */
import type { Identity } from './authentication.ts';
import type { TokenRequestClaims } from './service-account-token.ts';

export interface TokenAuthority {
  /** Whose token this is, and for which of the audiences; or why it is nobody's, in the real server's words. */
  review(token: string, audiences: readonly string[]): Promise<Reviewed | { error: string }>;
  readonly issuer: string;
  sign(token: TokenRequestClaims): Promise<string>;
  /** The public halves of the keys that sign, as a key set has them. */
  publicKeys(): Promise<Record<string, string>[]>;
}

export interface Reviewed {
  identity: Identity;
  audiences: string[];
}
