import { expect, it } from 'vitest';
import { documentResponse, keepDocument, PACKED_FROM_BYTES, takesPacked } from './kept-document.ts';

const request = (acceptEncoding?: string, method = 'GET'): Request =>
  new Request('http://cluster/openapi/v2', {
    method,
    headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
  });

/** Pieces of all sizes, with characters of several bytes at their ends. */
function* pieces(bytes: number): Generator<string> {
  const piece = `"${'x'.repeat(1000)}ü",`;
  const { length } = new TextEncoder().encode(piece);
  let left = bytes;
  for (; left >= length; left -= length) yield piece;
  yield '-'.repeat(left);
}

const unpacked = (packed: Uint8Array): Promise<string> =>
  new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).text();

it.each(Object.entries(PACKED_FROM_BYTES))('packs a document of %s from %i bytes on', async (of, limit) => {
  const kind = of as keyof typeof PACKED_FROM_BYTES;
  const short = await keepDocument(pieces(limit - 1), kind);
  const long = await keepDocument(pieces(limit), kind);
  expect([short.isPacked, short.bytes.length, long.isPacked]).toEqual([false, limit - 1, true]);
  expect(long.bytes.length).toBeLessThan(limit / 10);
  const text = [...pieces(limit)].join('');
  const whole = await documentResponse(request(), long, {}).text();
  expect(whole.length === text.length && whole === text).toBe(true);
});

it('hands on what is packed as it is to who takes that, and tells caches of it', async () => {
  const long = await keepDocument(pieces(PACKED_FROM_BYTES.group), 'group');
  const taken = documentResponse(request('gzip'), long, { vary: 'Accept' });
  expect([taken.headers.get('content-encoding'), taken.headers.get('vary')]).toEqual([
    'gzip',
    'Accept, Accept-Encoding',
  ]);
  const plain = documentResponse(request(), long, { vary: 'Accept' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await unpacked(long.bytes)).toBe(await plain.text());
  const short = documentResponse(request('gzip'), await keepDocument(['short'], 'group'), { vary: 'Accept' });
  expect([short.headers.get('content-encoding'), await short.text()]).toEqual([null, 'short']);
  expect(documentResponse(request('gzip', 'HEAD'), long, {}).body).toBeNull();
});

it.each([
  ['gzip', true],
  ['deflate, gzip;q=0.5, br', true],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip; q=0.0', false],
  ['identity', false],
])('reads %s', (accepted, expected) => {
  expect(takesPacked(request(accepted))).toBe(expected);
});
