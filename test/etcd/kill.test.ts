import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Input, isLinearizable, type Recorded, type Value } from './linearizability.ts';
import { seeded } from './script.ts';
import { type Answer, Server } from './server-process.ts';

/** More by `ETCD_KILLS=200`. */
const kills = Number(process.env.ETCD_KILLS ?? 8);
const CLIENTS = 6;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Write {
  key: string;
  value: string;
  revision: number;
}

/** Follows all keys from revision 2 on; whenever its stream breaks it goes on after the last revision that it has seen. */
class Watcher {
  readonly events: string[] = [];
  revision = 1;
  over = false;

  async run(server: Server): Promise<void> {
    while (!this.over) {
      try {
        await this.#follow(server);
      } catch {
        await sleep(5);
      }
    }
  }

  async #follow(server: Server): Promise<void> {
    const create_request = { key: btoa('a'), range_end: btoa('z'), start_revision: String(this.revision + 1) };
    const response = await fetch(`${server.url}/watch`, { method: 'POST', body: JSON.stringify({ create_request }) });
    let rest = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + part).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#take((JSON.parse(line).result as Answer).events ?? []);
      if (this.over) return;
    }
  }

  #take(events: Answer[]): void {
    for (const { kv } of events) {
      this.events.push(`${kv.mod_revision} ${atob(kv.key)}=${atob(kv.value)}`);
      this.revision = Number(kv.mod_revision);
    }
  }
}

/** Puts, gets and swaps on random keys; notes when each began and was answered. */
async function client(
  server: Server,
  seed: number,
  history: Map<string, Recorded[]>,
  writes: Write[],
  running: () => boolean,
) {
  const random = seeded(seed);
  const known = new Map<string, Value>();
  for (let i = 0; running(); i++) {
    const name = KEYS[Math.floor(random() * KEYS.length)]!;
    // A key's history is cut in parts, so that it can be searched.
    const key = `${name}${Math.floor(i / 12)}`;
    const value = `${seed}-${i}`;
    const choice = random();
    const input: Input =
      choice < 0.4
        ? { put: value }
        : choice < 0.7
          ? { get: true }
          : { swap: { from: known.get(key) ?? null, to: value } };
    const recorded: Recorded = { input, start: performance.now(), end: Number.POSITIVE_INFINITY };
    if (!history.has(key)) history.set(key, []);
    history.get(key)!.push(recorded);
    try {
      const { output, revision, seen } = await perform(server, key, input);
      recorded.end = performance.now();
      recorded.output = output;
      known.set(key, seen);
      if (revision !== undefined) writes.push({ key, value, revision });
    } catch {
      await sleep(10);
    }
  }
}

async function perform(server: Server, key: string, input: Input) {
  const name = btoa(key);
  if ('put' in input) {
    const { header } = await server.call('kv/put', { key: name, value: btoa(input.put) });
    return { output: true, revision: Number(header.revision), seen: input.put };
  }
  if ('get' in input) {
    const { header, kvs } = await server.call('kv/range', { key: name });
    const value: Value = header && kvs ? atob(kvs[0].value) : null;
    return { output: value, revision: undefined, seen: value };
  }
  const { from, to } = input.swap;
  const absent = { key: name, target: 'VERSION', version: '0' };
  const compare = [from === null ? absent : { key: name, target: 'VALUE', value: btoa(from) }];
  const success = [{ request_put: { key: name, value: btoa(to) } }];
  const failure = [{ request_range: { key: name } }];
  const answer = await server.call('kv/txn', { compare, success, failure });
  const succeeded = answer.succeeded === true;
  const kvs = answer.responses[0].response_range?.kvs;
  const seen: Value = succeeded ? to : kvs ? atob(kvs[0].value) : null;
  return { output: succeeded, revision: succeeded ? Number(answer.header.revision) : undefined, seen };
}

it(`loses nothing and stays linearizable when it is killed ${kills} times under load`, {
  timeout: 600_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-kill-'));
  const server = new Server(join(folder, 'etcd.db'));
  const history = new Map<string, Recorded[]>();
  const writes: Write[] = [];
  const watcher = new Watcher();
  let running = true;
  await server.start();
  const watching = watcher.run(server);
  const clients = Array.from({ length: CLIENTS }, (_, i) => client(server, i + 1, history, writes, () => running));
  const random = seeded(99);
  for (let i = 0; i < kills; i++) {
    await sleep(50 + random() * 200);
    await server.kill();
    await server.start();
  }
  await sleep(100);
  running = false;
  await Promise.all(clients);

  const log = new Watcher();
  const reading = log.run(server);
  const { header } = await server.call('kv/range', { key: btoa('none') });
  while (log.revision < Number(header.revision) || watcher.revision < log.revision) await sleep(5);
  watcher.over = true;
  log.over = true;
  await server.kill();
  await Promise.all([watching, reading]);
  rmSync(folder, { recursive: true });

  expect(watcher.events).toEqual(log.events);
  const kept = new Set(log.events);
  expect(writes.filter(({ key, value, revision }) => !kept.has(`${revision} ${key}=${value}`))).toEqual([]);
  expect(writes.length).toBeGreaterThan(kills);
  for (const [key, operations] of history) {
    expect(isLinearizable(operations), `${key}: ${JSON.stringify(operations)}`).toBe(true);
  }
});

it('can tell a history that is not linearizable', () => {
  const put = (value: string, start: number, end: number): Recorded => ({
    input: { put: value },
    output: true,
    start,
    end,
  });
  const get = (output: Value, start: number, end: number): Recorded => ({ input: { get: true }, output, start, end });
  expect(isLinearizable([put('x', 0, 10), get(null, 1, 2), get('x', 3, 4)])).toBe(true);
  expect(isLinearizable([put('x', 0, 10), get('x', 1, 2), get(null, 3, 4)])).toBe(false);
  expect(isLinearizable([put('x', 0, 1), put('y', 2, 3), get('x', 4, 5)])).toBe(false);
  const lost: Recorded = { input: { put: 'y' }, start: 2, end: Number.POSITIVE_INFINITY };
  expect(isLinearizable([put('x', 0, 1), lost, get('x', 4, 5), get('y', 6, 7)])).toBe(true);
  expect(isLinearizable([put('x', 0, 1), lost, get('y', 4, 5), get('x', 6, 7)])).toBe(false);
});
