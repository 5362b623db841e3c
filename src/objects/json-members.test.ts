import { expect, it } from 'vitest';
import { membersOf } from './json-members.ts';

const told = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  return membersOf(text)?.map(({ name, start, end }) => [name, JSON.parse(text.slice(start, end))]);
};

it.each([
  {},
  { a: 1 },
  { a: 'b', 'c"d': '\\', 'e\\': '"}', f: '\\"', '': null },
  { a: { b: [{ c: '}]' }, []] }, d: [], e: {}, f: true, g: -1.5e3 },
  { '\u2028': '\ud83d\ude00', ['__proto__']: { x: 1 } },
])('tells an object’s members: %j', (value) => {
  expect(told(value)).toEqual(Object.entries(value));
});

it('tells those of an object within', () => {
  const text = '{"a":{"b":"c","d":[1,2]},"e":2}';
  const inner = membersOf(text)![0]!;
  expect(membersOf(text, inner.start)?.map(({ name }) => name)).toEqual(['b', 'd']);
  expect(text.slice(inner.start, inner.end)).toBe('{"b":"c","d":[1,2]}');
});

it('has none for what is no object', () => {
  for (const text of ['', '[]', '1', 'null', '"a"']) expect(membersOf(text)).toBeUndefined();
});

it('comes to an end, whatever it is given', () => {
  for (const text of ['{"a', '{"a"', '{"a":', '{"a":"', '{"a":"\\\\', '{"a":[', '{"a":1', '{x', '{"a":1,']) {
    const told = () => membersOf(text);
    expect([text, tellsOrThrows(told)]).toEqual([text, true]);
  }
});

function tellsOrThrows(tell: () => unknown): boolean {
  try {
    return Array.isArray(tell());
  } catch (error) {
    return error instanceof SyntaxError;
  }
}
