import { expect, it } from 'vitest';
import { capUpdaters, type Entry } from './entries.ts';
import { difference, type FieldSet, intersection, isKeysOf, keysOf, paths, union, unionOf } from './field-set.ts';

const SETS: (FieldSet | undefined)[] = [
  { 'f:data': { 'f:a': {} } },
  undefined,
  { 'f:data': { '.': {}, 'f:b': { 'f:c': {} } } },
  { 'f:data': { 'f:b': {} }, 'f:spec': {} },
  { 'f:spec': { 'k:{"name":"x"}': { '.': {}, 'f:image': {} } } },
];

it('the union of many sets is that of one after the other', () => {
  for (let from = 0; from < SETS.length; from++)
    for (let to = from; to <= SETS.length; to++) {
      const some = SETS.slice(from, to);
      expect(unionOf(some)).toEqual(some.reduce<FieldSet | undefined>((all, set) => union(all, set), undefined));
    }
});

/** Keys of a map, as a set of an object's. */
const keyed = (from: number, to: number): FieldSet => ({
  'f:data': Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`f:k${from + i}`, {}])),
});

it.each([
  [3, 5],
  [1000, 3],
  [3, 1000],
  [1000, 900],
])('sets of %i and of %i members are taken apart and put together member by member', (some, others) => {
  const a = keyed(0, some);
  const b = keyed(2, 2 + others);
  const names = (set: FieldSet | undefined): string[] => paths(set).map((path) => path.join('/'));
  const inB = new Set(names(b));
  expect(names(union(a, b))).toEqual([...new Set([...names(a), ...inB])].sort());
  expect(names(difference(a, b))).toEqual(names(a).filter((name) => !inB.has(name)));
  expect(names(intersection(a, b))).toEqual(names(a).filter((name) => inB.has(name)));
});

it('a set to which nothing comes, and from which nothing goes, is the same tree', () => {
  const all = keyed(0, 100);
  expect(union(all, keyed(7, 9))).toBe(all);
  expect(difference(all, keyed(100, 102))).toBe(all);
  expect(difference(all, keyed(0, 100))).toBeUndefined();
  expect(difference(all, all)).toBeUndefined();
});

it('the keys of a map are a set, and such a set is known again', () => {
  for (const size of [1, 300]) {
    const map = Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, 'v']));
    const { 'f:data': set } = keyed(0, size);
    expect(keysOf(map, false)).toEqual(set);
    expect(keysOf(map, true)).toEqual({ '.': {}, ...set });
    expect(isKeysOf(map, set!)).toBe(true);
    expect(isKeysOf(map, keysOf(map, true)!)).toBe(false);
    expect(isKeysOf({ ...map, more: 'v' }, set!)).toBe(false);
    expect(isKeysOf({ ...map, k0: undefined }, set!)).toBe(false);
    expect(isKeysOf(map, { ...set, 'f:k0': { 'f:below': {} } })).toBe(false);
  }
  expect(keysOf({}, true)).toBeUndefined();
});

it('many updaters become ten, of which one has what the oldest had', () => {
  const updater = (i: number): Entry => ({
    manager: `m${String(i).padStart(5, '0')}`,
    operation: 'Update',
    apiVersion: 'v1',
    subresource: '',
    time: '2026-01-01T00:00:00Z',
    fields: { 'f:data': { [`f:k${i}`]: {} } },
  });
  const count = 20_000;
  const capped = capUpdaters(Array.from({ length: count }, (_, i) => updater(i)));
  expect(capped.map(({ manager }) => manager)).toEqual([
    ...Array.from({ length: 9 }, (_, i) => `m${String(count - 9 + i).padStart(5, '0')}`),
    'ancient-changes',
  ]);
  expect(Object.keys(capped.at(-1)!.fields!['f:data']!)).toHaveLength(count - 9);
});

it('taking much away from each of many small sets costs what those hold', () => {
  const much: FieldSet = {
    'f:data': Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f:k${i}`, {}])),
  };
  for (let i = 0; i < 20_000; i++) {
    const small: FieldSet = { 'f:data': { '.': {}, [`f:k${i}`]: {} } };
    const left = difference(small, much);
    if (i < 10_000) expect(left).toEqual({ 'f:data': {} });
    else expect(left).toBe(small);
  }
});
