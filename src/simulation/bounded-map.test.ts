import { expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';

it('a bounded map forgets what was set longest ago', () => {
  const map = new BoundedMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.size, map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 3, undefined, 4]);
  map.set('c', 5);
  expect([map.get('c'), map.size]).toEqual([5, 2]);
  map.delete('a');
  expect(map.size).toBe(1);
});

it('what was asked for stays longer', () => {
  const map = new BoundedMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});

it('holds as much as its limit weighs, and nothing that weighs more alone', () => {
  const map = new BoundedMap<string>(4, (text) => text.length);
  map.set('a', '12');
  map.set('b', '34');
  expect([map.get('a'), map.get('b')]).toEqual(['12', '34']);
  map.set('b', '345');
  expect([map.get('a'), map.get('b')]).toEqual([undefined, '345']);
  map.set('c', '1');
  map.set('b', '1234');
  expect([map.get('b'), map.get('c')]).toEqual(['1234', undefined]);
  map.set('b', '12345');
  expect([map.get('b'), map.size]).toEqual([undefined, 0]);
});
