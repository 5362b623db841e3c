import { describe, expect, it } from 'vitest';
import { parseInt64 } from './int64.ts';

describe('a number of 64 bits', () => {
  it('is read to its last digit', () => {
    expect(parseInt64('3546343826724305832')).toBe(3546343826724305832n);
    expect(parseInt64('-9223372036854775808')).toBe(-9223372036854775808n);
    expect(parseInt64('9223372036854775807')).toBe(9223372036854775807n);
    expect(parseInt64('+007')).toBe(7n);
  });

  it('is nothing else', () => {
    for (const text of ['', ' 1', '1_000', '0x10', '1.0', '1e3', '--1', '+-1', '9223372036854775808', '9'.repeat(100)])
      expect(parseInt64(text), text).toBeUndefined();
  });
});
