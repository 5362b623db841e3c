import { expect, it } from 'vitest';
import { MAX_DURATION, MAX_DURATION_DIGITS, parseDuration as parsed } from './go-duration.ts';

it('reads durations of 64 bits of nanoseconds, and no longer ones', () => {
  expect(parsed(`${MAX_DURATION}ns`)).toBe(MAX_DURATION);
  expect(() => parsed(`${MAX_DURATION + 1n}ns`)).toThrow('invalid duration');
  expect(parsed(`-${MAX_DURATION + 1n}ns`)).toBe(-MAX_DURATION - 1n);
  expect(() => parsed(`-${MAX_DURATION + 2n}ns`)).toThrow('invalid duration');
  const ten = (count: number): string => `1${'0'.repeat(count - 1)}`;
  expect(parsed(`0.${ten(MAX_DURATION_DIGITS + 1)}h`)).toBe(parsed('6m'));
  expect(() => parsed(`${ten(MAX_DURATION_DIGITS + 1)}ns`)).toThrow('invalid duration');
});
