import { describe, expect, it } from 'vitest';
import { Remembered } from './remembered.ts';

describe('what is remembered', () => {
  it('is as much as the limit says; what was not asked for goes first', () => {
    const remembered = new Remembered<number>(2);
    remembered.set('a', 1);
    remembered.set('b', 2);
    expect([remembered.get('a'), remembered.size]).toEqual([1, 2]);
    remembered.set('c', 3);
    expect([remembered.get('a'), remembered.get('b'), remembered.get('c')]).toEqual([1, undefined, 3]);
    remembered.set('c', 4);
    expect([remembered.get('c'), remembered.size]).toEqual([4, 2]);
  });
});
