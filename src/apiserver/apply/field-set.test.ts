import { expect, it } from 'vitest';
import { capUpdaters, type Entry } from './entries.ts';
import { difference, type FieldSet, union, unionOf } from './field-set.ts';

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
