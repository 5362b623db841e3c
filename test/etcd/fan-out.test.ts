/** Commits on their way to many watches: what waits is bounded, and everybody is told everything once. */
import { expect, it } from 'vitest';
import type { Commit } from '../../src/etcd/commits.ts';
import { FanOut, MAX_KNOWN, MAX_WAITING } from '../../src/etcd/fan-out.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { FAN_OUT, type HubSocket, WatchHub } from '../../src/etcd/watch-hub.ts';
import { encodeTook, NEXT, PROGRESS, WINDOW } from '../../src/etcd/watch-wire.ts';

class Socket implements HubSocket {
  readonly messages: string[] = [];
  attachment: unknown = null;
  send(message: string): void {
    this.messages.push(message);
  }
  close(): void {}
  serializeAttachment(attachment: unknown): void {
    this.attachment = attachment;
  }
  deserializeAttachment(): unknown {
    return this.attachment;
  }
  get last(): any {
    return JSON.parse(this.messages.at(-1)!);
  }
  get seen(): number[] {
    return this.messages.flatMap((text) => JSON.parse(text).events.map((event: any) => event.kv.modRevision));
  }
}

function world() {
  const store = new Store(nodeSql());
  const later: (() => void)[] = [];
  const hub = new WatchHub(store, [], { defer: (work) => work(), later: (work) => later.push(work) });
  return {
    store,
    hub,
    put: (value = 'v', key = 'k') => store.put({ key, value }),
    watch(key = 'k', startRevision = store.revision + 1): Socket {
      const socket = new Socket();
      hub.accept(socket, { key, startRevision });
      return socket;
    },
    /** Lets all turns come; how many they were. */
    run(): number {
      let turns = 0;
      for (let work = later.shift(); work; work = later.shift()) {
        turns++;
        work();
      }
      return turns;
    },
  };
}

const revisions = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

it('gathers the commits made while others are on their way', () => {
  const w = world();
  const sockets = Array.from({ length: 2 * FAN_OUT.watches }, () => w.watch());
  for (let i = 0; i < 10; i++) w.put();
  const late = w.watch();
  const future = w.watch('k', 15);
  for (let i = 0; i < 10; i++) w.put();
  expect(w.run()).toBeLessThan(6);
  for (const socket of sockets) {
    expect(socket.seen).toEqual(revisions(2, 21));
    expect(socket.messages).toHaveLength(2);
  }
  expect(late.seen).toEqual(revisions(12, 21));
  expect(future.seen).toEqual(revisions(15, 21));
});

it('leaves more than may wait to the log, and no less', () => {
  const w = world();
  const sockets = Array.from({ length: FAN_OUT.watches + 5 }, () => w.watch(w.hub.size % 2 ? 'k' : 'other'));
  const more = Array.from({ length: FAN_OUT.watches }, () => w.watch('more'));
  const [reader] = [w.watch('large')];
  w.put('v', 'more');
  w.run();
  const reads: number[] = [];
  const history = w.store.history.bind(w.store);
  w.store.history = (...args) => {
    reads.push(args[0].startRevision!);
    return history(...args);
  };
  const waiting = (bytes: number): void => {
    // Enough are reached by the first for the others to wait.
    for (const key of ['more', 'k', 'other', 'more', 'k', 'other']) w.put('v', key);
    const value = 'v'.repeat(bytes / 8);
    for (let i = 0; i < 8; i++) w.put(value, `elsewhere ${bytes} ${i}`);
    w.run();
  };
  waiting(MAX_WAITING - 8 * 1000);
  expect(reads).toEqual([]);
  for (const socket of [...sockets, ...more]) w.hub.message(socket, encodeTook(WINDOW));
  waiting(MAX_WAITING);
  expect(reads.length).toBeGreaterThan(0);
  for (const socket of more) if (socket.last.behind) w.hub.message(socket, NEXT);
  expect(sockets.map((socket) => socket.seen)).toEqual(
    sockets.map((_, i) => (i % 2 ? [4, 7, 18, 21] : [5, 8, 19, 22])),
  );
  for (const socket of more) expect(socket.seen).toEqual([2, 3, 6, 17, 20]);
  expect(reader!.messages).toEqual([]);
});

