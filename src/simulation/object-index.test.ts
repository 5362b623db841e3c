import { describe, expect, it } from 'vitest';
import { type Change, ObjectIndex, UnreadableObjectError } from './object-index.ts';

type Thing = { name: string };

const unreadable = (resource: string, namespace: string | undefined, name: string): Change<Thing> => ({
  resource,
  namespace,
  name,
  revision: 1,
  unreadable: true,
});

describe('what cannot be read', () => {
  it('is refused by its name, in its namespace, and where it has none; and no more once it is gone', () => {
    const index = new ObjectIndex<Thing>();
    index.apply(unreadable('pods', 'a', 'x'));
    index.apply(unreadable('nodes', undefined, 'n'));
    const strict = index.strict();
    expect(() => strict.get('pods', 'a', 'x')).toThrow(new UnreadableObjectError('cannot read pods a/x'));
    expect(() => strict.list('pods', 'a')).toThrow(UnreadableObjectError);
    expect(() => strict.list('nodes')).toThrow(new UnreadableObjectError('cannot read nodes n'));
    expect(strict.get('pods', 'a', 'y')).toBeUndefined();
    expect([strict.list('pods', 'b'), strict.list('pods'), strict.list('secrets', 'a')]).toEqual([[], [], []]);
    expect(strict.resources?.().toSorted()).toEqual(['nodes', 'pods']);
    expect([index.unreadable('a'), index.unreadable('b'), index.unreadable()]).toEqual([true, false, true]);

    expect(index.apply({ ...unreadable('pods', 'a', 'x'), unreadable: false, new: { name: 'x' } })).toBe(true);
    expect(index.apply({ ...unreadable('nodes', undefined, 'n'), unreadable: false })).toBe(true);
    expect(index.unreadable()).toBe(false);
    expect(index.strict()).toBe(index);
  });

  it('costs a reconcile the same however much of it there is', () => {
    const cost = (count: number): number => {
      const index = new ObjectIndex<Thing>();
      for (let i = 0; i < count; i++) index.apply(unreadable('secrets', 'a', `s${i}`));
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        for (let i = 0; i < 2000; i++) index.strict().get('pods', 'a', 'missing');
        least = Math.min(least, performance.now() - start);
      }
      return least;
    };
    cost(100);
    expect(cost(20_000)).toBeLessThan(20 * cost(200) + 20);
  });
});
