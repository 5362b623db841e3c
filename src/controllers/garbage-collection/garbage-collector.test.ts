import { expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, NOW, object, ownedBy, reconciled, written } from '../test-view.ts';
import { garbageCollector } from './garbage-collector.ts';

const controller = garbageCollector(() => BUILT_IN);
const ENDING = { deletionTimestamp: '2026-01-05T09:59:00Z' };
const owner = object('ReplicaSet', 'rs');
const other = object('ReplicaSet', 'other');
const pod = (ownerReferences: object[], metadata: object = {}): KubeObject =>
  object('Pod', 'p', { metadata: { ownerReferences, ...metadata } as LooseObject });
const KEY = 'pods ns p';

it('deletes what no owner wants any more', () => {
  const result = reconciled(controller, KEY, [pod(ownedBy(owner))]);
  expect(lines(result)).toEqual(['delete pods p']);
  expect(result.writes[0]).toMatchObject({ uid: 'Pod/p', propagationPolicy: 'Background' });
  expect(lines(reconciled(controller, KEY, [pod(ownedBy(owner)), owner]))).toEqual([]);
  // One of the same name is not the owner.
  const later = object('ReplicaSet', 'rs', { metadata: { uid: 'later' } });
  expect(lines(reconciled(controller, KEY, [pod(ownedBy(owner)), later]))).toEqual(['delete pods p']);
  expect(keysOf(controller, { old: owner }, [pod(ownedBy(owner))])).toEqual([KEY]);
});

it('takes away the reference to one owner of two', () => {
  const shared = pod([...ownedBy(owner), ...ownedBy(other, false)]);
  const result = reconciled(controller, KEY, [shared, other]);
  expect(written(result, 'update Pod p').metadata.ownerReferences).toEqual(ownedBy(other, false));
});

it('leaves what an owner of a kind that nobody knows may want', () => {
  const reference = { apiVersion: 'example.com/v1', kind: 'Foo', name: 'f', uid: 'u' };
  expect(reconciled(controller, KEY, [pod([reference])])).toEqual({ writes: [] });
});

it('deletes dependents before an owner that is to go last, and then lets it go', () => {
  const waiting = object('ReplicaSet', 'rs', { metadata: { ...ENDING, finalizers: ['foregroundDeletion'] } });
  const key = 'replicasets.apps ns rs';
  const { requeueAt } = reconciled(controller, key, [waiting, pod(ownedBy(owner))]);
  expect(requeueAt).toBeGreaterThan(NOW);
  const at = (...objects: KubeObject[]) =>
    reconciled(controller, key, objects, { now: requeueAt!, requeueAt: requeueAt! });
  expect(lines(at(waiting, pod(ownedBy(owner))))).toEqual(['delete pods p']);
  expect(lines(at(waiting, pod(ownedBy(owner), ENDING)))).toEqual([]);
  expect(written(at(waiting), 'update ReplicaSet rs').metadata.finalizers).toEqual([]);
  expect(keysOf(controller, { old: pod(ownedBy(owner)) }, [waiting])).toEqual([key]);
});

it('cuts dependents loose from an owner that goes without them', () => {
  const leaving = object('ReplicaSet', 'rs', { metadata: { ...ENDING, finalizers: ['orphan'] } });
  const requeueAt = NOW + 100;
  const result = reconciled(controller, 'replicasets.apps ns rs', [leaving, pod(ownedBy(owner))], {
    now: requeueAt,
    requeueAt,
  });
  expect(lines(result)).toEqual(['update Pod p', 'update ReplicaSet rs']);
  expect(written(result, 'update Pod p').metadata.ownerReferences).toEqual([]);
  expect(written(result, 'update ReplicaSet rs').metadata.finalizers).toEqual([]);
});

it('tells of an owner in another namespace', () => {
  const elsewhere = object('ReplicaSet', 'rs', { metadata: { namespace: 'other' } });
  const [told] = lines(reconciled(controller, KEY, [pod(ownedBy(owner)), elsewhere]));
  expect(told).toBe(
    'event OwnerRefInvalidNamespace: ownerRef [apps/v1/ReplicaSet, namespace: ns, name: rs, uid: ReplicaSet/rs] does not exist in namespace "ns"',
  );
});
