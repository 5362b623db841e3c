import { expect, it } from 'vitest';
import { parseYAML } from './body.ts';
import { MAX_KEY, MAX_LEVELS, parseJSONAsYAML } from './json-in-yaml.ts';

it.each([
  '{}',
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v","empty":"","n":"1","t":"true"}}',
  '\n  {"a": [1, -2, true, null, {"b": "x: y # no comment"}],\r\n "~": "null", "yes": "no", "- a": "? b"}\n',
  '{"text":"two\\nlines\\tand \\"quotes\\" \\\\ back\\b\\f\\r","&a":"*a","!t":"%d","@":"`"}',
])('JSON is what YAML makes of it: %s', (text) => {
  const { value, repeated } = parseYAML(text);
  expect(parseJSONAsYAML(text)).toEqual(value);
  expect(Object.keys(parseJSONAsYAML(text)!)).toEqual(Object.keys(value as object));
  expect(repeated).toEqual([]);
});

it.each([
  'a: b',
  '[1]',
  '"text"',
  '{"a":1,"a":2}',
  '{"a":1.50}',
  '{"a":1e3}',
  '{"a":12345678901234567890}',
  '{"<<":{"a":1}}',
  '{"a":"\\ud83d\\ude00"}',
  '{"a":"\\/"}',
  '{"a":"é"}',
  '{"a":\t1}',
  '{a: 1}',
  '{"a":1} # b',
  '{"a":1}\n---\n{"b":2}',
])('is left to the reader of YAML where that might say something else: %s', (text) => {
  expect(parseJSONAsYAML(text)).toBeUndefined();
});

it('has keys as long, and goes as deep, as both readers surely do', () => {
  const keyed = (length: number): string => `{"${'k'.repeat(length - 2)}":1}`;
  expect(parseJSONAsYAML(keyed(MAX_KEY))).toEqual(parseYAML(keyed(MAX_KEY)).value);
  expect(parseJSONAsYAML(keyed(MAX_KEY + 1))).toBeUndefined();
  const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  expect(parseJSONAsYAML(nested(MAX_LEVELS))).toEqual(parseYAML(nested(MAX_LEVELS)).value);
  expect(parseJSONAsYAML(nested(MAX_LEVELS + 1))).toBeUndefined();
});
