import { describe, expect, it } from 'vitest';
import { MAX_DIGITS, MAX_SIMPLE_KEY, printYAML } from './yaml-write.ts';

describe('printYAML', () => {
  it('prints as Go does', () => {
    const value = {
      b: ['x', { d: 1, c: true }],
      a: { 'f:x': {}, '.': {}, empty: '', list: [] },
      text: 'one\ntwo\n',
    };
    expect(printYAML(value)).toBe(
      'a:\n  .: {}\n  empty: ""\n  f:x: {}\n  list: []\nb:\n- x\n- c: true\n  d: 1\ntext: |\n  one\n  two\n',
    );
  });

  it('quotes what would not be read as text twice, and what YAML has a use for once', () => {
    const texts = [
      'yes',
      '1',
      '1.5',
      '0777',
      'null',
      '2026-01-05T10:00:00Z',
      '12:30',
      'v1',
      'x: y',
      '*star',
      '1Gi',
      'a:b',
    ];
    expect(texts.map((text) => printYAML([text]).slice(2).trimEnd())).toEqual([
      '"yes"',
      '"1"',
      '"1.5"',
      '"0777"',
      '"null"',
      '"2026-01-05T10:00:00Z"',
      '"12:30"',
      'v1',
      "'x: y'",
      "'*star'",
      '1Gi',
      'a:b',
    ]);
  });

  it('counts the numbers in keys, and asks for a key that is long', () => {
    expect(printYAML({ k10: 1, k9: 2, B: 3, '-': 4 })).toBe("'-': 4\nB: 3\nk9: 2\nk10: 1\n");
    const key = 'x'.repeat(129);
    expect(printYAML({ [key]: { a: [] } })).toBe(`? ${key}\n: a: []\n`);
    expect(printYAML({ a: ['one\ntwo', '\u0001', ' x', '\u{1f600}'] })).toBe(
      'a:\n- |-\n  one\n  two\n- "\\x01"\n- \' x\'\n- "\\U0001F600"\n',
    );
  });

  it('takes no longer for a text that looks like a number, and goes as deep as an object', () => {
    for (const text of ['1_'.repeat(200_000), '1:'.repeat(200_000), '\n'.repeat(200_000), ' '.repeat(200_000)])
      expect(printYAML([`${text}x`]).length).toBeGreaterThan(text.length);
    let deep: unknown = 'x';
    for (let i = 0; i < 1000; i++) deep = i % 2 ? [deep] : { a: deep };
    expect(printYAML(deep)).toContain('x');
  });
});

it('prints a long key as one that is asked for', () => {
  const key = (length: number): string => 'k'.repeat(length);
  expect(printYAML({ [key(MAX_SIMPLE_KEY)]: 1 })).toBe(`${key(MAX_SIMPLE_KEY)}: 1\n`);
  expect(printYAML({ [key(MAX_SIMPLE_KEY + 1)]: 1 })).toBe(`? ${key(MAX_SIMPLE_KEY + 1)}\n: 1\n`);
});

it('sorts keys by the numbers in them, as far as those are compared', () => {
  const order = (...keys: string[]): string[] =>
    printYAML(Object.fromEntries(keys.map((key) => [key, 1])))
      .trim()
      .split('\n')
      .map((line) => line.slice(0, -3).replaceAll('"', ''));
  const [nine, ten] = [`k${'9'.padStart(MAX_DIGITS - 1, '1')}`, `k${'1'.padEnd(MAX_DIGITS, '0')}`];
  expect(order(ten, nine)).toEqual([nine, ten]);
});
