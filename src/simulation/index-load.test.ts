import { expect, it } from 'vitest';
import { IndexLoad, MAX_MISSED } from './index-load.ts';
import type { Change } from './object-index.ts';
import { TURN_LIMITS, TurnBudget } from './turn-budget.ts';

interface Thing {
  value: number;
}

const change = (name: string, revision: number, value?: number, before?: number): Change<Thing> => ({
  resource: 'things',
  namespace: undefined,
  name,
  revision,
  ...(value === undefined ? {} : { new: { value } }),
  ...(before === undefined ? {} : { before: () => ({ value: before }) }),
});

/** A turn that has time for one part. */
const short = (): TurnBudget => new TurnBudget({ ...TURN_LIMITS, milliseconds: 0 });

it('reads a part a turn if that is what a turn has time for, with what is committed in between', () => {
  const stored = new Map([
    ['a', 1],
    ['b', 1],
    ['c', 1],
  ]);
  function* parts() {
    for (const name of ['a', 'b', 'c']) {
      const value = stored.get(name);
      yield value === undefined ? [] : [change(name, 1, value)];
    }
  }
  const load = new IndexLoad<Thing>({ load: parts });
  expect(load.hasBegun).toBe(false);
  expect(load.readOn(short())).toBe(false);
  // One that was read already changes, one goes that was not, and one comes.
  stored.set('a', 2).delete('c');
  for (const committed of [change('a', 2, 2, 1), change('c', 3, undefined, 1), change('d', 4, 1)])
    load.committed(committed);
  expect([load.readOn(short()), load.readOn(short()), load.readOn(short())]).toEqual([false, false, true]);
  const { index, missed } = load;
  expect(['a', 'b', 'c', 'd'].map((name) => index.get('things', undefined, name)?.value)).toEqual([2, 1, undefined, 1]);
  expect(missed?.map(({ name, old, new: now }) => [name, old?.value, now?.value])).toEqual([
    ['a', 1, 2],
    ['c', 1, undefined],
    ['d', undefined, 1],
  ]);
});

it('keeps so many changes, and of more that there were some', () => {
  const load = new IndexLoad<Thing>({ load: () => [].values() });
  for (let i = 0; i < MAX_MISSED; i++) load.committed(change(`t${i}`, i, 1));
  expect(load.missed).toHaveLength(MAX_MISSED);
  load.committed(change('last', MAX_MISSED, 1));
  expect(load.missed).toBeUndefined();
});

it('does not take for the end what fails, and begins anew', () => {
  let fails = true;
  function* parts() {
    yield [change('a', 1, 1)];
    if (fails) throw new Error('unreadable');
    yield [change('b', 1, 1)];
  }
  const load = new IndexLoad<Thing>({ load: parts });
  const turn = (): TurnBudget => new TurnBudget(TURN_LIMITS);
  for (let attempt = 0; attempt < 2; attempt++) expect(() => load.readOn(turn())).toThrow('unreadable');
  fails = false;
  expect(load.readOn(turn())).toBe(true);
  expect(load.index.list('things').map(({ value }) => value)).toEqual([1, 1]);
});
