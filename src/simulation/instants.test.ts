import { expect, it } from 'vitest';
import { Instants } from './instants.ts';

it('gives what waits in order of its instant, and equals as they came', () => {
  const instants = new Instants<{ dueAt: number; name: number }>();
  const items = Array.from({ length: 500 }, (_, name) => ({ dueAt: (name * 7919) % 97, name }));
  for (const item of items) instants.push(item);
  const taken: typeof items = [];
  for (let first = instants.first; first; first = instants.first) {
    taken.push(first);
    instants.pop();
  }
  expect(taken).toEqual(items.toSorted((a, b) => a.dueAt - b.dueAt || a.name - b.name));
  expect(instants.size).toBe(0);
  instants.reset(items.slice(0, 3));
  expect([instants.size, instants.first]).toEqual([3, items[0]]);
});
