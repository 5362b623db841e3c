/** Writers that are overtaken line up: each gets its turn, in order, and nobody who is gone keeps it. */

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Outcome, Proposal } from '../apiserver/storage/storage.ts';
import type { Env } from '../cluster/env.ts';
import { EMPTY_BASE } from './base.ts';
import { commitProposal } from './propose.ts';
import { durableSql } from './sql-durable.ts';
import { Store } from './store.ts';
import { MAX_WAITING_WRITERS, REMEMBERED_DRAWS, SHORTEST_TURN_MS, TURN_MS, Turns } from './turns.ts';

/** Timers that ring when they are told to. */
class Timers {
  #timers: { at: number; callback: () => void }[] = [];
  #now = 0;

  after = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  };

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

interface Writers {
  store: Store;
  turns: Turns;
  timers: Timers;
}

async function withWriters(test: (writers: Writers) => Promise<void>): Promise<void> {
  const stub = (env as unknown as Env).CLUSTER.getByName(`turns-${crypto.randomUUID()}`);
  await runInDurableObject(stub, async (_object, state) => {
    const store = new Store(durableSql(state.storage), { base: { ...EMPTY_BASE, revision: 0 } });
    const timers = new Timers();
    const turns = new Turns({
      commit: (proposal) => commitProposal(store, proposal, 0),
      read: (ranges) => ({
        revision: store.revision,
        now: 0,
        catalogRevision: 0,
        responses: ranges.map((range) => store.range(range)),
      }),
      after: timers.after,
    });
    await test({ store, turns, timers });
  });
}

/** One who puts `key` on condition that it is as it was at `seen`. */
const put = (key: string, seen: number, more: Partial<Proposal> = {}): Proposal => ({
  ranges: [{ key }],
  compare: [{ key, target: 'MOD', result: 'EQUAL', value: seen }],
  steps: [[{ put: { key, value: 'x' } }]],
  ...more,
});

const seenAgain = (outcome: Outcome | undefined): { seen: number; turn: number } => {
  if (!outcome || !('turn' in outcome)) throw new Error(`no turn: ${JSON.stringify(outcome)}`);
  return { seen: outcome.again.responses[0]!.kvs[0]!.modRevision, turn: outcome.turn };
};

it('gives each writer its turn, first come, first served', () =>
  withWriters(async ({ turns, store }) => {
    expect(await turns.propose(put('a', 0))).toEqual({ revision: 1 });
    const order: number[] = [];
    const writers = Array.from({ length: 5 }, async (_, i) => {
      const { seen, turn } = seenAgain(await turns.propose(put('a', 0)));
      order.push(i);
      expect(await turns.propose(put('a', seen, { turn }))).toEqual({ revision: seen + 1 });
    });
    await Promise.all(writers);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(store.range({ key: 'a' }).kvs[0]!.version).toBe(6);
  }));

it('lets nobody new touch what a turn is for, and everybody else go on', () =>
  withWriters(async ({ turns, store }) => {
    await turns.propose(put('a', 0));
    const { seen, turn } = seenAgain(await turns.propose(put('a', 0)));
    expect(await turns.propose(put('b', 0))).toEqual({ revision: 2 });
    const late = turns.propose(put('a', seen));
    expect(store.range({ key: 'a' }).kvs[0]!.modRevision).toBe(seen);
    expect(await turns.propose(put('a', seen, { turn }))).toEqual({ revision: 3 });
    expect(seenAgain(await late).seen).toBe(3);
  }));

it('keeps the turn of one whom the cluster itself overtook', () =>
  withWriters(async ({ turns, store }) => {
    await turns.propose(put('a', 0));
    const first = seenAgain(await turns.propose(put('a', 0)));
    store.put({ key: 'a', value: 'by a controller' });
    const second = seenAgain(await turns.propose(put('a', first.seen, { turn: first.turn })));
    expect(second.seen).toBe(2);
    expect(await turns.propose(put('a', second.seen, { turn: second.turn }))).toEqual({ revision: 3 });
  }));

it('passes a turn on that is given back or lapses, sooner after each that lapsed', () =>
  withWriters(async ({ turns, timers }) => {
    await turns.propose(put('a', 0));
    const first = seenAgain(await turns.propose(put('a', 0)));
    const waiting = Array.from({ length: 8 }, () => turns.propose(put('a', 0)));
    turns.release(first.turn);
    const second = seenAgain(await waiting[0]);
    // Who died says nothing more.
    timers.pass(TURN_MS - 1);
    turns.release(first.turn);
    let thirdCame = false;
    void Promise.resolve(waiting[1]).then(() => {
      thirdCame = true;
    });
    await Promise.resolve();
    expect(thirdCame).toBe(false);
    timers.pass(1);
    seenAgain(await waiting[1]);
    for (let wait = TURN_MS / 2, i = 2; i < 8; wait = Math.max(SHORTEST_TURN_MS, wait / 2), i++) {
      timers.pass(wait);
      seenAgain(await waiting[i]);
    }
    // One who was only slow gets on all the same.
    expect(await turns.propose(put('a', second.seen, { turn: second.turn }))).toEqual({ revision: 2 });
  }));

it('commits of two draws for one purpose the first', () =>
  withWriters(async ({ turns, store }) => {
    const named = (key: string, draw: string): Proposal => ({ ...put(key, 0), draw });
    expect(await turns.propose(named('a', 'p'))).toEqual({ revision: 1 });
    const { turn } = (await turns.propose(named('b', 'p'))) as { turn: number };
    expect(await turns.propose({ ...named('b', 'q'), turn })).toEqual({ revision: 2 });
    for (let i = 0; i < REMEMBERED_DRAWS - 1; i++) await turns.propose(put(`n${i}`, 0, { draw: `r${i}` }));
    expect(await turns.propose(named('c', 'q'))).toHaveProperty('turn');
    expect(await turns.propose(named('d', 'p'))).toEqual({ revision: store.revision });
  }));

it('makes all steps, each at its own revision, or none', () =>
  withWriters(async ({ turns, store }) => {
    const steps = ['a', 'b'].map((key) => [{ put: { key, value: 'x' } }]);
    expect(await turns.propose({ ...put('a', 0), steps })).toEqual({ revision: 2 });
    expect(store.range({ key: 'b' }).kvs[0]!.modRevision).toBe(2);
    expect(await turns.propose({ ...put('a', 0), steps })).toHaveProperty('turn');
    expect(store.revision).toBe(2);
  }));

it('tells who comes after too many waiting ones that it is busy', () =>
  withWriters(async ({ turns }) => {
    await turns.propose(put('a', 0));
    await turns.propose(put('a', 0));
    const waiting = Array.from({ length: MAX_WAITING_WRITERS }, () => turns.propose(put('a', 0)));
    expect(await turns.propose(put('a', 0))).toEqual({ busy: true });
    turns.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]));
  }));
