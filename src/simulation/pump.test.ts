import { describe, expect, it } from 'vitest';
import { frozen } from './frozen.ts';
import type { Change } from './object-index.ts';
import { LOOKS_A_TURN, Pump, RUNS_WITHOUT_REST } from './pump.ts';
import type { PumpStorage } from './pump-ports.ts';
import type { Reconciler, Write } from './reconciler.ts';
import { TURN_LIMITS, TurnBudget } from './turn-budget.ts';
import type { DueWork } from './work.ts';
import { backoff, LASTING_BASE_MS } from './work-queue.ts';

interface Thing {
  name: string;
  wanted: number;
  seen?: number;
}

/** A store of things in memory, and the pump's tables beside it: both outlive a pump. */
function world(...reconcilers: Reconciler<Thing>[]) {
  const things = new Map<string, Thing>();
  const due = new Map<string, DueWork>();
  let revision = 0;
  let watermark = 0;
  let version = 0;
  let refusals = 0;
  let refuses: (thing: Thing) => boolean = () => false;
  const applied: string[] = [];
  const failures: unknown[] = [];
  const storage: PumpStorage = {
    load: () => [...due.values()],
    put: (work) => void due.set(work.key, work),
    remove: (work) => void due.delete(work.key),
    watermark: () => watermark,
    setWatermark: (to) => {
      watermark = to;
    },
    reconcilers: () => version,
    setReconcilers: (to) => {
      version = to;
    },
  };
  const change = (thing: Thing, old?: Thing): Change<Thing> => ({
    resource: 'things',
    namespace: 'default',
    name: thing.name,
    revision,
    new: thing,
    ...(old ? { old } : {}),
  });
  let reconcilersNow = reconcilers;
  const start = () =>
    new Pump<Thing>({
      seed: 's',
      reconcilers: reconcilersNow,
      storage,
      load: () => [[...things.values()].map((t) => change(t))].values(),
      revision: () => revision,
      apply: (write: Write<Thing>) => {
        if (refusals > 0) {
          refusals--;
          throw new Error('refused');
        }
        if (write.verb !== 'update') return undefined;
        applied.push(write.object.name);
        if (refuses(write.object)) throw new Error('for good');
        put(write.object);
        return undefined;
      },
      isLasting: (error) => (error as Error).message === 'for good',
      transaction: (body) => body(),
      share: frozen,
      failed: (_, error) => failures.push(error),
    });
  let pump = start();
  function put(thing: Thing): void {
    const old = things.get(thing.name);
    revision++;
    things.set(thing.name, thing);
    pump.committed(change(thing, old));
  }
  return {
    put,
    things,
    failures,
    /** Answers how many reconciles ran. */
    turn(now: number, pieces = TURN_LIMITS.pieces): number {
      const budget = new TurnBudget({ ...TURN_LIMITS, pieces });
      pump.turn(now, budget);
      return budget.pieces;
    },
    nextDue: (now: number) => pump.nextDue(now),
    /** Starts anew from what is stored, perhaps with other reconcilers. */
    evict: (...others: Reconciler<Thing>[]) => {
      if (others.length > 0) reconcilersNow = others;
      pump = start();
    },
    refuse: (times: number) => {
      refusals = times;
    },
    /** Refused for good, as long as it is such a thing. */
    refuseAll: (which: typeof refuses) => {
      refuses = which;
    },
    /** The names of the things that were to be written since the last look. */
    applied: () => applied.splice(0),
  };
}

const follower: Reconciler<Thing> = {
  name: 'follower',
  manager: 'test',
  reads: ['things'],
  watches: [{ resource: 'things', keys: ({ new: thing }) => (thing ? [`default/${thing.name}`] : []) }],
  reconcile(reader, key, { now }) {
    const thing = reader.get('things', 'default', key.split('/')[1]!)!;
    if (thing.seen === thing.wanted) return { writes: [], ...(thing.wanted > now ? { requeueAt: thing.wanted } : {}) };
    return { writes: [{ verb: 'update', object: { ...thing, seen: thing.wanted } }] };
  },
};

