import { expect, it } from 'vitest';
import { Parser } from './parser.ts';

it('sees whether only comments are left, at once also where one is a row of number signs', () => {
  const ruler = `${'#'.repeat(10_000)}\n${'# '.repeat(10_000)}\n`;
  const parser = new Parser(`echo a\n${ruler}echo b\n${ruler}`, 'ash');
  parser.next();
  expect(parser.isAtEnd).toBe(false);
  parser.next();
  expect(parser.isAtEnd).toBe(true);
  expect(parser.next()).toBeUndefined();
});
