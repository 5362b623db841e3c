import { afterEach, expect, it, vi } from 'vitest';
import {
  createTokenKey,
  MAX_IMPORTED_KEYS,
  MAX_VERIFIED_TOKENS,
  signClaims,
  type TokenKey,
  verifiedClaims,
} from './token-key.ts';

afterEach(() => vi.restoreAllMocks());

/** One key under many names: to a cluster that remembers keys by their names they are as many. */
const named = (key: TokenKey, count: number): TokenKey[] =>
  Array.from({ length: count }, (_, i) => ({ ...key, kid: `${key.kid} ${i}` }));

it('keeps so many keys ready for use, and those that were not used for the longest no more', async () => {
  const key = await createTokenKey();
  const keys = named(key, MAX_IMPORTED_KEYS + 1);
  const imports = vi.spyOn(crypto.subtle, 'importKey');
  const sign = async (...signers: TokenKey[]): Promise<number> => {
    imports.mockClear();
    for (const signer of signers) await signClaims({ iss: 'i' }, signer);
    return imports.mock.calls.length;
  };
  expect(await sign(...keys.slice(0, MAX_IMPORTED_KEYS))).toBe(MAX_IMPORTED_KEYS);
  expect(await sign(...keys.slice(0, MAX_IMPORTED_KEYS))).toBe(0);
  expect(await sign(keys[MAX_IMPORTED_KEYS]!)).toBe(1);
  expect(await sign(keys[1]!, keys[0]!)).toBe(1);
});

it('remembers so many tokens whose signature was right', async () => {
  const key = await createTokenKey();
  const token = await signClaims({ iss: 'i', sub: 's' }, key);
  const keys = named(key, MAX_VERIFIED_TOKENS + 1);
  const verifications = vi.spyOn(crypto.subtle, 'verify');
  const verify = async (...signers: TokenKey[]): Promise<number> => {
    verifications.mockClear();
    for (const signer of signers) expect(await verifiedClaims(token, signer)).toEqual({ iss: 'i', sub: 's' });
    return verifications.mock.calls.length;
  };
  expect(await verify(...keys.slice(0, MAX_VERIFIED_TOKENS))).toBe(MAX_VERIFIED_TOKENS);
  expect(await verify(...keys.slice(0, MAX_VERIFIED_TOKENS))).toBe(0);
  expect(await verify(keys[MAX_VERIFIED_TOKENS]!)).toBe(1);
  expect(await verify(keys[1]!, keys[0]!)).toBe(1);
});

it('knows no token that another key has signed, or that was changed', async () => {
  const [key, other] = [await createTokenKey(), await createTokenKey()];
  const token = await signClaims({ iss: 'i' }, key);
  expect(await verifiedClaims(token, other)).toBeUndefined();
  const [head, , signature] = token.split('.');
  expect(await verifiedClaims(`${head}.${btoa('{"iss":"j"}')}.${signature}`, key)).toBeUndefined();
});
