import { expect, it } from 'vitest';
import { heldUntilRead } from './held-body.ts';
import { HeldBytes, MOVE_BYTES, STALLED_MS } from './held-bytes.ts';

const LIMIT = 1000;
const text = 'x'.repeat(3 * MOVE_BYTES + 1);

function world() {
  const clock = { now: 1_800_000_000_000 };
  const pool = new HeldBytes(LIMIT);
  const holding = pool.open('a', () => clock.now);
  holding.take(LIMIT / 2);
  return { clock, pool, holding };
}

it('an answer is held until it is read', async () => {
  const { holding } = world();
  const answer = heldUntilRead(new Response(text, { status: 201, headers: { a: 'b' } }), holding);
  expect([answer.status, answer.headers.get('a'), holding.bytes]).toEqual([201, 'b', LIMIT / 2]);
  expect(await answer.text()).toBe(text);
  expect(holding.bytes).toBe(0);
});

it('until it is left', async () => {
  const { holding } = world();
  await heldUntilRead(new Response(text), holding).body!.cancel();
  expect(holding.bytes).toBe(0);
});

it('and not at all when there is nothing to read', () => {
  const { holding } = world();
  heldUntilRead(new Response(null), holding);
  expect(holding.bytes).toBe(0);
});

it('ends a reader that takes nothing while others wait for the room that it has', async () => {
  const { clock, pool, holding } = world();
  const reader = heldUntilRead(new Response(text), holding).body!.getReader();
  expect((await reader.read()).value!.length).toBe(MOVE_BYTES);
  clock.now += STALLED_MS;
  const waiting = pool.open('a', () => clock.now);
  await expect.poll(() => waiting.take(1), { timeout: 10_000, interval: 100 }).toBe(true);
  await expect(reader.read()).rejects.toThrow('too slow');
});