it('gives a reader in batches what was left to the log', () => {
  const w = world();
  const sockets = Array.from({ length: FAN_OUT.watches + 1 }, () => w.watch(w.hub.size < FAN_OUT.watches ? 'a' : 'k'));
  w.put('v', 'a');
  for (let i = 0; i < 20; i++) w.put('v'.repeat(MAX_WAITING / 8));
  w.run();
  const last = sockets.at(-1)!;
  for (let i = 0; i < 20 && last.last.behind; i++) w.hub.message(last, NEXT);
  w.put();
  expect(last.seen).toEqual(revisions(3, 23));
});

it('spends its turns on those who are sent something', () => {
  const w = world();
  for (let i = 0; i < 3 * FAN_OUT.watches; i++) w.watch('other');
  const socket = w.watch();
  w.put();
  expect(socket.seen).toEqual([2]);
  const looks = Array.from({ length: FAN_OUT.looks }, () => w.watch('other'));
  const behind = w.watch();
  w.put();
  expect(behind.seen).toEqual([]);
  expect(w.run()).toBe(1);
  expect([behind.seen, looks.every((other) => other.messages.length === 0)]).toEqual([[3], true]);
});

it('tells one who asks for progress what is on its way, before the others', () => {
  const w = world();
  const sockets = Array.from({ length: 2 * FAN_OUT.watches }, () => w.watch());
  const last = sockets.at(-1)!;
  w.put();
  w.put();
  w.hub.message(last, PROGRESS);
  expect([last.seen, last.last]).toEqual([[2, 3], { revision: 3, events: [] }]);
  expect(sockets.filter((socket) => socket.messages.length > 0)).toHaveLength(FAN_OUT.watches + 1);
  w.run();
  for (const socket of sockets) expect(socket.seen).toEqual([2, 3]);
});

it('makes few turns of a thousand watches: the last of them waits for each', () => {
  const w = world();
  for (let i = 0; i < 1000; i++) w.watch();
  w.put();
  expect(w.run()).toBeLessThanOrEqual(10);
});

it('keeps so much of what it has put together for whoever else wants the same', () => {
  const store = new Store(nodeSql());
  const commits: Commit[] = [];
  store.subscribe((commit) => commits.push(commit));
  // What each of three watchers wants is a third of all that may be kept, or a little more.
  const puts = (characters: number): void => {
    for (const prefix of ['a', 'b', 'c'])
      for (let i = 0; i < 4; i++) store.put({ key: `${prefix}${i}`, value: 'v'.repeat(characters / 4) });
  };
  /** Whether it is put together anew for the second who asks: then each event is looked at. */
  const isMadeAnew = (fanOut: FanOut<unknown, unknown>, prefix: string): boolean => {
    let looks = 0;
    const watch = () => ({
      rangeEnd: `${prefix}~`,
      get key() {
        looks++;
        return prefix;
      },
    });
    const first = fanOut.messageFor(watch(), 1);
    const before = looks;
    expect(fanOut.messageFor(watch(), 1)).toBe(first);
    expect(first).toContain(`"${prefix}3"`);
    return looks - before > 12;
  };
  const each = (characters: number): boolean[] => {
    commits.length = 0;
    puts(characters);
    const fanOut = new FanOut(commits);
    return ['a', 'b', 'c'].map((prefix) => isMadeAnew(fanOut, prefix));
  };
  const FRAME = 1000;
  expect(each(MAX_KNOWN / 3 - FRAME)).toEqual([false, false, false]);
  expect(each(MAX_KNOWN / 3)).toEqual([false, false, true]);
});
