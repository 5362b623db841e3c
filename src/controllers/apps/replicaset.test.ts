import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import { applied, keysOf, lines, NOW, object, ownedBy, reconciled, SECOND, written } from '../test-view.ts';
import { BURST_REPLICAS, podsToDelete, replicaSetController, replicationController } from './replicaset.ts';

const LABELS = { app: 'web' };
const TEMPLATE = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c' }] } };
const FLAVOURS = [
  { kind: 'ReplicaSet', controller: replicaSetController(), selector: { matchLabels: LABELS } },
  { kind: 'ReplicationController', controller: replicationController(), selector: LABELS },
];
const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T09:59:55Z' }];

describe.each(FLAVOURS)('a $kind', ({ kind, controller, selector }) => {
  const owner = (replicas: number, spec: object = {}, status: object = {}): KubeObject =>
    object(kind, 'web', {
      metadata: { generation: 3 },
      spec: { replicas, selector, template: TEMPLATE, ...spec },
      status,
    });
  const pod = (name: string, metadata: object = {}, status: object = { phase: 'Running', conditions: READY }) =>
    object('Pod', name, {
      metadata: { labels: LABELS, ownerReferences: ownedBy(owner(1)), ...metadata },
      spec: {},
      status,
    });
  const reconcile = (...objects: KubeObject[]) => reconciled(controller, 'ns/web', objects);

  it('makes the pods that are missing, from its template, and rests when they are there', () => {
    const result = reconcile(owner(3), pod('a'));
    expect(lines(result)).toEqual([`update ${kind}/status web`, 'create Pod web-', 'create Pod web-']);
    const made = written(result, 'create Pod web-');
    expect(made.metadata).toMatchObject({ namespace: 'ns', labels: LABELS, ownerReferences: ownedBy(owner(3)) });
    expect(made.spec).toEqual(TEMPLATE.spec);
    const next = applied([owner(3), pod('a')], result);
    expect(next).toHaveLength(4);
    expect(lines(reconcile(...applied(next, reconcile(...next))))).toEqual([]);
  });

  it('counts its pods', () => {
    const pods = [
      pod('a'),
      pod('b', {}, { phase: 'Pending' }),
      pod('c', { deletionTimestamp: '2026-01-05T10:00:00Z' }),
    ];
    const { status } = written(reconcile(owner(2), ...pods), `update ${kind}/status web`);
    expect(status).toMatchObject({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 1,
      availableReplicas: 1,
      observedGeneration: 3,
    });
    expect(status.terminatingReplicas).toBe(kind === 'ReplicaSet' ? 1 : undefined);
  });

  it('takes away what is too much', () => {
    const result = reconcile(owner(1), pod('a'), pod('b', {}, { phase: 'Pending' }), pod('c'));
    expect(lines(result).filter((line) => line.startsWith('delete'))).toContain('delete pods b');
    expect(lines(result).filter((line) => line.startsWith('delete'))).toHaveLength(2);
    expect(lines(result)).toContain('event SuccessfulDelete: Deleted pod: b');
  });

  it('adopts pods that it selects, and releases those that it no longer does', () => {
    const orphan = pod('a', { ownerReferences: [] });
    expect(written(reconcile(owner(1), orphan), 'update Pod a').metadata.ownerReferences).toEqual(ownedBy(owner(1)));
    expect(keysOf(controller, { new: orphan }, [owner(1)])).toEqual(['ns/web']);
    const changed = reconcile(owner(1), pod('a', { labels: { app: 'other' } }));
    expect(written(changed, 'update Pod a').metadata.ownerReferences).toEqual([]);
    expect(lines(changed)).toContain('create Pod web-');
  });

  it('says that it cannot make a pod', () => {
    const [, create] = reconcile(owner(1)).writes;
    const [event, status] = create!.refused!('no room');
    expect(lines({ writes: [event!, status!] })).toEqual([
      'event FailedCreate: Error creating: no room',
      `update ${kind}/status web`,
    ]);
    expect(written({ writes: [status!] }, `update ${kind}/status web`).status.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no room' },
    ]);
  });

  it('looks again when a ready pod becomes available', () => {
    const result = reconcile(owner(1, { minReadySeconds: 10 }), pod('a'));
    expect(result.requeueAt).toBe(NOW + 5 * SECOND);
    expect(written(result, `update ${kind}/status web`).status.availableReplicas).toBeUndefined();
  });
});

it('makes only so many pods in one go', () => {
  const owner = (replicas: number) =>
    object('ReplicaSet', 'web', { spec: { replicas, selector: { matchLabels: LABELS }, template: TEMPLATE } });
  const made = (replicas: number): number =>
    lines(reconciled(replicaSetController(), 'ns/web', [owner(replicas)])).filter((l) => l === 'create Pod web-')
      .length;
  expect(made(BURST_REPLICAS)).toBe(BURST_REPLICAS);
  expect(made(BURST_REPLICAS + 1)).toBe(BURST_REPLICAS);
});

it('misses least what has no node, is not running, is not ready, shares its node, is cheap or young', () => {
  const pod = (name: string, spec: object, status: object, metadata: object = {}) =>
    object('Pod', name, { metadata, spec: spec as LooseObject, status });
  const running = { phase: 'Running', conditions: READY };
  const pods = [
    pod('old', { nodeName: 'a' }, running, { creationTimestamp: '2026-01-05T08:00:00Z' }),
    pod('young', { nodeName: 'a' }, running),
    pod('cheap', { nodeName: 'a' }, running, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } }),
    pod('unready', { nodeName: 'a' }, { phase: 'Running' }),
    pod('pending', { nodeName: 'a' }, { phase: 'Pending' }),
    pod('nowhere', {}, { phase: 'Pending' }),
  ];
  const order = podsToDelete(pods, pods, 5, NOW).map(({ metadata }) => metadata.name);
  expect(order).toEqual(['nowhere', 'pending', 'unready', 'cheap', 'young']);
});
