import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../test/loose-object.ts';
import { nodePlaces } from '../resources/core/pod/places.ts';
import { ObjectIndex } from '../simulation/object-index.ts';
import { createRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import { NOTE_LIMIT, schedulerEvent } from './events.ts';
import { ALL_PODS, NEW_PODS, pendingPlaces } from './queue.ts';
import { MAX_PLACED, scheduler } from './reconciler.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

function cluster(...objects: KubeObject[]): ObjectIndex<KubeObject> {
  const index = new ObjectIndex<KubeObject>((object) => ({
    places: object.kind === 'Pod' ? [...nodePlaces(object), ...pendingPlaces(object)] : [],
  }));
  for (const [i, object] of objects.entries()) put(index, object, i + 1);
  return index;
}

function put(index: ObjectIndex<KubeObject>, object: KubeObject, revision = index.revision + 1): string[] {
  const resource = `${object.kind.toLowerCase()}s`;
  const { namespace, name } = object.metadata;
  const old = index.get(resource, namespace, name);
  const change = { resource, namespace, name, revision, new: object, ...(old ? { old } : {}) };
  index.apply(change);
  return scheduler.watches.flatMap((w) => (w.resource === resource ? w.keys(change, index) : []));
}

const node = (name: string, cpu = '4'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/zone': 'z1' } },
  status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
});

const pod = (name: string, cpu: string, more: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, generation: 1 },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], schedulerName: 'default-scheduler', ...more },
  status: { phase: 'Pending' },
});

function reconcile(index: ObjectIndex<KubeObject>, key = ALL_PODS): Write<KubeObject>[] {
  return scheduler.reconcile(index, key, { now: NOW, random: createRandom('s', 'r') }).writes;
}

const objectOf = (write: Write<KubeObject> | undefined): LooseObject =>
  write && 'object' in write ? write.object : undefined;

describe('the scheduler on the pump', () => {
  it('binds a pod and says so', () => {
    const [binding, event, ...rest] = reconcile(cluster(node('a'), pod('p', '1')));
    expect(rest).toEqual([]);
    expect(binding).toMatchObject({ verb: 'update', subresource: 'binding' });
    expect(objectOf(binding).spec.nodeName).toBe('a');
    expect(objectOf(binding).metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'z1' });
    expect(objectOf(binding).status.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-02T03:04:05Z' },
    ]);
    expect(objectOf(event)).toMatchObject({
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      message: 'Successfully assigned ns/p to a',
      reportingComponent: 'default-scheduler',
      eventTime: '2026-01-02T03:04:05.000000Z',
    });
  });

  it('writes a refusal once', () => {
    const index = cluster(node('a', '1'), pod('p', '2'));
    const [event, update] = reconcile(index);
    expect(objectOf(event)).toMatchObject({ type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling' });
    expect(objectOf(update).status.conditions[0]).toMatchObject({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      observedGeneration: 1,
    });
    expect(put(index, objectOf(update))).toEqual([]);
    expect(reconcile(index)).toEqual([]);
  });

  it('counts each pod as soon as it is placed, the most important first', () => {
    const writes = reconcile(cluster(node('a', '3'), pod('early', '2'), pod('vip', '2', { priority: 5 })));
    const bound = writes.filter((w) => w.verb === 'update' && w.subresource === 'binding').map((w) => objectOf(w));
    expect(bound.map((p) => p.metadata.name)).toEqual(['vip']);
  });

  it('does not try refused pods again because there are new ones', () => {
    const index = cluster(node('a', '1'), pod('p', '2'));
    put(index, objectOf(reconcile(index)[1]));
    put(index, node('late'));
    put(index, pod('new', '1'));
    const [binding, , ...rest] = reconcile(index, NEW_PODS);
    expect([objectOf(binding).metadata.name, rest]).toEqual(['new', []]);
  });

  it('leaves gated pods, and those of other schedulers, alone', () => {
    const gated = pod('gated', '1', { schedulingGates: [{ name: 'wait' }] });
    expect(reconcile(cluster(node('a'), gated, pod('other', '1', { schedulerName: 'mine' })))).toEqual([]);
  });

  it('promises a volume before it binds the pod whose claim has waited for it', () => {
    const storageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'late' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'ns', uid: 'uid-data' },
      spec: { storageClassName: 'late', resources: { requests: { storage: '1Gi' } } },
    };
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { storageClassName: 'late', capacity: { storage: '1Gi' } },
    };
    const using = pod('p', '1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
    const index = cluster(node('a'), claim, volume, using);
    const change = { resource: 'storageclasses.storage.k8s.io', namespace: undefined, name: 'late', revision: 9 };
    index.apply({ ...change, new: storageClass });
    const [promise, ...rest] = reconcile(index);
    expect(rest).toEqual([]);
    expect(objectOf(promise).spec.claimRef.uid).toBe('uid-data');
    const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    const bound = { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: 'pv' } };
    expect(put(index, objectOf(promise))).toEqual([ALL_PODS]);
    put(index, bound);
    expect(reconcile(index)[0]).toMatchObject({ subresource: 'binding' });
  });

  it('preempts: condition, deletion, events, nomination', () => {
    const victim = pod('v', '4', { nodeName: 'a', priority: 1 });
    const writes = reconcile(cluster(node('a'), victim, pod('p', '2', { priority: 9 })));
    const status = objectOf(writes.find((w) => objectOf(w)?.metadata.name === 'p' && w.verb === 'update')).status;
    expect(status.nominatedNodeName).toBe('a');
    expect(writes).toContainEqual({ verb: 'delete', resource: 'pods', namespace: 'ns', name: 'v', uid: 'uid-v' });
    expect(writes.map((w) => objectOf(w)?.reason).filter(Boolean)).toEqual(['FailedScheduling', 'Preempted']);
  });

  it('looks again when something could help, and only then', () => {
    const index = cluster(node('a', '1'), pod('p', '2'));
    const [, update] = reconcile(index);
    put(index, objectOf(update));
    expect(put(index, { ...node('a', '1'), status: { ...node('a', '1').status, conditions: [{}] } })).toEqual([]);
    expect(put(index, node('small', '1'))).toEqual([]);
    expect(put(index, node('late'))).toEqual([ALL_PODS]);
    expect(put(index, pod('new', '1'))).toEqual([NEW_PODS]);
  });
});

it('so many pods are placed in one go, and the others at once after them', () => {
  const placed = (count: number) => {
    const pods = Array.from({ length: count }, (_, i) => pod(`p${i}`, '1m'));
    const index = cluster(node('a'), ...pods);
    const { writes, requeueAt } = scheduler.reconcile(index, ALL_PODS, { now: NOW, random: createRandom('s', 'r') });
    return [writes.filter((write) => write.verb === 'update').length, requeueAt];
  };
  expect(placed(MAX_PLACED)).toEqual([MAX_PLACED, undefined]);
  expect(placed(MAX_PLACED + 1)).toEqual([MAX_PLACED, NOW]);
});

it('a note of an event is cut to what an event may say', () => {
  const note = (length: number): string => {
    const text = { type: 'Normal', reason: 'R', action: 'A', note: 'x'.repeat(length) } as const;
    return objectOf(schedulerEvent(pod('p', '1'), text, { now: NOW, revision: 1 })).message;
  };
  expect(note(NOTE_LIMIT)).toBe('x'.repeat(NOTE_LIMIT));
  expect(note(NOTE_LIMIT + 1)).toHaveLength(NOTE_LIMIT);
  expect(note(NOTE_LIMIT + 1)).toMatch(/x \.\.\.$/);
});
