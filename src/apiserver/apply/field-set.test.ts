import { expect, it } from 'vitest';
import { capUpdaters, type Entry } from './entries.ts';
import { type FieldSet, union, unionOf } from './field-set.ts';

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
