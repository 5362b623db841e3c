import { expect, it } from 'vitest';
import { limitedWork, sizeOf, UNLIMITED_WORK, WorkExceeded } from './work-budget.ts';

it('lets as many steps be made as the budget has, and not one more', () => {
  const work = limitedWork(10);
  work.spend(4);
  work.spend(6);
  expect(() => work.spend(1)).toThrow(WorkExceeded);
  expect(() => UNLIMITED_WORK.spend(1e12)).not.toThrow();
});

it('counts the values of a value', () => {
  expect(sizeOf(null)).toBe(1);
  expect(sizeOf({ a: [1, { b: 'x' }], c: {} })).toBe(6);
});
