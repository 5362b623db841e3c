import { describe, expect, it } from 'vitest';
import { advancedTo, clusterTime, realClock, realTime, withSpeed } from './clock.ts';

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
});
