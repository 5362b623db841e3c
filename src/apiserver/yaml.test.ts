import { describe, expect, it } from 'vitest';
import { printYAML } from './yaml.ts';

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
});
