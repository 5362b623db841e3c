import { expect, it } from 'vitest';
import { patternOf } from './pattern.ts';

const matches = (source: string, text: string): boolean | string => {
  const pattern = patternOf(source);
  return 'error' in pattern ? pattern.error : pattern.test(text);
};

it.each([
  ['^[a-z]+$', 'abc'],
  ['b', 'abc'],
  ['(?i)^a$', 'A'],
  ['^(?P<name>a)\\z', 'a'],
  ['^\\pL+$', 'ä'],
  ['^.$', '😀'],
  ['^[[:alpha:]]\\/$', 'a/'],
])('reads %s as Go does', (source, text) => {
  expect(matches(source, text)).toBe(true);
});

it.each([
  ['^(?!x)', 'invalid or unsupported Perl syntax: `(?!`'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['(a', 'missing closing ): `(a`'],
  ['a{2000}', 'invalid repeat count: `{2000}`'],
])('says of %s what is wrong with it', (source, error) => {
  expect(matches(source, 'a')).toBe(`error parsing regexp: ${error}`);
});

it('takes time that grows no faster than the text', () => {
  expect(matches('^(a+)+$', `${'a'.repeat(10_000)}!`)).toBe(false);
});
