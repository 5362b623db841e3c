import { expect, it } from 'vitest';
import { isLongerThan } from './json-length.ts';

it.each([
  ['text', 'abc'],
  ['escapes', '\u0000"\\\n\ud800'],
  ['numbers', [0, -1.5e-300, Number.MAX_SAFE_INTEGER, true, null]],
  ['objects', { a: { b: [{}, [], { c: '' }] }, 'd"': 1 }],
  ['nothing', {}],
])('tells how long %s is to the character', (_, value) => {
  const { length } = JSON.stringify(value);
  expect([isLongerThan(value, length), isLongerThan(value, length - 1)]).toEqual([false, true]);
  expect(isLongerThan(value, 1000 * length)).toBe(false);
});
