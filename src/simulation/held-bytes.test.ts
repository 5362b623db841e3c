import { describe, expect, it } from 'vitest';
import {
  HeldBytes,
  HOLDER_WAIT_MS,
  heldBytes,
  LEASE_MS,
  MAX_HELD_BYTES,
  MAX_UNTAKEN_CHARACTERS,
  MAX_WORK_BYTES,
  MOVE_BYTES,
  ROOM_WAIT_MS,
  STALLED_MS,
  untakenCharacters,
  workBytes,
} from './held-bytes.ts';

const LIMIT = 1200;

function pool() {
  const clock = { now: 1_800_000_000_000 };
  const bytes = new HeldBytes(LIMIT);
  return { clock, bytes, open: (owner: string) => bytes.open(owner, () => clock.now) };
}

/** How much it gets, bit by bit. */
function takeAll(holding: { take(bytes: number): boolean; bytes: number }): number {
  while (holding.take(1));
  return holding.bytes;
}

it.each([
  ['bodies and answers', heldBytes, MAX_HELD_BYTES],
  ['what is worked on', workBytes, MAX_WORK_BYTES],
  ['messages that nobody has taken', untakenCharacters, MAX_UNTAKEN_CHARACTERS],
])('has so much for %s, of which the first that comes gets half', (_, { limit: has }, limit) => {
  expect(has).toBe(limit);
  // One of its own: of the process's others hold something meanwhile.
  const amount = new HeldBytes(limit);
  const [first, second] = [amount.open('first of two'), amount.open('second of two')];
  expect([first.take(limit / 2), first.take(1)]).toEqual([true, false]);
  expect([second.take(limit / 4), second.take(1)]).toEqual([true, false]);
});

describe('what clusters hold', () => {
  it('is for each what is left for the next, so that nobody who comes finds nothing', () => {
    const { bytes, open } = pool();
    expect(takeAll(open('a'))).toBe(LIMIT / 2);
    expect(takeAll(open('b'))).toBe(LIMIT / 4);
    expect(takeAll(open('c'))).toBe(LIMIT / 8);
    // However many there are, and however much they want.
    for (let i = 0; i < 1000; i++) takeAll(open(`d${i}`));
    expect(bytes.total).toBeLessThanOrEqual(LIMIT);
  });

  it('comes to equal parts when they come and go', () => {
    const { open } = pool();
    const holdings = ['a', 'b', 'c'].map(open);
    for (let round = 0; round < 50; round++)
      for (const holding of holdings) {
        holding.give(holding.bytes / 4);
        takeAll(holding);
      }
    for (const { bytes } of holdings) expect(bytes / (LIMIT / 4)).toBeGreaterThan(0.8);
  });

  it('is bounded for all of a cluster together', () => {
    const { open } = pool();
    expect(open('a').take(LIMIT / 2)).toBe(true);
    expect([open('a').take(1), open('b').take(LIMIT / 2)]).toEqual([false, true]);
  });

  it('may be larger than any share when nothing else is held', () => {
    const { open } = pool();
    const large = open('a');
    expect(large.take(2 * LIMIT)).toBe(true);
    expect(open('b').take(1)).toBe(false);
    large.give();
    expect(open('b').take(1)).toBe(true);
  });

  it('comes back by itself from a client that is gone, and counts again when it is not', () => {
    const { clock, bytes, open } = pool();
    const gone = open('a');
    gone.take(LIMIT / 2);
    clock.now += LEASE_MS - 1;
    expect(open('a').take(1)).toBe(false);
    clock.now += 2000;
    expect(open('a').take(1)).toBe(true);
    gone.renew();
    expect(bytes.total).toBe(LIMIT / 2 + 1);
  });
});

describe('who finds no room', () => {
  it('waits for it', async () => {
    const { open } = pool();
    const other = open('a');
    other.take(LIMIT / 2);
    const waiting = open('a').wait(1);
    other.give();
    expect(await waiting).toBe(true);
  });

  it('does not wait for ever', async () => {
    const { clock, bytes } = pool();
    bytes.open('a', () => clock.now, Number.POSITIVE_INFINITY).take(LIMIT / 2);
    const impatient = bytes.open('a', () => (clock.now += ROOM_WAIT_MS / 15));
    expect(await impatient.wait(1)).toBe(false);
  });

  it('waits for less long when others wait for what it holds', async () => {
    const { clock, open } = pool();
    const holder = open('a');
    holder.take(LIMIT / 2);
    const waiting = holder.wait(1);
    clock.now += HOLDER_WAIT_MS;
    expect(await waiting).toBe(false);
  });

  it('makes those give way whose clients do not move, and nobody else', () => {
    const { clock, open } = pool();
    const [still, moving] = [open('a'), open('a')];
    still.take(100);
    moving.take(500);
    clock.now += STALLED_MS;
    still.moved(MOVE_BYTES - 1);
    moving.moved(MOVE_BYTES);
    expect([still.isStalled, moving.isStalled]).toEqual([false, false]);
    open('a').take(1);
    expect([still.isStalled, moving.isStalled]).toEqual([true, false]);
    clock.now += 1000;
    expect(still.isStalled).toBe(false);
  });
});
