/** What is remembered of the policy decides as the policy that there is at that instant, whatever has happened to the store. */
import { describe, expect, it } from 'vitest';
import { MAX_REMEMBERED_POLICY, readPolicy } from '../../src/apiserver/identity/policy.ts';
import { readView } from '../../src/apiserver/pipeline.ts';
import type { Storage } from '../../src/apiserver/storage/storage.ts';
import { policyMark } from '../../src/cluster/policy-mark.ts';
import { constantBase } from '../../src/etcd/base.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import type { View } from '../../src/objects/object.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { grantsFor, POLICY_RESOURCES } from '../../src/resources/rbac/authorizer.ts';
import { createRandom } from '../../src/simulation/random.ts';

const GROUP = 'rbac.authorization.k8s.io';
const role = (name: string, verb: string, namespace?: string): string =>
  JSON.stringify({
    apiVersion: `${GROUP}/v1`,
    kind: namespace ? 'Role' : 'ClusterRole',
    metadata: { name, ...(namespace ? { namespace } : {}), labels: { app: 'web' } },
    rules: [{ verbs: [verb], apiGroups: [''], resources: ['pods'] }],
  });
const binding = (name: string, bound: string, namespace?: string): string =>
  JSON.stringify({
    apiVersion: `${GROUP}/v1`,
    kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: { name, ...(namespace ? { namespace } : {}) },
    roleRef: { apiGroup: GROUP, kind: namespace ? 'Role' : 'ClusterRole', name: bound },
    subjects: [{ kind: 'User', apiGroup: GROUP, name: 'ann' }],
  });

const base = constantBase(
  new Map([
    ['/registry/clusterrolebindings/b1', binding('b1', 'r1')],
    ['/registry/clusterroles/r1', role('r1', 'get')],
  ]),
);
const NAMES = ['1', '2', '3'];
const NAMESPACES = ['one', 'two'];

const granted = (policy: View): unknown =>
  ['', ...NAMESPACES].map((namespace) => [...grantsFor({ user: 'ann', groups: [] }, namespace, policy)]);

const asStored = (storage: Storage): Promise<View> =>
  readView(
    storage,
    POLICY_RESOURCES.map((resource) => ({ resource })),
  );

/** One change of what there is, of the policy or beside it. */
function change(store: Store, pick: (n: number) => number): void {
  const one = <T>(of: readonly T[]): T => of[pick(of.length)]!;
  const name = one(NAMES);
  const bound = `r${one(NAMES)}`;
  const verb = one(['get', 'list', 'watch']);
  const namespace = one([undefined, ...NAMESPACES]);
  const [roles, bindings] = namespace
    ? [`/registry/roles/${namespace}`, `/registry/rolebindings/${namespace}`]
    : ['/registry/clusterroles', '/registry/clusterrolebindings'];
  switch (pick(6)) {
    case 0:
      store.put({ key: `${roles}/r${name}`, value: role(`r${name}`, verb, namespace) });
      break;
    case 1:
      store.put({ key: `${bindings}/b${name}`, value: binding(`b${name}`, bound, namespace) });
      break;
    case 2:
      store.deleteRange({ key: one([`${bindings}/b${name}`, `${roles}/r${name}`]) });
      break;
    case 3:
      store.deleteRange({ key: '/registry/r', rangeEnd: '/registry/s' });
      break;
    case 4:
      store.put({ key: `${bindings}/b${name}`, value: one(['', '{', '[]']) });
      break;
    default:
      store.put({ key: '/registry/pods/one/web', value: '{}' });
  }
}

/** Counts the ranges that are read. */
function counted(storage: Storage): { storage: Storage; ranges(): number } {
  let ranges = 0;
  const read: Storage['read'] = (asked) => {
    ranges += asked.length;
    return storage.read(asked);
  };
  return { storage: { ...storage, read }, ranges: () => ranges };
}

describe('the policy that is remembered', () => {
  it.each(Array.from({ length: 20 }, (_, i) => `seed ${i}`))('is the one that there is, %s', async (seed) => {
    const random = createRandom(seed, 'policy');
    const pick = (n: number): number => random.integer(n);
    const sql = nodeSql();
    let store = new Store(sql, { base });
    let storage = storeStorage(store, { now: () => 0, catalog: () => BUILT_IN, policy: policyMark(store) });
    store.markBeginning();
    for (let i = 0; i < 150; i++) {
      change(store, pick);
      const again = pick(20);
      if (again === 0 && store.revision > store.compactRevision + 1) store.compact(store.revision);
      if (again === 1) store.returnToBeginning();
      // As when it has left memory meanwhile, which a reset makes it do.
      if (again <= 2) {
        store = new Store(sql, { base });
        storage = storeStorage(store, { now: () => 0, catalog: () => BUILT_IN, policy: policyMark(store) });
      }
      const { policy } = await readPolicy(storage);
      expect(granted(policy)).toEqual(granted(await asStored(storage)));
    }
  });

  it('is read once for each state of it, with what else is asked for', async () => {
    const store = new Store(nodeSql(), { base });
    const { storage, ranges } = counted(
      storeStorage(store, { now: () => 0, catalog: () => BUILT_IN, policy: policyMark(store) }),
    );
    const pod = { resource: 'pods', namespace: 'one', name: 'web' };
    const metadata = { name: 'web', namespace: 'one' };
    store.put({
      key: '/registry/pods/one/web',
      value: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {} }),
    });
    for (const expected of [6, 1, 1]) {
      const before = ranges();
      const { view } = await readPolicy(storage, [pod]);
      expect(view.get('pods', 'one', 'web')?.spec).toEqual({});
      expect(ranges() - before).toBe(expected);
    }
    store.deleteRange({ key: '/registry/clusterrolebindings/b1' });
    const before = ranges();
    await readPolicy(storage);
    expect(ranges() - before).toBe(4);
  });

  it('has so many characters at the most', async () => {
    for (const [characters, isRemembered] of [
      [MAX_REMEMBERED_POLICY, true],
      [MAX_REMEMBERED_POLICY + 1, false],
    ] as const) {
      const store = new Store(nodeSql());
      const { storage, ranges } = counted(
        storeStorage(store, { now: () => 0, catalog: () => BUILT_IN, policy: policyMark(store) }),
      );
      const text = role('r1', 'get');
      store.put({ key: '/registry/clusterroles/r1', value: text.padEnd(characters) });
      await readPolicy(storage);
      const before = ranges();
      const { policy } = await readPolicy(storage);
      expect(policy.list('clusterroles.rbac.authorization.k8s.io')).toHaveLength(1);
      expect([characters, ranges() - before]).toEqual([characters, isRemembered ? 0 : 4]);
    }
  });
});
