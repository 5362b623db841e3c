import { expect, it } from 'vitest';
import { SortedListing } from './sorted-listing.ts';

it('stays in order as values come, change and go, and leaves alone what it handed out', () => {
  const listing = new SortedListing<string>([
    ['c', 'C'],
    ['a', 'A'],
  ]);
  const before = listing.values;
  listing.put('b', 'B');
  listing.put('d', 'D');
  listing.put('a', 'A2');
  listing.remove('c');
  listing.remove('nobody');
  expect(listing.values).toEqual(['A2', 'B', 'D']);
  expect(before).toEqual(['A', 'C']);
});
