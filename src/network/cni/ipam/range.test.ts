import { expect, it } from 'vitest';
import { UNLIMITED_WORK } from '../../../simulation/work-budget.ts';
import { FAMILY_BITS, printIP, readIP, readNet } from '../../ip-addresses.ts';
import { candidates } from './allocation.ts';
import { completeSets, MIN_HOST_BITS, printSet } from './range.ts';

const range = (subnet: string, more: { start?: string; end?: string; gateway?: string } = {}) => ({
  subnet: readNet(subnet),
  rangeStart: more.start === undefined ? undefined : readIP(more.start),
  rangeEnd: more.end === undefined ? undefined : readIP(more.end),
  gateway: more.gateway === undefined ? undefined : readIP(more.gateway),
});
const complete = (...sets: ReturnType<typeof range>[][]) => completeSets(sets, () => true, UNLIMITED_WORK);

it('needs two addresses beside those of the network', () => {
  const smallest = FAMILY_BITS[4] - MIN_HOST_BITS;
  expect(printSet(complete([range(`10.0.0.0/${smallest}`)])[0]!)).toBe('10.0.0.1-10.0.0.2');
  expect(() => complete([range(`10.0.0.0/${smallest + 1}`)])).toThrow('too small to allocate from');
  expect(printSet(complete([range(`fd00::/${FAMILY_BITS[6] - MIN_HOST_BITS}`)])[0]!)).toBe('fd00::1-fd00::3');
});

it('goes round from the last address, and passes the gateway over', () => {
  const [set] = complete([
    range('10.1.0.0/24', { start: '10.1.0.9', end: '10.1.0.11', gateway: '10.1.0.10' }),
    range('10.2.0.0/30'),
  ]);
  const tried = (last?: string) =>
    [...candidates(set!, last === undefined ? undefined : readIP(last))].map(({ ip }) => printIP(ip));
  expect(tried()).toEqual(['10.1.0.9', '10.1.0.11', '10.2.0.2']);
  expect(tried('10.1.0.11')).toEqual(['10.2.0.2', '10.1.0.9', '10.1.0.11']);
  expect(tried('10.2.0.2')).toEqual(['10.1.0.9', '10.1.0.11', '10.2.0.2']);
  // One that is in none of the ranges is no beginning.
  expect(tried('10.9.0.1')).toEqual(tried());
});

it('refuses ranges that overlap, in a set and between sets', () => {
  expect(() => complete([range('10.1.0.0/24'), range('10.1.0.0/25')])).toThrow('overlap');
  expect(() => complete([range('10.1.0.0/24')], [range('10.1.0.0/25')])).toThrow('range set 0 overlaps with 1');
});
