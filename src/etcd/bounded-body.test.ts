import { expect, it } from 'vitest';
import type { Storage } from '../apiserver/storage/storage.ts';
import { MAX_BODY_BYTES, readBody } from '../apiserver/write/body.ts';
import { HeldBytes, LIGHT_BYTES, ROOM_WAIT_MS } from '../simulation/held-bytes.ts';
import { boundedBody } from './bounded-body.ts';

const PART = 1000;

/** A body without an end, or of so many parts; and how many of them were taken. */
function endless(parts = Number.POSITIVE_INFINITY, size = PART): { request: Request; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken >= parts) return controller.close();
        controller.enqueue(new Uint8Array(size).fill(taken++ % 256));
      },
    },
    { highWaterMark: 0 },
  );
  return {
    request: new Request('https://a', { method: 'POST', body, duplex: 'half' } as RequestInit),
    taken: () => taken,
  };
}

const read = (request: Request, maxBytes: number) =>
  boundedBody(request, maxBytes, (bytes) => new Error(`${bytes} are too many`));

it('stops reading at the limit', async () => {
  const { request, taken } = endless();
  await expect(read(request, 10 * PART)).rejects.toThrow('11000 are too many');
  expect(taken()).toBe(11);
});

it('gives what is as long as it may be, whole', async () => {
  const whole = await read(endless(10).request, 10 * PART);
  expect([whole.length, whole[0], whole[PART - 1], whole[PART], whole[10 * PART - 1]]).toEqual([10 * PART, 0, 0, 1, 9]);
  await expect(read(endless(10).request, 10 * PART - 1)).rejects.toThrow('10000 are too many');
  expect(await read(new Request('https://a'), 0)).toEqual(new Uint8Array());
});

it('reads nothing of what says itself that it is too long', async () => {
  const { request, taken } = endless();
  const announced = new Request(request, { headers: { 'content-length': '10001' } });
  await expect(read(announced, 10_000)).rejects.toThrow('10001 are too many');
  expect(taken()).toBe(0);
});

it('ends an upload to the API with 413', async () => {
  const size = 64 * 1024;
  const { request, taken } = endless(Number.POSITIVE_INFINITY, size);
  await expect(readBody({ request, storage: {} as Storage })).rejects.toMatchObject({
    status: { code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' },
  });
  expect(taken()).toBe(MAX_BODY_BYTES / size + 1);
});

it('holds what has come until it is given back, and is refused when there is no room for more', async () => {
  const pool = new HeldBytes(20 * PART);
  let now = 1_800_000_000_000;
  const room = (owner: string) => ({
    holding: pool.open(owner, () => now, Number.POSITIVE_INFINITY),
    none: () => new Error('no room'),
  });
  const first = room('a');
  const body = (from: Request, into: ReturnType<typeof room>) =>
    boundedBody(from, 100 * PART, (bytes) => new Error(`${bytes} are too many`), into);
  expect((await body(endless(10).request, first)).length).toBe(10 * PART);
  expect(first.holding.bytes).toBe(10 * PART);
  const { request, taken } = endless();
  const refused = body(request, room('a'));
  refused.catch(() => undefined);
  await expect.poll(taken).toBeGreaterThan(0);
  now += ROOM_WAIT_MS;
  await expect(refused).rejects.toThrow('no room');
  expect(taken()).toBe(1);
  expect((await body(endless(5).request, room('b'))).length).toBe(5 * PART);
});

it('reads nothing of a large body that says how long it is before there is room for all of it', async () => {
  const pool = new HeldBytes(4 * LIGHT_BYTES);
  const now = 1_800_000_000_000;
  const holding = () => pool.open('a', () => now, Number.POSITIVE_INFINITY);
  const sent = (bytes: number) => {
    const { request, taken } = endless(bytes / PART);
    return { taken, request: new Request(request, { headers: { 'content-length': String(bytes) } }) };
  };
  const large = Math.ceil(LIGHT_BYTES / PART) * PART;
  const other = holding();
  other.take(2 * LIGHT_BYTES);
  const { request, taken } = sent(large);
  const room = { holding: holding(), none: () => new Error('no room') };
  const body = boundedBody(request, 100 * large, () => new Error('too large'), room);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(taken()).toBe(0);
  other.give();
  expect((await body).length).toBe(large);
  expect(room.holding.bytes).toBe(large);
});
