import { expect, it } from 'vitest';
import { StatusError } from '../../objects/status.ts';
import { MAX_PROXIED_BYTES, proxiedBody } from './proxy.ts';

const request = (body: BodyInit | null) =>
  new Request('http://a/', { method: 'POST', body, duplex: 'half' } as RequestInit);

it('passes on a body of as many bytes as it may have, and none', async () => {
  expect(await proxiedBody(request(new Uint8Array(MAX_PROXIED_BYTES)))).toHaveLength(MAX_PROXIED_BYTES);
  expect(await proxiedBody(request(null))).toHaveLength(0);
});

it('refuses a longer one without reading it to its end', async () => {
  const tooLarge = { status: { code: 413, reason: 'RequestEntityTooLarge' } };
  await expect(proxiedBody(request(new Uint8Array(MAX_PROXIED_BYTES + 1)))).rejects.toMatchObject(tooLarge);
  let read = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = new Uint8Array(64 * 1024);
      read += piece.length;
      controller.enqueue(piece);
    },
  });
  await expect(proxiedBody(request(endless))).rejects.toBeInstanceOf(StatusError);
  expect(read).toBeLessThan(2 * MAX_PROXIED_BYTES);
});
