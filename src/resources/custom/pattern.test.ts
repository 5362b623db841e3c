import { describe, expect, it } from 'vitest';
import { MAX_PATTERN, patternWeight } from '../../cel/regex.ts';
import { validateDefinitionSchema } from '../apiextensions/definition-schema.ts';
import { MAX_PATTERNS, patternOf } from './pattern.ts';

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

const isTooLarge = (source: string): boolean => {
  const pattern = patternOf(source);
  return 'error' in pattern && pattern.error === 'error parsing regexp: expression too large';
};

it.each([0, 1])('has so many characters: %i more', (more) => {
  // Within a class characters take no steps.
  expect(isTooLarge(`[${'a'.repeat(MAX_PATTERN - 2 + more)}]`)).toBe(more === 1);
});

it('has so many steps, however few its characters are', () => {
  expect(isTooLarge('(abcdefghij){900}')).toBe(false);
  expect(isTooLarge('(abcdefghijabcdefghijabcdef){900}')).toBe(true);
});

describe('the patterns of a schema', () => {
  const weightOf = (source: string): number => {
    const pattern = patternOf(source);
    return 'error' in pattern ? 0 : patternWeight(source, pattern);
  };
  const errorsOf = (patterns: string[]): string[] =>
    validateDefinitionSchema(
      {
        type: 'object',
        properties: Object.fromEntries(patterns.map((pattern, i) => [`p${i}`, { type: 'string', pattern }])),
      },
      'schema',
      false,
    ).map(({ field, message }) => `${field}: ${message}`);

  it.each([0, 1])('are so many steps together, each counted once: %i more', (more) => {
    const patterns = Array.from({ length: 10 }, (_, i) => `${i}(abcdefgh){900}`);
    const left = MAX_PATTERNS - patterns.reduce((sum, source) => sum + weightOf(source), 0);
    const single = weightOf('a');
    const growth = weightOf('aa') - single;
    const last = 'a'.repeat(1 + Math.floor((left - single) / growth) + more);
    const told = errorsOf([...patterns, ...patterns, last]);
    expect(told).toEqual(
      more === 0
        ? []
        : [`schema.properties[p20].pattern: Forbidden: all patterns of a schema may take ${MAX_PATTERNS} steps`],
    );
  });
});
