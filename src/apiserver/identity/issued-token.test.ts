import { describe, expect, it } from 'vitest';
import { type IssuedToken, mayBeUsedBy } from './issued-token.ts';

const token = { id: 'a', hash: '', role: 'view', createdAt: 0, expiresAt: 1 } as const satisfies IssuedToken;

describe('a token for pages of certain origins', () => {
  it.each([
    [{ origin: 'https://blog.example' }, true],
    [{ origin: 'https://other.example', host: 'lab.example' }, false],
    [{ host: 'lab.example' }, false],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    // A page of the platform's own, in a frame of the blog, opens a WebSocket.
    [{ origin: 'https://lab.example', host: 'lab.example' }, true],
    [{ origin: 'http://localhost:8787', host: 'localhost:8787' }, true],
    [{ origin: 'http://localhost:8788', host: 'localhost:8787' }, false],
    [{ origin: 'null', host: 'lab.example' }, false],
  ])('is used by %j: %s', (headers, may) => {
    expect(mayBeUsedBy({ ...token, origins: ['https://blog.example'] }, new Headers(headers as never))).toBe(may);
    expect(mayBeUsedBy(token, new Headers(headers as never))).toBe(true);
  });
});
