import { describe, expect, it } from 'vitest';
import {
  advancedTo,
  arrived,
  clusterTime,
  isStepping,
  isTime,
  MAX_TIME,
  MIN_TIME,
  realClock,
  realTime,
  stepping,
  withSpeed,
} from './clock.ts';

describe('the clock of a cluster', () => {
  it('runs with real time until told otherwise', () => {
    expect(clusterTime(realClock(1000), 4000)).toBe(4000);
  });
  it('keeps its instant when its speed changes', () => {
    const fast = withSpeed(realClock(1000), 2000, 10);
    expect(clusterTime(fast, 2000)).toBe(2000);
    expect(clusterTime(fast, 2100)).toBe(3000);
    expect(realTime(fast, 3000)).toBe(2100);
  });
  it('stands still when paused, and moves only forward when stepped', () => {
    const paused = withSpeed(realClock(1000), 2000, 0);
    expect(clusterTime(paused, 9000)).toBe(2000);
    expect(realTime(paused, 3000)).toBeUndefined();
    expect(clusterTime(advancedTo(paused, 9000, 5000), 9999)).toBe(5000);
    expect(clusterTime(advancedTo(paused, 9000, 10), 9999)).toBe(2000);
  });
  it('stands in a step until it is at the target, and then goes on', () => {
    const step = stepping(realClock(1000), 2000, 500);
    expect([isStepping(step), clusterTime(step, 9000), realTime(step, 2400)]).toEqual([true, 2000, undefined]);
    const further = stepping(advancedTo(step, 9000, 2200), 9000, 500);
    expect([clusterTime(further, 9999), further.target]).toEqual([2200, 3000]);
    const at = advancedTo(withSpeed(further, 9500, 2), 9999, 3000);
    expect([isStepping(at), clusterTime(at, 10_000)]).toEqual([true, 3000]);
    const there = arrived(at, 9999);
    expect([isStepping(there), clusterTime(there, 9999), clusterTime(there, 10_000)]).toEqual([false, 3000, 3002]);
  });
  it('ends with the year 9999', () => {
    const late = { base: MAX_TIME - 10, anchor: 0, speed: 1 };
    expect([clusterTime(late, 9), clusterTime(late, 50)]).toEqual([MAX_TIME - 1, MAX_TIME]);
    expect([realTime(late, MAX_TIME), realTime(late, MAX_TIME + 1)]).toEqual([10, undefined]);
    expect([isTime(0), isTime(-1), isTime(MAX_TIME), isTime(MAX_TIME + 1), isTime(0.5)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });
});

it('knows the instants that Kubernetes’ timestamps can say', () => {
  expect([MIN_TIME, MAX_TIME, MIN_TIME - 1, MAX_TIME + 1].map(isTime)).toEqual([true, true, false, false]);
});
