/** Time that moves by hand, and the pump with it, until the cluster rests. */
import { expect, it } from 'vitest';
import type { SimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { MAX_TURNS, SteppedClock } from '../../src/cluster/stepped-cluster.node.ts';

/** A cluster that rests after so many turns. */
function busy(turns: number) {
  let done = 0;
  const cluster = {
    idle: () => done >= turns,
    pumpTurn: () => {
      done++;
    },
    settled: async () => undefined,
    nextDue: () => undefined,
  } as unknown as SimulatedCluster;
  return { clock: new SteppedClock(1000, cluster), done: () => done };
}

it('waits until the cluster rests, but not for one that never does', async () => {
  const { clock, done } = busy(MAX_TURNS);
  await clock.advance(5);
  expect([clock.now, done()]).toEqual([1005, MAX_TURNS]);
  const restless = busy(MAX_TURNS + 1);
  await expect(restless.clock.advance(5)).rejects.toThrow('does not come to rest');
  expect(restless.done()).toBe(MAX_TURNS);
});

it('calls timers in their order, and only those that are due', async () => {
  const { clock } = busy(0);
  const called: string[] = [];
  clock.after(20, () => called.push(`later at ${clock.now}`));
  clock.after(10, () => called.push(`first at ${clock.now}`));
  const cancel = clock.after(15, () => called.push('cancelled'));
  cancel();
  await clock.advance(19);
  expect(called).toEqual(['first at 1010']);
  await clock.advance(1);
  expect(called).toEqual(['first at 1010', 'later at 1020']);
});
