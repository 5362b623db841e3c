import { describe, expect, it } from 'vitest';
import { matchesTextSelector, parseLabelSelector } from './label-selector.ts';

const matches = (selector: string, labels: Record<string, string>): boolean =>
  matchesTextSelector(parseLabelSelector(selector), labels);

describe('label selectors of requests', () => {
  it.each([
    ['a=1', { a: '1' }, true],
    ['a==1,b', { a: '1' }, false],
    ['a!=1', {}, true],
    ['a in (1,2),!b', { a: '2' }, true],
    ['a notin (1,2)', { a: '2' }, false],
    ['in in (in)', { in: 'in' }, true],
    ['n>3', { n: '10' }, true],
    ['n<3', { n: 'x' }, false],
    ['a=', { a: '' }, true],
    ['', { a: '1' }, true],
  ] as const)('%s', (selector, labels, expected) => {
    expect(matches(selector, labels)).toBe(expected);
  });

  it.each([
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a in 1', "unable to parse requirement: found '1' expected: '('"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('refuses %s', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message);
  });
});
