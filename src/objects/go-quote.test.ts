import { expect, it } from 'vitest';
import { goJSON, quoteGo } from './go-quote.ts';

it.each([
  ['plain <b> & é 日', '"plain <b> & é 日"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\x01\x7f\x07\v\n', '"\\x01\\x7f\\a\\v\\n"'],
  ['\u00a0\u200b', '"\\u00a0\\u200b"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j', (text, quoted) => {
  expect(quoteGo(text)).toBe(quoted);
});

it('keeps what a page would read out of JSON', () => {
  expect(goJSON({ a: '<&>' })).toBe('{"a":"\\u003c\\u0026\\u003e"}');
});
