import { describe, expect, it } from 'vitest';
import { foreignValue } from './foreign-value.ts';

const KEY = '/registry/configmaps/default/a';
const written = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}';

describe('a value from outside', () => {
  it('stays text where it is none of an object, or an object as the API server writes it', () => {
    expect(foreignValue('elsewhere', 'x')).toBe('x');
    expect(foreignValue(KEY, written)).toBe(written);
  });

  it('is bytes that read the same where it is not', () => {
    const others = [
      'garbage',
      '',
      'null',
      written.slice(0, -1),
      `${written} `,
      written.replace(':{', ': {'),
      written.replace('"name"', '"resourceVersion":"7","name"'),
      written.replace('{"name":"a"}', '{"name":"a","name":"b"}'),
      written.replace('{"name":"a"}', 'null'),
    ];
    for (const text of others) {
      const value = foreignValue(KEY, text);
      expect(value, text).toBeInstanceOf(Uint8Array);
      expect(new TextDecoder().decode(value as Uint8Array)).toBe(text);
    }
  });
});
