/** What a pump keeps of its objects has a bound, and whatever it keeps, reconcilers do the same. */
import { describe, expect, it } from 'vitest';
import { MAX_WHOLE_BYTES, MAX_WHOLE_OBJECT_BYTES } from '../../src/cluster/kept-objects.ts';
import { MAX_SINCE, ObjectChanges } from '../../src/cluster/object-changes.ts';
import { eventKey } from '../../src/controllers/event-correlation.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { heapBytes } from '../../src/objects/heap-bytes.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import type { Change } from '../../src/simulation/object-index.ts';
import { createSandbox } from './sandbox.ts';

const pod = (name: string, note: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', resourceVersion: '2' },
  spec: { note },
  status: {},
});
const eventAbout = (name: string, note: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'default', resourceVersion: '2' },
  involvedObject: { note },
});

/** Whether an object is in memory whole. */
const isWhole = (object: KubeObject | undefined, field: string): boolean =>
  Object.getOwnPropertyDescriptor(object, field)?.get === undefined;

describe('objects in memory', () => {
  it('are whole as long as there is room', () => {
    const [resource, make, field, limit] = ['pods', pod, 'spec', MAX_WHOLE_BYTES] as const;
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set(['pods', 'events']));
    const last: Record<string, KubeObject> = {};
    store.subscribe((commit) => {
      for (const { name, new: object } of changes.of(commit)) if (object) last[name] = object;
    });
    const put = (object: KubeObject) => {
      const { resourceVersion: _, ...metadata } = object.metadata;
      const value = JSON.stringify({ ...object, metadata });
      store.put({ key: `/registry/${resource}/default/${object.metadata.name}`, value });
    };
    /** What an object weighs as it is kept after the next commit. */
    const weight = ({ metadata, ...rest }: KubeObject) =>
      heapBytes({ ...rest, metadata: { ...metadata, resourceVersion: String(store.revision + 1) } });
    const filled = (name: string, bytes: number) => make(name, 'x'.repeat(bytes - weight(make(name, ''))));
    const count = limit / MAX_WHOLE_OBJECT_BYTES;
    for (let i = 0; i < count; i++) put(filled(`a${i}`, MAX_WHOLE_OBJECT_BYTES));
    const all = Array.from({ length: count }, (_, i) => isWhole(last[`a${i}`], field));
    expect([all.every(Boolean), changes.bytes]).toEqual([true, limit]);
    put(make('c', ''));
    expect([isWhole(last.c, field), last.c?.[field]]).toEqual([false, { note: '' }]);
    // Room that one leaves is the next one's.
    store.deleteRange({ key: `/registry/${resource}/default/a0` });
    const small = weight(make('d', 'x'));
    put(make('d', 'x'));
    put(filled('a1', 1000));
    expect([isWhole(last.d, field), isWhole(last.a1, field)]).toEqual([true, true]);
    expect(changes.bytes).toBe(limit - 2 * MAX_WHOLE_OBJECT_BYTES + 1000 + small);
  });

  it('of one that is large its large parts are left out, however much room there is', () => {
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set(['pods']));
    let last: KubeObject | undefined;
    store.subscribe((commit) => {
      [last] = changes.of(commit).map(({ new: object }) => object);
    });
    for (const [extra, isKept] of [
      [0, true],
      [1, false],
    ] as const) {
      const note = 'x'.repeat(MAX_WHOLE_OBJECT_BYTES - heapBytes(pod('a', '')) + extra);
      const { resourceVersion: _, ...metadata } = pod('a', '').metadata;
      store.put({ key: '/registry/pods/default/a', value: JSON.stringify({ ...pod('a', note), metadata }) });
      // A large object's spec is there, and its text is not.
      expect([isWhole(last, 'spec'), isWhole(last?.spec, 'note')]).toEqual([true, isKept]);
      expect(last?.spec).toEqual({ note });
      expect(changes.bytes < MAX_WHOLE_OBJECT_BYTES).toBe(!isKept);
    }
  });

  it('are never whole where they are events, and are found by what they are about all the same', () => {
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set(['events']));
    const seen: Change<KubeObject>[] = [];
    store.subscribe((commit) => seen.push(...changes.of(commit)));
    const value = JSON.stringify({ ...eventAbout('a', 'n'), involvedObject: { uid: 'u', note: 'n' } });
    store.put({ key: '/registry/events/default/a', value });
    const woken = [...new ObjectChanges(store, () => BUILT_IN, new Set(['events'])).everything()].flat();
    for (const { new: object, found } of [seen[0]!, woken[0]!]) {
      expect([isWhole(object, 'involvedObject'), found]).toEqual([false, { places: [eventKey('u')] }]);
      expect(object?.involvedObject).toEqual({ uid: 'u', note: 'n' });
    }
    expect(changes.bytes).toBe(0);
  });

  it('have a status and a spec though nothing is said of them, and are of their own kind', () => {
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set());
    let last: KubeObject | undefined;
    store.subscribe((commit) => {
      [last] = changes.of(commit).map(({ new: object }) => object);
    });
    const put = (resource: string, object: unknown) =>
      store.put({ key: `/registry/${resource}/default/a`, value: JSON.stringify(object) });
    put('pods', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } });
    expect([last?.spec, last?.status]).toEqual([{}, {}]);
    put('configmaps', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } });
    expect(last).not.toHaveProperty('spec');
    // As it was stored by an older version: another one now.
    put('cronjobs', { kind: 'CronJob', apiVersion: 'batch/v1beta1', metadata: { name: 'a' }, spec: {} });
    expect(last?.apiVersion).toBe('batch/v1');
  });

  it.each([5, [null], [{ uid: 7 }], {}])('are unreadable with owners such as %j, and weigh nothing', (owners) => {
    for (const whole of [[], ['pods']]) {
      const store = new Store(nodeSql());
      const changes = new ObjectChanges(store, () => BUILT_IN, new Set(whole));
      let last: unknown;
      store.subscribe((commit) => {
        last = changes.of(commit)[0];
      });
      const put = (metadata: object) =>
        store.put({
          key: '/registry/pods/default/a',
          value: JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata }),
        });
      put({ name: 'a' });
      expect(last).toMatchObject({ new: { metadata: { name: 'a' } } });
      put({ name: 'a', ownerReferences: owners });
      expect(last).toMatchObject({ name: 'a', unreadable: true });
      expect(changes.bytes).toBe(0);
    }
  });

  it('are read as they were when they are no longer', () => {
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set());
    const seen: KubeObject[] = [];
    store.subscribe((commit) => seen.push(...changes.of(commit).flatMap(({ new: object }) => object ?? [])));
    const key = '/registry/pods/default/a';
    for (const note of ['first', 'second']) store.put({ key, value: JSON.stringify(pod('a', note)) });
    expect(seen.map(({ spec }) => spec.note)).toEqual(['first', 'second']);
    store.compact(store.revision);
    store.put({ key: '/registry/pods/default/b', value: JSON.stringify(pod('b', '')) });
    const [again, late] = [0, 1].map(
      () => [...new ObjectChanges(store, () => BUILT_IN, new Set()).everything()][0]![0]!.new!,
    );
    expect(again!.spec.note).toBe('second');
    store.put({ key, value: JSON.stringify(pod('a', 'third')) });
    store.compact(store.revision);
    expect(() => late!.spec).toThrow('is no longer what it was');
  });

  it('are looked at one by one after an interruption, up to so many', () => {
    const store = new Store(nodeSql());
    const changes = new ObjectChanges(store, () => BUILT_IN, new Set());
    const put = (name: string) =>
      store.put({ key: `/registry/pods/default/${name}`, value: JSON.stringify(pod(name, '')) });
    put('a');
    const from = store.revision;
    for (let i = 0; i < MAX_SINCE - 1; i++) put('a');
    store.deleteRange({ key: '/registry/pods/default/a' });
    const since = changes.since(from)!;
    expect([since.length, since.at(-1)?.old?.metadata.name, since.at(-1)?.new]).toEqual([MAX_SINCE, 'a', undefined]);
    put('b');
    expect(changes.since(from)).toBeUndefined();
    expect(changes.since(from + 1)).toHaveLength(MAX_SINCE);
    store.compact(from + 10);
    expect(changes.since(from + 1)).toBeUndefined();
  });
});

it('a pump that is interrupted acts on what was committed meanwhile, on an object that is gone too', async () => {
  const sandbox = createSandbox(1);
  await sandbox.request('POST', '/apis/apps/v1/namespaces/default/replicasets', {
    metadata: { name: 'rs' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  });
  sandbox.advance(60_000);
  const names = async (): Promise<string[]> =>
    (await sandbox.request('GET', '/api/v1/namespaces/default/pods')).items.map((p: any) => p.metadata.name);
  const [first, second] = await names();
  // Written past the pump, which then comes back to memory.
  sandbox.cluster.store.deleteRange({ key: `/registry/pods/default/${first}` });
  sandbox.evict();
  sandbox.advance(60_000);
  expect((await names()).length).toBe(3);
  // Written while it has not yet read anything.
  sandbox.evict();
  sandbox.cluster.store.deleteRange({ key: `/registry/pods/default/${second}` });
  sandbox.advance(60_000);
  expect((await names()).length).toBe(3);
  expect(sandbox.errors).toEqual([]);
});
