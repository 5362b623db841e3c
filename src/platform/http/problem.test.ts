import { expect, it } from 'vitest';
import { MAX_DETAIL, ProblemError } from './problem.ts';

it('says so much of what is wrong', () => {
  const said = (length: number): string => new ProblemError(400, 'x'.repeat(length)).message;
  expect(said(MAX_DETAIL)).toHaveLength(MAX_DETAIL);
  expect(said(MAX_DETAIL + 1)).toBe(`${'x'.repeat(MAX_DETAIL)} ...`);
});
