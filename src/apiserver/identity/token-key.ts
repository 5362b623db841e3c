/**
 * The RSA key pair that signs a cluster's service account tokens: made when the first token is, for it takes some 100 ms.
 * Source: RFC 7517 and 7518 (models pkg/serviceaccount/jwt.go).
 */

import { CompactSign, compactVerify } from 'jose';
import { encodeBase64url } from '../../simulation/base64.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';

type RsaKey = Record<'kty' | 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', string>;

export interface TokenKey {
  /** Its name in tokens and key sets: the SHA-256 of its public half's SPKI, base64url. */
  kid: string;
  /** The private half, which holds the public one. */
  jwk: RsaKey;
}

/** Where a cluster's key is. */
export interface TokenKeySource {
  /** Undefined while nobody has needed one, so that no token can be valid. */
  find(): Promise<TokenKey | undefined>;
  /** Makes it, if there is none. */
  make(): Promise<TokenKey>;
}

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const MODULUS_BITS = 2048;

/** Keys that are kept ready for use, over all clusters. */
export const MAX_IMPORTED_KEYS = 200;
/** Tokens whose signature was found right: looking them up takes the place of the arithmetic. */
export const MAX_VERIFIED_TOKENS = 1000;

export async function createTokenKey(): Promise<TokenKey> {
  const parameters = { ...ALGORITHM, modulusLength: MODULUS_BITS, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = (await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])) as CryptoKeyPair;
  const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  const { kty, n, e, d, p, q, dp, dq, qi } = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as RsaKey;
  return { kid: encodeBase64url(digest), jwk: { kty, n, e, d, p, q, dp, dq, qi } };
}

/** The public half as a key set has it. */
export const publicKey = ({ kid, jwk }: TokenKey): Record<string, string> => ({
  use: 'sig',
  kty: 'RSA',
  kid,
  alg: 'RS256',
  n: jwk.n,
  e: jwk.e,
});

const imported = new BoundedMap<Promise<CryptoKey>>(MAX_IMPORTED_KEYS);

function importKey(key: TokenKey, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const id = `${use} ${key.kid}`;
  const known = imported.get(id);
  if (known) return known;
  const { kty, n, e } = key.jwk;
  const jwk = use === 'sign' ? key.jwk : { kty, n, e };
  const made = crypto.subtle.importKey('jwk', jwk, ALGORITHM, false, [use]);
  imported.set(id, made);
  return made;
}

/** A JWT in compact form; the members of the claims come in the order that they have. */
export async function signClaims(claims: object, key: TokenKey): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  const signer = new CompactSign(payload).setProtectedHeader({ alg: 'RS256', kid: key.kid });
  return signer.sign(await importKey(key, 'sign'));
}

/** What our tokens claim: what this server signed is as it was written then. */
export interface Claims {
  iss: string;
  aud?: string | string[];
  nbf?: number;
  exp?: number;
  iat?: number;
  jti?: string;
  /** A token's of the `TokenRequest` API. */
  'kubernetes.io'?: { namespace: string; serviceaccount: Required<Ref>; pod?: Required<Ref>; secret?: Ref; node?: Ref };
  /** A Secret's: texts. */
  [claim: string]: unknown;
}

/** What a token names. */
export interface Ref {
  name: string;
  uid?: string;
}

const verified = new BoundedMap<Claims>(MAX_VERIFIED_TOKENS);

/** What a token claims, if this key has signed it; undefined if not. Shared: not to be changed. */
export async function verifiedClaims(token: string, key: TokenKey): Promise<Claims | undefined> {
  const id = `${key.kid} ${token}`;
  const known = verified.get(id);
  if (known) return known;
  try {
    const { payload } = await compactVerify(token, await importKey(key, 'verify'), { algorithms: ['RS256'] });
    const claims = JSON.parse(new TextDecoder().decode(payload));
    verified.set(id, claims);
    return claims;
  } catch {
    return undefined;
  }
}
