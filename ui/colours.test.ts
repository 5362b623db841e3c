import { describe, expect, it } from 'vitest';
import { contrast, legible, on } from './colours.ts';

describe('an accent', () => {
  it.each(['#000000', '#ffffff', '#ffee00', '#b4401f', '#777777'])('is made to be read: %s', (colour) => {
    for (const ground of ['#f4efe6', '#12151d'])
      expect(contrast(legible(colour, ground), ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(on(colour), colour)).toBeGreaterThanOrEqual(4.5);
  });

  it('stays as it is where it can be read', () => {
    expect(legible('#a63a1c', '#f4efe6')).toBe('#a63a1c');
  });
});
