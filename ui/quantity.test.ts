import { describe, expect, it } from 'vitest';
import { coresOf } from './quantity.ts';

describe('a quantity of cores', () => {
  it.each([
    ['250m', 0.25],
    ['2', 2],
    [1, 1],
    ['0.5', 0.5],
    ['many', 0],
    [undefined, 0],
  ])('%s', (text, cores) => {
    expect(coresOf(text)).toBeCloseTo(cores);
  });
});
