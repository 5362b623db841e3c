/** The pods of one controller, as groups, one by one, and those of nobody. */
import { expect, it } from 'vitest';
import { viewOf as asView } from '../objects/view.ts';
import { candidatesOf, orphanedPods, podGroupsOf, podsOf } from './pod-groups.ts';
import { changeTo, object, ownedBy, viewOf } from './test-view.ts';

const SET = object('ReplicaSet', 'web');
const pod = (name: string, { status = {}, ...metadata }: Record<string, unknown> = {}) =>
  object('Pod', name, { metadata: { ownerReferences: ownedBy(SET), labels: { a: 'b' }, ...metadata }, status });
const ready = (at: string) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
});
const counts = (view: ReturnType<typeof viewOf>) =>
  podGroupsOf(asView(view), SET)?.map(({ sample, count }) => [sample.metadata.name, count]);

it('are counted together when they are alike in what is counted', () => {
  const early = ready('2026-01-05T10:00:00Z');
  const view = viewOf([
    pod('a'),
    pod('b'),
    pod('c', { labels: { a: 'c' } }),
    pod('d', { status: early }),
    pod('e', { status: early, deletionTimestamp: '2026-01-05T10:00:00Z' }),
    pod('f', { status: ready('2026-01-05T10:00:01Z') }),
    pod('g', { ownerReferences: ownedBy(object('ReplicaSet', 'other')) }),
    pod('h', { ownerReferences: ownedBy(SET, false) }),
    pod('i', { namespace: 'elsewhere' }),
  ]);
  expect(counts(view)).toEqual([
    ['a', 2],
    ['c', 1],
    ['d', 1],
    ['e', 1],
    ['f', 1],
  ]);
  view.apply(changeTo(pod('b', { status: early }), 20));
  expect(counts(view)).toEqual([
    ['a', 1],
    ['c', 1],
    ['d', 2],
    ['e', 1],
    ['f', 1],
  ]);
  view.apply(changeTo(pod('a', { ownerReferences: [] }), 21));
  view.apply({ resource: 'pods', namespace: 'ns', name: 'd', revision: 22 });
  expect(counts(view)).toEqual([
    ['c', 1],
    ['b', 1],
    ['e', 1],
    ['f', 1],
  ]);
});

it('are found one by one, and so are those that it may adopt', () => {
  const view = viewOf([
    pod('c'),
    pod('b', { ownerReferences: ownedBy(SET, false) }),
    pod('a'),
    pod('d', { ownerReferences: ownedBy(object('ReplicaSet', 'other')) }),
    pod('e', { namespace: 'elsewhere', ownerReferences: [] }),
  ]);
  const names = (pods: { metadata: { name: string } }[]) => pods.map(({ metadata }) => metadata.name);
  expect(names(podsOf(asView(view), SET)).sort()).toEqual(['a', 'c']);
  expect(names(orphanedPods(asView(view), 'ns'))).toEqual(['b']);
  expect(names(candidatesOf(asView(view), SET))).toEqual(['a', 'b', 'c']);
});

it('are looked at one by one, and minded, where one cannot be read', () => {
  const view = viewOf([pod('a')]);
  view.apply({ resource: 'pods', namespace: 'ns', name: 'x', revision: 9, unreadable: true });
  const strict = asView(view.strict());
  expect(podGroupsOf(strict, SET)).toBeUndefined();
  expect(() => podsOf(strict, SET)).toThrow('cannot read pods ns/x');
});
