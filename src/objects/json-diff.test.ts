import { expect, it } from 'vitest';
import { applyJSONPatch } from '../apiserver/patch/json-patch.ts';
import { createRandom, type Random } from '../simulation/random.ts';
import { jsonDiff } from './json-diff.ts';

it('tells of what appears, changes and goes', () => {
  expect(jsonDiff(undefined, { a: 1 })).toEqual([{ op: 'add', path: '', value: { a: 1 } }]);
  expect(jsonDiff({ a: 1 }, undefined)).toEqual([{ op: 'remove', path: '' }]);
  expect(jsonDiff({ a: 1, 'b/~c': 2, d: null }, { 'b/~c': 3, d: null, e: [] })).toEqual([
    { op: 'remove', path: '/a' },
    { op: 'replace', path: '/b~1~0c', value: 3 },
    { op: 'add', path: '/e', value: [] },
  ]);
});

it('says of a list what came in, wherever that is, and nothing of the others', () => {
  expect(jsonDiff([1, 2], [1, 2, 3])).toEqual([{ op: 'add', path: '/2', value: 3 }]);
  expect(jsonDiff([1, 2], [0, 1, 2])).toEqual([{ op: 'add', path: '/0', value: 0 }]);
  expect(jsonDiff([{ a: 1 }, { a: 2 }, { a: 3 }], [{ a: 1 }, { a: 9 }, { a: 3 }])).toEqual([
    { op: 'replace', path: '/1/a', value: 9 },
  ]);
  expect(jsonDiff([1, 2, 3, 4], [4])).toEqual([2, 1, 0].map((i) => ({ op: 'remove', path: `/${i}` })));
});

it('makes of one value the other, whatever they are', () => {
  const random = createRandom('diffs', '');
  for (let i = 0; i < 3000; i++) {
    const [before, after] = [{ of: value(random, 4) }, { of: value(random, 4) }];
    expect(applyJSONPatch(structuredClone(before), jsonDiff(before, after))).toEqual(after);
  }
});

function value(random: Random, depth: number): unknown {
  const kind = random.integer(depth > 0 ? 5 : 3);
  if (kind === 0) return random.integer(3);
  if (kind === 1) return ['a', 'b', '', null, true][random.integer(5)];
  if (kind === 2) return 'x';
  const parts = Array.from({ length: random.integer(5) }, () => value(random, depth - 1));
  if (kind === 3) return parts;
  return Object.fromEntries(parts.map((part) => [['a', 'b', 'c/d', 'e~f'][random.integer(4)], part]));
}
