import { expect, it } from 'vitest';
import { MAX_CUT_WARNING_CHARACTERS, MAX_WARNING_CHARACTERS, warningHeaders } from './warnings.ts';

const text = (header: string) => header.slice('299 - "'.length, -1);

it('says each warning once and whole while there is room', () => {
  expect(warningHeaders(['a "b"', '', 'c', 'c'])).toEqual(['299 - "a \\"b\\""', '299 - "c"']);
  const full = ['x'.repeat(MAX_WARNING_CHARACTERS - 1), 'y'];
  expect(warningHeaders(full).map(text)).toEqual(full);
});

it('cuts all of them where there is not, and leaves out what comes then', () => {
  const long = 'x'.repeat(MAX_WARNING_CHARACTERS);
  expect(warningHeaders([long, 'y']).map(text)).toEqual(['x'.repeat(MAX_CUT_WARNING_CHARACTERS), 'y']);
  const many = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(1000, 'x'));
  expect(warningHeaders(many)).toHaveLength(MAX_WARNING_CHARACTERS / MAX_CUT_WARNING_CHARACTERS);
});
