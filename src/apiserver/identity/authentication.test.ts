import { expect, it, vi } from 'vitest';
import { MAX_REMEMBERED_LENGTH, MAX_REMEMBERED_TOKENS, tokenHash } from './authentication.ts';

/** How many digests are computed meanwhile. */
async function digests(work: () => Promise<unknown>): Promise<number> {
  const digest = vi.spyOn(crypto.subtle, 'digest');
  try {
    await work();
    return digest.mock.calls.length;
  } finally {
    digest.mockRestore();
  }
}

it('hashes a token by SHA-256', async () => {
  for (let time = 0; time < 2; time++)
    expect(await tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('remembers the hashes of tokens that are not too long', async () => {
  const twice = (token: string) => async () => {
    await tokenHash(token);
    await tokenHash(token);
  };
  expect(await digests(twice('a'.repeat(MAX_REMEMBERED_LENGTH)))).toBe(1);
  expect(await digests(twice('a'.repeat(MAX_REMEMBERED_LENGTH + 1)))).toBe(2);
});

it('forgets a token when so many others were asked for', async () => {
  await tokenHash('first');
  for (let i = 1; i < MAX_REMEMBERED_TOKENS; i++) await tokenHash(`other-${i}`);
  expect(await digests(() => tokenHash('first'))).toBe(0);
  for (let i = 0; i < MAX_REMEMBERED_TOKENS; i++) await tokenHash(`another-${i}`);
  expect(await digests(() => tokenHash('first'))).toBe(1);
});
