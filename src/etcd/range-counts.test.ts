import { describe, expect, it } from 'vitest';
import { LONGEST_RANGE, MAX_RANGES, RangeCounts } from './range-counts.ts';

describe('remembered counts', () => {
  it('follow creations and deletions inside the range, but not in the past', () => {
    const counts = new RangeCounts();
    counts.set('b', 'd', 0, 10);
    counts.set('b', 'd', 7, 10);
    counts.changed('b', 1);
    counts.changed('c', 1);
    counts.changed('d', 1);
    counts.changed('a', -1);
    counts.changed('c', -1);
    expect(counts.get('b', 'd', 0)).toBe(11);
    expect(counts.get('b', 'd', 7)).toBe(10);
    expect(counts.get('b', 'c', 0)).toBeUndefined();
  });

  it('are bounded: what was used longest ago goes', () => {
    const counts = new RangeCounts();
    for (let i = 0; i < MAX_RANGES; i++) counts.set(`k${i}`, 'z', 0, i);
    counts.get('k0', 'z', 0);
    counts.set('one more', 'z', 0, 1);
    expect(counts.get('k0', 'z', 0)).toBe(0);
    expect(counts.get('k1', 'z', 0)).toBeUndefined();
    const long = 'k'.repeat(LONGEST_RANGE - 1);
    counts.set(long, 'z', 0, 1);
    counts.set(long, 'zz', 0, 1);
    expect([counts.get(long, 'z', 0), counts.get(long, 'zz', 0)]).toEqual([1, undefined]);
  });
});
