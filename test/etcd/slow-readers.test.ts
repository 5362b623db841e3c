/** Readers that do not take what they are sent: what waits for them is bounded, and comes from the log when they go on. */
import { describe, expect, it } from 'vitest';
import { createGatewayBackend } from '../../src/etcd/gateway/backend.ts';
import { handleGateway } from '../../src/etcd/gateway/gateway.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { CLUSTER_WINDOW, MAX_BACKLOG, STALL_MS, WatchFlow } from '../../src/etcd/watch-flow.ts';
import { FAN_OUT, type HubSocket, WatchHub } from '../../src/etcd/watch-hub.ts';
import { encodeTook, NEXT, WINDOW } from '../../src/etcd/watch-wire.ts';
import { HeldBytes } from '../../src/simulation/held-bytes.ts';

class Socket implements HubSocket {
  readonly messages: string[] = [];
  closed = false;
  attachment: unknown = null;
  send(message: string): void {
    this.messages.push(message);
  }
  close(): void {
    this.closed = true;
  }
  serializeAttachment(attachment: unknown): void {
    this.attachment = structuredClone(attachment);
  }
  deserializeAttachment(): unknown {
    return structuredClone(this.attachment);
  }
  get characters(): number {
    return this.messages.reduce((sum, message) => sum + message.length, 0);
  }
  get last(): any {
    return JSON.parse(this.messages.at(-1)!);
  }
  /** Keys and revisions of all events. */
  get seen(): string[] {
    return this.messages.flatMap((text) => JSON.parse(text).events.map((e: any) => `${e.kv.key}@${e.kv.modRevision}`));
  }
}

const WATCH = { key: 'k', rangeEnd: 'l', prevKv: 'deletes' as const };
const QUARTER = 'v'.repeat(WINDOW / 4);

function world() {
  const clock = { now: 1000 };
  const store = new Store(nodeSql());
  const later: (() => void)[] = [];
  const open = (sockets: Socket[] = []): WatchHub =>
    new WatchHub(store, sockets, {
      now: () => clock.now,
      defer: (work) => work(),
      later: (work) => later.push(work),
    });
  return {
    clock,
    store,
    open,
    later,
    put: (value: string, key = 'k') => store.put({ key, value }),
    watch(hub: WatchHub): Socket {
      const socket = new Socket();
      hub.accept(socket, { ...WATCH, startRevision: store.revision + 1 });
      return socket;
    },
  };
}

describe('a watch whose reader takes nothing', () => {
  it('is sent no more than a window, and the rest from the log when it goes on', () => {
    const w = world();
    const hub = w.open();
    const [slow, quick] = [w.watch(hub), w.watch(hub)];
    for (let i = 0; i < 10; i++) {
      w.put(QUARTER);
      hub.message(quick, encodeTook(quick.messages.at(-1)!.length));
    }
    expect(slow.characters).toBeLessThanOrEqual(WINDOW);
    expect(slow.last).toMatchObject({ behind: true, events: [] });
    expect(quick.seen).toHaveLength(10);
    // It takes everything again and again, until it follows the commits.
    for (let i = 0; i < 10 && slow.last.behind; i++) hub.message(slow, NEXT);
    w.put('last');
    expect(slow.seen).toEqual(quick.seen);
  });

  it('is ended when too much went past it, and not before', () => {
    const w = world();
    const hub = w.open();
    const slow = w.watch(hub);
    for (let i = 0; i < 4; i++) w.put(QUARTER);
    const enough = Math.floor(MAX_BACKLOG / (QUARTER.length + 1));
    for (let i = 0; i < enough; i++) w.put(QUARTER);
    expect([slow.closed, hub.size]).toEqual([false, 1]);
    w.put(QUARTER);
    expect([slow.closed, hub.size]).toEqual([true, 0]);
    expect(slow.last).toMatchObject({ over: true, events: [] });
  });

  it('is known to be behind after the object has slept', () => {
    const w = world();
    const slow = w.watch(w.open());
    for (let i = 0; i < 6; i++) w.put(QUARTER);
    const before = slow.messages.length;
    const hub = w.open([slow]);
    w.put('more');
    expect(slow.messages).toHaveLength(before);
    for (let i = 0; i < 10 && slow.last.behind; i++) hub.message(slow, NEXT);
    expect(slow.seen).toHaveLength(7);
  });
});

it('gives a change of many keys that is larger than a window bit by bit, each once', () => {
  const w = world();
  const hub = w.open();
  for (let i = 0; i < 12; i++) w.put(QUARTER, `k${String(i).padStart(2, '0')}`);
  const socket = w.watch(hub);
  w.store.deleteRange({ key: 'k', rangeEnd: 'l' });
  let most = 0;
  for (let i = 0; i < 20 && socket.last.behind; i++) {
    most = Math.max(most, socket.messages.at(-1)!.length);
    hub.message(socket, NEXT);
  }
  expect(most).toBeLessThanOrEqual(WINDOW);
  expect(socket.seen).toEqual(Array.from({ length: 12 }, (_, i) => `k${String(i).padStart(2, '0')}@14`));
});

