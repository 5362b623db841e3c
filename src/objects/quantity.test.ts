import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  MAX,
  MAX_DIGITS,
  MAX_REMEMBERED,
  milliValue,
  parseQuantity,
  subtractQuantities,
  wholeValue,
} from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    [2, '2'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['100Ki', '100Ki'],
    ['1000Ki', '1000Ki'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1e3', '1e3'],
    ['1E', '1E'],
    ['0.1Ki', '102400m'],
    ['0.0000000001', '1n'],
    ['-5', '-5'],
    ['+5', '5'],
    ['00', '0'],
    ['0Gi', '0'],
    ['.5', '500m'],
    ['100T', '100T'],
    ['1500M', '1500M'],
  ])('prints %s as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  it.each(['', 'abc', '1 Gi', '1GG1x'])('refuses %j', (text) => {
    expect(() => parseQuantity(text)).toThrow('quantities must match the regular expression');
  });

  it.each(['1GG', '--1', 'nm'])('refuses the unknown suffix of %s', (text) => {
    expect(() => parseQuantity(text)).toThrow("unable to parse quantity's suffix");
  });

  it.each(['k', '-', '.', 'e3'])('reads %s, which has no digits, as nothing', (text) => {
    expect(canonicalQuantity(text)).toBe('0');
  });

  it('counts', () => {
    expect(milliValue('250m')).toBe(250);
    expect(milliValue('1u')).toBe(1);
    expect(wholeValue('1Gi')).toBe(2 ** 30);
    expect(compareQuantities('1Gi', '1G')).toBe(1);
    expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi');
    expect(addQuantities('0', '512Mi')).toBe('512Mi');
    expect(subtractQuantities('1', '250m')).toBe('750m');
  });
});

it('reads as many digits as decide, and is right about those behind them', () => {
  const digits = (count: number): string => `0.${'0'.repeat(count - 1)}1`;
  // Rounded up to the smallest there is, however far behind the digit is.
  for (const count of [MAX_DIGITS, MAX_DIGITS + 1]) expect(canonicalQuantity(digits(count))).toBe('1n');
  for (const count of [MAX_DIGITS, MAX_DIGITS + 1]) expect(canonicalQuantity(`${'0'.repeat(count)}5`)).toBe('5');
  expect(canonicalQuantity(`1.${'0'.repeat(MAX_DIGITS + 1)}`)).toBe('1');
});

it('is as much as 64 bits hold at the most', () => {
  const most = MAX / 1_000_000_000n;
  expect(canonicalQuantity(String(most))).toBe(String(most));
  expect(canonicalQuantity(String(most + 1n))).toBe(String(most));
  expect(parseQuantity(`-${most + 1n}`).nanos).toBe(-MAX);
});

it('is the same when it is read again, whether or not its text is short enough to be remembered', () => {
  for (const length of [MAX_REMEMBERED, MAX_REMEMBERED + 1]) {
    const text = `${'1500m'.padStart(length, '0')}`;
    expect(text).toHaveLength(length);
    for (let time = 0; time < 2; time++) expect([canonicalQuantity(text), milliValue(text)]).toEqual(['1500m', 1500]);
  }
});
