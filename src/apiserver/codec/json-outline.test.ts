import { describe, expect, it } from 'vitest';
import { membersIn, outlineOf } from './json-outline.ts';
import { JSONSyntaxError, MAX_DEPTH, type ParsedJSON, parseJSON, parsePlain, readJSON } from './json-text.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** What is noted of all objects of a value, in order. */
function notesOf({ value, notes }: ParsedJSON): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [notes.get(value), ...Object.values(value).flatMap((part) => notesOf({ value: part, notes }))];
}

const PLAIN = [
  '{}',
  '[]',
  '0',
  '"text"',
  'null',
  '[true, false, null, -1, 10, 999999999999999]',
  '{"a": {"b": [{"c": "d:e, {}[]"}]}, "e1": "1e5", "": ""}',
  '{"a":"\\"quoted\\": \\\\","b\\u0041":"\\u00e9\\ud83d\\ude00","\\\\":1}',
  '{"__proto__":{"a":1},"toString":2}',
  ' \t\r\n{"a"\n:\t1}\n',
  '{"schön":"日本語"}',
];
const NOTED = [
  '{"a":1,"a":2}',
  '{"a":{"b":1,"b":{"c":2}},"x":[{"y":1,"y":1}]}',
  '{"a":1,"\\u0061":2}',
  '[1.5, 1e3, 1E3, -0.0, 1e+2]',
  '{"a":1000000000000000000000}',
  '{"n":[-0]}',
];
const BROKEN = [
  '',
  '{',
  '{"a"}',
  '{"a":1,}',
  '[1 2]',
  '"open',
  '"a\nb"',
  '{"a":01}',
  'tru',
  '{"a":1}}',
  "{'a':1}",
  '\\',
];

describe('JSON that is read at once', () => {
  it.each(PLAIN)('is what the reader makes of it: %s', (text) => {
    const outline = outlineOf(text);
    const plain = parsePlain(text, outline);
    expect(plain).toEqual({ value: readJSON(text).value, members: membersIn(readJSON(text).value) });
    expect(Object.keys(Object(plain?.value))).toEqual(Object.keys(Object(readJSON(text).value)));
    expect(notesOf(readJSON(text)).every((note) => note === undefined)).toBe(true);
  });

  it.each(NOTED)('leaves to the reader of what something is to be noted: %s', (text) => {
    const plain = parsePlain(text, outlineOf(text));
    expect(plain === undefined || membersIn(plain.value) < plain.members).toBe(true);
    expect(parseJSON(text).value).toEqual(readJSON(text).value);
    expect(notesOf(parseJSON(text))).toEqual(notesOf(readJSON(text)));
  });

  it.each(BROKEN)('leaves to the reader what is none, which says why: %s', (text) => {
    expect(parsePlain(text, outlineOf(text))).toBeUndefined();
    expect(() => parseJSON(text)).toThrow(JSONSyntaxError);
  });

  it('goes as deep as the reader', () => {
    expect(parsePlain(nested(MAX_DEPTH), outlineOf(nested(MAX_DEPTH)))).toBeDefined();
    expect(parsePlain(nested(MAX_DEPTH + 1), outlineOf(nested(MAX_DEPTH + 1)))).toBeUndefined();
    expect(parseJSON(nested(MAX_DEPTH)).value).toEqual(readJSON(nested(MAX_DEPTH)).value);
  });
});