it('bounds what all watches of a cluster have before them, and serves who waits when others take or are ended', () => {
  const w = world();
  const hub = w.open();
  const big = 'v'.repeat(WINDOW - 1000);
  const sockets = Array.from({ length: 40 }, () => w.watch(hub));
  const sent = (): number => sockets.reduce((sum, socket) => sum + socket.characters, 0);
  const run = (): void => {
    while (w.later.length > 0) w.later.shift()!();
  };
  w.put(big);
  run();
  expect(sent()).toBeLessThanOrEqual(CLUSTER_WINDOW + WINDOW);
  const served = sockets.filter((socket) => socket.seen.length > 0).length;
  expect(served).toBeLessThan(40);
  hub.message(sockets[0]!, encodeTook(sockets[0]!.characters));
  expect(sockets.filter((socket) => socket.seen.length > 0).length).toBe(served + 1);
  w.clock.now += STALL_MS;
  hub.message(sockets[0]!, encodeTook(0));
  expect(sockets.filter((socket) => socket.closed).length).toBeGreaterThan(0);
  expect(sockets.every((socket) => socket.seen.length > 0 || socket.closed)).toBe(false);
});

it('serves those who wait in turns, and none of those that are closed in the meantime', () => {
  const w = world();
  const hub = w.open();
  const turn = (): void => w.later.shift()?.();
  const sockets = Array.from({ length: 40 }, () => w.watch(hub));
  w.put('v'.repeat(WINDOW - 1000));
  while (w.later.length > 0) turn();
  const served = sockets.filter((socket) => socket.seen.length > 0);
  const waiting = sockets.filter((socket) => socket.seen.length === 0);
  const characters = (): number => waiting.reduce((sum, socket) => sum + socket.characters, 0);
  const before = characters();
  for (const socket of [...served, ...waiting.slice(3)]) hub.closed(socket);
  expect(characters()).toBe(before);
  turn();
  // A message may be larger than what is sent in one turn; then it is the only one.
  expect(waiting.filter((socket) => socket.seen.length > 0)).toHaveLength(1);
  while (w.later.length > 0) turn();
  expect(waiting.map((socket) => socket.seen.length)).toEqual(waiting.map((_, i) => (i < 3 ? 1 : 0)));
});

it('reaches many watches in turns, in order', () => {
  const w = world();
  const hub = w.open();
  const sockets = Array.from({ length: 3 * FAN_OUT.watches }, () => w.watch(hub));
  const reached = (): number => sockets.filter((socket) => socket.seen.length > 0).length;
  w.put('a');
  expect(reached()).toBe(FAN_OUT.watches);
  w.put('b');
  const late = w.watch(hub);
  while (w.later.length > 0) w.later.shift()!();
  w.put('c');
  while (w.later.length > 0) w.later.shift()!();
  for (const socket of sockets) expect(socket.seen).toEqual(['k@2', 'k@3', 'k@4']);
  expect(late.seen).toEqual(['k@4']);
});

it('counts what was taken, whatever the reader says', () => {
  const flow = new WatchFlow<string>(() => 0);
  flow.sent('a', 100);
  flow.took('a', 1e9);
  expect([flow.untaken('a'), flow.isFull]).toEqual([0, false]);
  flow.sent('a', CLUSTER_WINDOW - 1);
  expect([flow.maySend('b', 1), flow.maySend('b', 2), flow.isFull]).toEqual([true, false, false]);
  flow.sent('b', 1);
  expect(flow.isFull).toBe(true);
  flow.forget('a');
  expect(flow.isFull).toBe(false);
});

it('leaves others room of what the process has for the watches of all clusters', () => {
  const pool = new HeldBytes(4 * WINDOW);
  const [full, other] = ['a', 'b'].map(
    (owner) =>
      new WatchFlow<string>(
        () => 0,
        pool.open(owner, () => 0),
      ),
  );
  full!.sent('x', WINDOW);
  expect([full!.isFull, full!.maySend('y', WINDOW)]).toEqual([false, true]);
  full!.sent('y', WINDOW);
  expect([full!.isFull, full!.maySend('z', 1)]).toEqual([true, false]);
  other!.sent('x', WINDOW);
  expect(other!.isFull).toBe(true);
  // Whose readers have taken everything is sent a message in any case.
  expect(
    new WatchFlow<string>(
      () => 0,
      pool.open('c', () => 0),
    ).maySend('x', WINDOW),
  ).toBe(true);
  full!.forget('x');
  expect([full!.isFull, other!.isFull, pool.total]).toEqual([false, false, 2 * WINDOW]);
});

it("etcd's gateway reads the log as fast as its reader takes the answers", async () => {
  const store = new Store(nodeSql());
  const backend = createGatewayBackend(store, 'c', {
    now: () => 0,
    randomBytes: (length) => new Uint8Array(length),
    newDigest: () => ({ update: () => {}, finish: () => new Uint8Array() }),
  });
  const body = JSON.stringify({ create_request: { key: btoa('k') } });
  const answer = await handleGateway(
    new Request('http://etcd/v3/watch', { method: 'POST', body }),
    backend,
    '/v3/watch',
  );
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value!;
  for (let i = 0; i < 30; i++) store.put({ key: 'k', value: `${i}${QUARTER}` });
  const revisions: string[] = [];
  while (revisions.length < 30) {
    text = (await reader.read()).value!;
    for (const event of JSON.parse(text).result.events ?? []) revisions.push(event.kv.mod_revision);
  }
  expect(revisions).toEqual(Array.from({ length: 30 }, (_, i) => String(i + 2)));
  await reader.cancel();
});