describe('the pump', () => {
  it('reconciles what was committed, and then has nothing to do', () => {
    const w = world(follower);
    w.put({ name: 'a', wanted: 3 });
    expect(w.nextDue(10)).toBe(10);
    // Two reconciles and a write.
    expect(w.turn(10)).toBe(3);
    expect(w.things.get('a')?.seen).toBe(3);
    expect(w.turn(10)).toBe(0);
    expect(w.nextDue(10)).toBeUndefined();
  });

  it('looks at so many objects in one turn', () => {
    for (const [objects, first] of [
      [LOOKS_A_TURN - 1, LOOKS_A_TURN - 1],
      [LOOKS_A_TURN, 0],
    ] as const) {
      const w = world();
      for (let i = 0; i < objects; i++) w.put({ name: `t${i}`, wanted: 1 });
      let runs = 0;
      const counter: Reconciler<Thing> = {
        ...follower,
        name: 'counter',
        reconcile: () => {
          runs++;
          return { writes: [] };
        },
      };
      w.evict(counter);
      w.turn(10, Number.POSITIVE_INFINITY);
      expect([runs, w.nextDue(10)]).toEqual([first, first === 0 ? 10 : undefined]);
      w.turn(10, Number.POSITIVE_INFINITY);
      expect([runs, w.nextDue(10)]).toEqual([objects, undefined]);
    }
  });

  it('has what reconcilers share told of before, so that none can change it, nor anything in it', () => {
    const careless: Reconciler<Thing> = {
      ...follower,
      reconcile(reader) {
        const [thing] = reader.list('things') as [Thing];
        thing.seen = thing.wanted;
        return { writes: [] };
      },
    };
    const w = world(careless);
    w.put({ name: 'a', wanted: 3 });
    w.turn(10);
    // What was there when it woke, and what came after.
    w.put({ name: 'b', wanted: 3 });
    w.turn(10);
    expect(w.failures).toHaveLength(2);
    for (const failure of w.failures) expect(failure).toBeInstanceOf(TypeError);
    const deep = frozen({ spec: { containers: [{ name: 'c' }] } });
    expect(() => deep.spec.containers.push({ name: 'd' })).toThrow(TypeError);
    expect(() => Object.assign(deep.spec.containers[0]!, { name: 'd' })).toThrow(TypeError);
  });

  it('stops at its budget and goes on in the next turn', () => {
    const w = world(follower);
    for (const name of ['a', 'b', 'c']) w.put({ name, wanted: 1 });
    expect(w.turn(10, 2)).toBe(2);
    expect(w.nextDue(10)).toBe(10);
    w.turn(10);
    expect([...w.things.values()].every((t) => t.seen === 1)).toBe(true);
  });

  it('writes what one reconcile has decided over several turns, and is not idle before the last', () => {
    const w = world({
      ...follower,
      watches: [{ resource: 'things', keys: ({ old }) => (old ? [] : ['all']) }],
      reconcile: (reader) => ({
        writes: reader
          .list('things')
          .filter((thing) => thing.seen === undefined)
          .map((thing) => ({ verb: 'update', object: { ...thing, seen: 1 } })),
      }),
    });
    for (let i = 0; i < 10; i++) w.put({ name: `t${i}`, wanted: 1 });
    const seen = (): number => [...w.things.values()].filter((thing) => thing.seen === 1).length;
    const progress: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      w.turn(10, 4);
      progress.push(seen());
    }
    expect(progress).toEqual([3, 7, 10, 10]);
    expect(w.nextDue(10)).toBeUndefined();
    // What was decided and not written is lost with the process, and decided again.
    for (let i = 10; i < 20; i++) w.put({ name: `t${i}`, wanted: 1 });
    w.turn(10, 4);
    w.evict();
    expect(w.nextDue(10)).toBe(10);
    w.turn(10);
    expect(seen()).toBe(20);
  });

  it('retries a refused write after a growing backoff', () => {
    const w = world(follower);
    w.refuse(2);
    w.put({ name: 'a', wanted: 1 });
    w.turn(1000);
    expect(w.nextDue(1000)).toBe(1000 + backoff(1));
    w.turn(1005);
    expect(w.nextDue(1005)).toBe(1005 + backoff(2));
    w.turn(1015);
    expect(w.things.get('a')?.seen).toBe(1);
  });

  it('tries what is refused for good after longer pauses, and tells of it once', () => {
    const told: Reconciler<Thing> = {
      ...follower,
      reconcile: (reader) => {
        const thing = reader.get('things', 'default', 'a')!;
        if (thing.seen === thing.wanted) return { writes: [] };
        const event = { verb: 'update', object: { name: 'event', wanted: 0 }, bestEffort: true } as const;
        return { writes: [event, event, { verb: 'update', object: { ...thing, seen: thing.wanted } }, event] };
      },
    };
    const w = world({
      ...told,
      watches: [{ resource: 'things', keys: ({ new: t }) => (t?.name === 'a' ? ['a'] : []) }],
    });
    w.refuseAll(({ name }) => name === 'a');
    w.put({ name: 'a', wanted: 1 });
    w.turn(1000);
    expect(w.applied()).toEqual(['event', 'event', 'a']);
    const second = 1000 + LASTING_BASE_MS;
    expect(w.nextDue(1000)).toBe(second);
    w.turn(second);
    expect(w.applied()).toEqual(['a']);
    const third = second + 2 * LASTING_BASE_MS;
    expect(w.nextDue(second)).toBe(third);
    w.refuseAll(() => false);
    w.turn(third);
    expect(w.applied()).toEqual(['a', 'event', 'event', 'event']);
    expect(w.nextDue(third)).toBeUndefined();
  });

  it('lets a key rest that never comes to an end by itself', () => {
    const w = world({
      ...follower,
      reconcile: (reader) => {
        const thing = reader.get('things', 'default', 'a')!;
        return { writes: [{ verb: 'update', object: { ...thing, seen: (thing.seen ?? 0) + 1 } }] };
      },
    });
    w.put({ name: 'a', wanted: 1 });
    for (let turn = 0; turn < 20; turn++) w.turn(1000);
    expect(w.things.get('a')?.seen).toBe(RUNS_WITHOUT_REST);
    expect(w.nextDue(1000)).toBeGreaterThan(1000);
  });

  it('loses neither ready nor waiting work when it is evicted', () => {
    const w = world(follower);
    w.put({ name: 'a', wanted: 5000 });
    w.turn(10);
    w.put({ name: 'b', wanted: 7000 });
    w.evict();
    expect(w.nextDue(20)).toBe(20);
    w.turn(20);
    expect(w.things.get('b')?.seen).toBe(7000);
    w.evict();
    expect(w.nextDue(30)).toBe(5000);
  });

  it('shows everything to a reconciler that an earlier version did not have, once', () => {
    const w = world(follower);
    w.put({ name: 'a', wanted: 1 });
    w.turn(10);
    const seen: string[] = [];
    const later: Reconciler<Thing> = {
      ...follower,
      name: 'later',
      reconcile: (_reader, key) => {
        seen.push(key);
        return { writes: [] };
      },
    };
    w.evict(follower, later);
    expect(w.nextDue(20)).toBe(20);
    // Lost before it has come to rest: it begins again.
    w.evict();
    expect(w.nextDue(20)).toBe(20);
    w.turn(20);
    expect(seen).toEqual(['default/a']);
    expect(w.nextDue(20)).toBeUndefined();
    w.evict(later, follower);
    expect(w.nextDue(30)).toBeUndefined();
    w.turn(30);
    expect(seen).toEqual(['default/a']);
  });
});
