import { expect, it } from 'vitest';
import { signClaimsAtOnce } from './signature-at-once.ts';
import { createTokenKey, signClaims, verifiedClaims } from './token-key.ts';

it('signs as who takes the time for it', async () => {
  const key = await createTokenKey();
  for (const claims of [
    { iss: 'a', sub: 'é' },
    { iss: 'b', n: 1 },
  ]) {
    const token = signClaimsAtOnce(claims, key);
    expect(token).toBe(await signClaims(claims, key));
    expect(await verifiedClaims(token, key)).toEqual(claims);
  }
});
