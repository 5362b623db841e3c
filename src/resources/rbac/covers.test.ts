import { describe, expect, it } from 'vitest';
import { compacted, MAX_COMPARISONS, ruleText, TooManyPermissions, uncovered } from './covers.ts';

const many = (count: number) => [
  { verbs: ['get'], apiGroups: [''], resources: Array.from({ length: count }, (_, i) => `r${i}`) },
];

describe('what is missing', () => {
  it('is said permission by permission, and printed resource by resource', () => {
    const missing = uncovered(
      [{ verbs: ['get'], apiGroups: [''], resources: ['pods', '*/status'] }],
      [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'nodes/status'] },
        { verbs: ['list'], apiGroups: [''], resources: ['pods'], resourceNames: ['a', 'b'] },
        { verbs: ['get'], nonResourceURLs: ['/x', '/y*'] },
      ],
    );
    expect(compacted(missing).map(ruleText)).toEqual([
      '{NonResourceURLs:["/x"], Verbs:["get"]}',
      '{NonResourceURLs:["/y*"], Verbs:["get"]}',
      '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["nodes/status"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["list"]}',
    ]);
  });

  it('lists that are null are empty', () => {
    const none = null as unknown as string[];
    expect(
      uncovered([{ verbs: none }], [{ verbs: ['get'], apiGroups: none, resources: none, nonResourceURLs: ['/x'] }]),
    ).toEqual([{ verbs: ['get'], nonResourceURLs: ['/x'] }]);
  });

  it(`is worked out with ${MAX_COMPARISONS} comparisons and no more, unless it is held as a whole`, () => {
    const fits = MAX_COMPARISONS / 10 - 2;
    const held = Array.from({ length: 10 }, () => ({ verbs: ['get'], apiGroups: ['apps'], resources: ['*'] }));
    expect(uncovered(held, many(fits))).toHaveLength(fits);
    expect(() => uncovered(held, many(fits + 1))).toThrow(TooManyPermissions);
    const list = Array.from({ length: 1000 }, (_, i) => `x${i}`);
    const wide = [{ verbs: list, apiGroups: list, resources: list, resourceNames: list }];
    expect(() => uncovered([], wide)).toThrow(TooManyPermissions);
    expect(uncovered([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], wide)).toEqual([]);
  });
});
