/**
 * The process is killed at random under load, again and again: no acknowledged write is lost, and a watcher that goes on from the
 * last revision it saw misses nothing and sees nothing twice.
 *
 * `DURABILITY_KILLS=200 DURABILITY_SEED=7` makes it longer, and another one.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';
import { seeded } from '../etcd/script.ts';
import { base64, call, operate, type Target, textOf } from './gateway-client.ts';
import { type Seen, watchGateway } from './watcher.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox?.close());

const KILLS = Number(process.env.DURABILITY_KILLS ?? 60);
const SEED = Number(process.env.DURABILITY_SEED ?? 1);
const WRITERS = 8;
const KEYS_PER_WRITER = 5;
/** From a server's start to its end: so short sometimes that a cluster has hardly been woken. */
const LIFE_MS = { least: 10, most: 300 };
const RETRY_MS = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(`survives ${KILLS} kills under load`, { timeout: 60_000 + KILLS * 10_000 }, async () => {
  console.log(`DURABILITY_SEED=${SEED}`);
  const random = seeded(SEED);
  const target: Target = { sandbox, cluster: await sandbox.createCluster({ nodes: 0, profile: 'api' }) };
  const start = Number((await call(target, 'kv/range', { key: base64('x') })).header.revision) + 1;
  const watchers = [watchGateway(target, start, 'WebSocket'), watchGateway(target, start, 'HTTP')];
  const acknowledged = new Map<number, Seen>();
  let tried = 0;
  let over = false;

  /** Writes numbers that rise, one key after the other; what was not answered is followed by the next number. */
  async function write(writer: number): Promise<void> {
    for (let i = 0; !over; i++) {
      const key = `load/${writer}/${i % KEYS_PER_WRITER}`;
      tried++;
      const answer = await operate(target, key, { type: 'put', value: String(i) });
      if (!answer) await pause(RETRY_MS);
      else {
        expect(acknowledged.has(answer.revision)).toBe(false);
        acknowledged.set(answer.revision, { revision: answer.revision, key, value: String(i) });
      }
    }
  }

  /** What was acknowledged by now, the newest of each key. */
  function newestByKey(): Map<string, Seen> {
    const newest = new Map<string, Seen>();
    for (const written of acknowledged.values()) {
      if (written.revision > (newest.get(written.key)?.revision ?? 0)) newest.set(written.key, written);
    }
    return newest;
  }

  async function expectNothingLost(kill: number): Promise<void> {
    const newest = newestByKey();
    const answer = await call(target, 'kv/range', { key: base64('load/'), range_end: base64('load0') });
    const stored = new Map<string, any>((answer.kvs ?? []).map((kv: any) => [textOf(kv.key), kv]));
    for (const [key, written] of newest) {
      const kv = stored.get(key);
      expect(kv, `${key} after kill ${kill}`).toBeDefined();
      expect(Number(kv.mod_revision), `${key} after kill ${kill}`).toBeGreaterThanOrEqual(written.revision);
      if (Number(kv.mod_revision) === written.revision) expect(textOf(kv.value)).toBe(written.value);
    }
  }

  const begun = performance.now();
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  for (let kill = 1; kill <= KILLS; kill++) {
    await pause(LIFE_MS.least + random() * (LIFE_MS.most - LIFE_MS.least));
    await sandbox.server.kill();
    await sandbox.restart();
    await expectNothingLost(kill);
  }
  over = true;
  await Promise.all(writers);
  await expectNothingLost(KILLS);
  const seconds = (performance.now() - begun) / 1000;

  const last = Number((await call(target, 'kv/range', { key: base64('x') })).header.revision);
  const fresh = watchGateway(target, start, 'HTTP');
  for (const watcher of [...watchers, fresh]) {
    await watcher.reached(last);
    watcher.stop();
  }
  console.log(
    `${KILLS} kills in ${seconds.toFixed(0)} s: ${tried} writes tried, ${acknowledged.size} acknowledged, ` +
      `${fresh.seen.length} events, ${watchers.map((watcher) => watcher.reconnects).join(' and ')} reconnects`,
  );
  // Every revision is one put here, so that whatever is lost, doubled or out of order shows.
  const revisions = Array.from({ length: last - start + 1 }, (_, i) => start + i);
  expect(fresh.seen.map(({ revision }) => revision)).toEqual(revisions);
  for (const watcher of watchers) expect(watcher.seen).toEqual(fresh.seen);
  const events = new Map(fresh.seen.map((event) => [event.revision, event]));
  for (const written of acknowledged.values()) expect(events.get(written.revision)).toEqual(written);
  expect(acknowledged.size).toBeGreaterThan(KILLS);
});
