import { describe, expect, it } from 'vitest';
import { ClusterClock } from './cluster-clock.ts';

describe("the cluster's clock", () => {
  it('goes on by its own speed, and stands while it is paused', () => {
    const clock = new ClusterClock();
    expect([clock.time(1000), clock.text(1000)]).toEqual([1000, '']);
    clock.set({ time: '2030-01-01T00:00:00Z', speed: 60, paused: false }, 1000);
    expect(clock.text(2000)).toBe('00:01:00 ×60');
    clock.set({ time: '2030-01-01T00:00:00Z', speed: 1, paused: true }, 1000);
    expect(clock.text(9000)).toBe('00:00:00 paused');
  });
});
