import { expect, it } from 'vitest';
import { JSONDocuments, splitDocuments } from './json-documents.ts';

it('finds documents wherever the text is cut', () => {
  const text = ' {"a":"}\\"{"}\n[1,[2]] {"b":{}}{"c":"\\\\"} ';
  const expected = ['{"a":"}\\"{"}', '[1,[2]]', '{"b":{}}', '{"c":"\\\\"}'];
  expect(splitDocuments(text)).toEqual({ documents: expected, rest: '' });
  for (let cut = 1; cut < text.length; cut++) {
    const reader = new JSONDocuments();
    expect([...reader.add(text.slice(0, cut)), ...reader.add(text.slice(cut))]).toEqual(expected);
  }
  expect(splitDocuments('7 "x" {"a"')).toEqual({ documents: ['7', '"x"'], rest: '{"a"' });
});

it('looks at each character once', () => {
  const reader = new JSONDocuments();
  for (let i = 0; i < 20_000; i++) expect(reader.add(i === 0 ? '{"a":"' : 'x'.repeat(100))).toHaveLength(0);
  expect(reader.pending).toBe(6 + 19_999 * 100);
  expect(reader.add('"}')[0]).toHaveLength(6 + 19_999 * 100 + 2);
});
