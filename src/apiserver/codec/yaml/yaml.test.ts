import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../../test/loose-object.ts';
import { MAX_ALIASED_CHARACTERS, MAX_YAML_NODES } from './amount.ts';
import { parseYAMLDocument } from './parse.ts';
import { MAX_INTEGER, MAX_NUMBER_LENGTH } from './resolve.ts';
import { MAX_KEY_LENGTH } from './scanner.ts';
import { MAX_YAML_DEPTH } from './tokens.ts';

const value = (text: string): unknown => parseYAMLDocument(text).value;
const message = (text: string): string => {
  try {
    parseYAMLDocument(text);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a YAML document', () => {
  it.each<[string, unknown]>([
    ['', null],
    ['a: b\nc:\n- d\n- e: f\n  g: h\n', { a: 'b', c: ['d', { e: 'f', g: 'h' }] }],
    ['{a: [1, "2", {b}], c: }', { a: [1, '2', { b: null }], c: null }],
    ['- - a\n  - b\n- ? x\n  : z\n- [k: v]', [['a', 'b'], { x: 'z' }, [{ k: 'v' }]]],
    ['--- # comment\na: x\n  y\n\n  z # more\n...\nrest: 1', { a: 'x y\nz' }],
    ['---\n---\na: b', null],
    [
      'a: |\n  one\n   two\n\n  three\nb: >-\n  a\n  b\n\n  c\nc: |+1\n  x\n\n',
      { a: 'one\n two\n\nthree\n', b: 'a b\nc', c: ' x\n\n' },
    ],
    ["a: \"x\\n\\x41\\u00e9\\\n  y\n\n  z\"\nb: 'it''s\n  so'", { a: 'x\nAéy\nz', b: "it's so" }],
    [
      '[0777, 0x1F, 0o17, 0b11, 1_000, +1, -2, 1.5, .5, 1e3, 08, 12:30, 2026-01-01]',
      [511, 31, 15, 3, 1000, 1, -2, 1.5, 0.5, 1000, 8, '12:30', '2026-01-01'],
    ],
    [
      '[yes, No, on, OFF, y, ~, null, "", "yes", yesterday]',
      [true, false, true, false, true, null, null, '', 'yes', 'yesterday'],
    ],
    ['1: a\ntrue: b\n1.5: c', { 1: 'a', true: 'b', '1.5': 'c' }],
    [
      'a: &x {b: c}\nd: *x\ne: {<<: *x, f: g}\nh: {<<: [{i: 1}, {i: 2}]}',
      { a: { b: 'c' }, d: { b: 'c' }, e: { b: 'c', f: 'g' }, h: { i: 1 } },
    ],
    ['[!!str 1, !!int "2", !!float 3, !!binary aGk=, !local x, ! 4]', ['1', 2, 3, 'hi', 'x', '4']],
  ])('%j', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('keeps a key that all objects have as LooseObject other, and says which come twice', () => {
    expect(Object.keys(value('{__proto__: {a: 1}, constructor: 2}') as object)).toEqual(['__proto__', 'constructor']);
    expect(parseYAMLDocument('a: 1\nb:\n  c: 1\n  c: 2\na: 3').repeated).toEqual([
      { key: 'c', line: 4 },
      { key: 'a', line: 5 },
    ]);
  });

  it.each([
    ['[', 'yaml: line 1: did not find expected node content'],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: b\n c', ''],
    ['a:\n- b\n  c: d\ne', 'yaml: line 3: mapping values are not allowed in this context'],
    ['a: b\nc', "yaml: line 3: could not find expected ':'"],
    ['a:\n\t- b', 'yaml: line 2: found character that cannot start any token'],
    ['{a: b', "yaml: line 1: did not find expected ',' or '}'"],
    ['[a', "yaml: line 1: did not find expected ',' or ']'"],
    ['"a', 'yaml: found unexpected end of stream'],
    ['a: *x', "yaml: unknown anchor 'x' referenced"],
    ['a: &x [*x]', "yaml: anchor 'x' value contains itself"],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['? : b', 'yaml: did not find expected key'],
    ['~: b', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: b'],
    ['a: \0', 'yaml: control characters are not allowed'],
    ['%YAML 2.0\n---', 'yaml: found incompatible YAML document'],
    ['<<: x', 'yaml: map merge requires map or sequence of maps as the value'],
  ])('%j is refused in the words of Go', (text, words) => {
    expect(message(text)).toBe(words);
  });
});

describe('the work that a document may make', () => {
  it.each(['[', '{a: ', '- ', '? '])('nests %j only so deep', (open) => {
    const close = open === '[' ? ']' : open.startsWith('{') ? '}' : '';
    expect(message(open.repeat(MAX_YAML_DEPTH) + close.repeat(MAX_YAML_DEPTH))).not.toContain('max depth');
    expect(message(open.repeat(MAX_YAML_DEPTH + 1))).toContain('exceeded max depth of 10000');
    expect(message(open.repeat(700_000))).toContain('exceeded max depth of 10000');
  });

  it('has so many values', () => {
    expect(message(`[${'a,'.repeat(MAX_YAML_NODES - 1)}]`)).toBe('');
    expect(message(`[${'a,'.repeat(MAX_YAML_NODES)}]`)).toBe(
      `yaml: document contains more than ${MAX_YAML_NODES} values`,
    );
  });

  it('grows by aliases only so far', () => {
    const repeat = (length: number, times: number) => `a: &a ${'x'.repeat(length - 3)}\nb: [${'*a,'.repeat(times)}]`;
    expect(message(repeat(MAX_ALIASED_CHARACTERS / 64, 64))).toBe('');
    expect(message(repeat(MAX_ALIASED_CHARACTERS / 64, 65))).toBe('yaml: document contains excessive aliasing');
    const levels = [...'abcdefg'].map(
      (name, i, all) => `${name}: &${name} [${Array(9).fill(i ? `*${all[i - 1]}` : 'x')}]`,
    );
    expect(message(levels.join('\n'))).toBe('yaml: document contains excessive aliasing');
    const deep = `a: &a ${'['.repeat(600)}${']'.repeat(600)}\nb: ${'['.repeat(600)}*a${']'.repeat(600)}`;
    expect(message(deep)).toBe('yaml: exceeded max depth of 10000');
  });

  it('grows no faster than the text', () => {
    const keys = (n: number) => Array.from({ length: n }, (_, i) => `  k${i}: "v"`).join('\n');
    expect(Object.keys((value(`data:\n${keys(40_000)}`) as LooseObject).data)).toHaveLength(40_000);
    for (const text of [
      '---\n'.repeat(700_000),
      `a: "x\n${' '.repeat(2_000_000)}y"`,
      `a: ${'\n'.repeat(2_000_000)} y`,
      '#\n'.repeat(1_000_000),
    ])
      expect(message(text)).toBe('');
  });
});

describe('what is too long for a YAML document’s reader', () => {
  it('is text, as a number', () => {
    expect(value('0'.repeat(MAX_NUMBER_LENGTH))).toBe(0);
    expect(value('0'.repeat(MAX_NUMBER_LENGTH + 1))).toBe('0'.repeat(MAX_NUMBER_LENGTH + 1));
  });

  it('is text, as an integer beyond 64 bits that is not decimal', () => {
    const hex = (size: bigint): string => `0x${size.toString(16)}`;
    expect(value(hex(MAX_INTEGER - 1n))).toBe(2 ** 64);
    expect(value(hex(MAX_INTEGER))).toBe(hex(MAX_INTEGER));
    expect(value(`-${hex(MAX_INTEGER / 2n)}`)).toBe(-(2 ** 63));
    expect(value(`-${hex(MAX_INTEGER / 2n + 1n)}`)).toBe(`-${hex(MAX_INTEGER / 2n + 1n)}`);
  });

  it('is no key, in one line', () => {
    const key = (length: number): string => 'k'.repeat(length);
    expect(value(`${key(MAX_KEY_LENGTH)}: v`)).toEqual({ [key(MAX_KEY_LENGTH)]: 'v' });
    expect(message(`${key(MAX_KEY_LENGTH + 1)}: v`)).toContain('mapping values are not allowed in this context');
  });
});
