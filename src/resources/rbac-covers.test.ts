import { describe, expect, it } from 'vitest';
import { compacted, MAX_COMPARED_PERMISSIONS, ruleText, TooManyPermissions, uncovered } from './rbac-covers.ts';

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

  it(`is worked out for ${MAX_COMPARED_PERMISSIONS} permissions and no more, unless they are held as a whole`, () => {
    expect(uncovered([], many(MAX_COMPARED_PERMISSIONS))).toHaveLength(MAX_COMPARED_PERMISSIONS);
    expect(() => uncovered([], many(MAX_COMPARED_PERMISSIONS + 1))).toThrow(TooManyPermissions);
    const all = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
    expect(uncovered(all, many(MAX_COMPARED_PERMISSIONS + 1))).toEqual([]);
    const list = Array.from({ length: 1000 }, (_, i) => `x${i}`);
    expect(() => uncovered([], [{ verbs: list, apiGroups: list, resources: list, resourceNames: list }])).toThrow();
  });
});
