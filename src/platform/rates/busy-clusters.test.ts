import { expect, it } from 'vitest';
import { MAX_KNOWN_BUSY_CLUSTERS } from '../limits.ts';
import { busySeconds, letAlone } from './busy-clusters.ts';

const NOW = 1_800_000_000_000;

it('knows of so many clusters that they are to be let alone', () => {
  for (let i = 0; i < MAX_KNOWN_BUSY_CLUSTERS; i++) letAlone(`c${i}`, 1500, NOW);
  expect(busySeconds('c0', NOW)).toBe(2);
  letAlone('one more', 1500, NOW);
  expect(['c0', 'c1', 'one more'].filter((id) => busySeconds(id, NOW) === 0)).toHaveLength(1);
  expect(busySeconds('one more', NOW)).toBe(2);
  expect(busySeconds('one more', NOW + 1500)).toBe(0);
});
