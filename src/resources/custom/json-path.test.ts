import { expect, it } from 'vitest';
import { findByPath, MAX_FOUND, parseJSONPath } from './json-path.ts';

const object = {
  metadata: { annotations: { 'a.b/c': 'x' } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', n: 1 },
      { type: 'Other', status: 'False', n: 2 },
    ],
  },
};

it.each<[string, unknown[]]>([
  ['.status.conditions[0].type', ['Ready']],
  ['.status.conditions[-1].type', ['Other']],
  ['.status.conditions[*].n', [1, 2]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  ["$.status.conditions[?(@.type == 'Other')].status", ['False']],
  ['.status.conditions[?(@.n>1)].type', ['Other']],
  ['.status.conditions[?(@.missing)].type', []],
  ['.status.conditions[0:1].n', [1]],
  ['.status.conditions[0,1].n', [1, 2]],
  ["['metadata']['annotations']['a.b/c']", ['x']],
  ['.metadata.annotations.a\\.b/c', ['x']],
  ['..n', [1, 2]],
  ['.missing.part', []],
])('%s', (path, values) => {
  expect(findByPath(parseJSONPath(path)!, object)).toEqual(values);
});

it.each(['.a[', '.a[?(@.b)', '.a b', "['a", 'a b'])('is no path: %s', (path) => {
  expect(parseJSONPath(path)).toBeUndefined();
});

it('finds no more than so much', () => {
  const list = (length: number) => ({ a: Array.from({ length }, () => 1) });
  const path = parseJSONPath('.a[*]')!;
  expect(findByPath(path, list(MAX_FOUND))).toHaveLength(MAX_FOUND);
  expect(findByPath(path, list(MAX_FOUND + 1))).toHaveLength(MAX_FOUND);
});
