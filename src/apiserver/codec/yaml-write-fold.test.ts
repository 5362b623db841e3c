import { describe, expect, it } from 'vitest';
import { printYAML } from './yaml-write.ts';

const word = (count: number): string => 'word '.repeat(count).trim();

describe('a long text', () => {
  it('is broken at the first space behind the 80th sign', () => {
    expect(printYAML({ a: word(15) })).toBe(`a: ${word(15)}\n`);
    expect(printYAML({ a: `${word(15)} end here` })).toBe(`a: ${word(15)} end\n  here\n`);
    expect(printYAML({ list: [`${word(15)} ends here`] })).toBe(`list:\n- ${word(15)} ends\n  here\n`);
  });
  it('is broken within quotes too, and where two spaces stand only with a sign for it', () => {
    expect(printYAML({ a: `: ${word(15)} it here` })).toBe(`a: ': ${word(15)} it\n  here'\n`);
    expect(printYAML({ a: `\t${word(15)} it  here` })).toBe(`a: "\\t${word(15)} it\n  \\ here"\n`);
    expect(printYAML({ a: `${word(16)}  here` })).toBe(`a: ${word(16)}  here\n`);
  });
});
