import { expect, it } from 'vitest';
import { MAX_REMEMBERED_PATTERNS, patternOf } from './pattern.ts';

it('reads what Go reads, and says what it does not', () => {
  const matches = (source: string, text: string) => {
    const pattern = patternOf(source);
    return 'error' in pattern ? pattern.error : pattern.test(text);
  };
  expect(matches('^[a-z]+$', 'abc')).toBe(true);
  expect(matches('(?i)^a$', 'A')).toBe(true);
  expect(matches('^(?P<name>a)\\z', 'a')).toBe(true);
  expect(matches('^\\pL+$', 'ä')).toBe(true);
  expect(matches('^(?!x)', 'a')).toBe('error parsing regexp: invalid or unsupported Perl syntax: `(?!`');
  expect(matches('(a)\\1', 'aa')).toBe('error parsing regexp: invalid escape sequence: `\\1`');
});

it('remembers so many', () => {
  const first = patternOf('first');
  for (let i = 1; i < MAX_REMEMBERED_PATTERNS; i++) patternOf(`a${i}`);
  expect(patternOf('first')).toBe(first);
  for (let i = 0; i < MAX_REMEMBERED_PATTERNS; i++) patternOf(`b${i}`);
  expect(patternOf('first')).not.toBe(first);
});
