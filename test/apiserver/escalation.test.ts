/** Nobody grants more than he has, whichever way he writes it. */
import { describe, expect, it } from 'vitest';
import { createContractCluster } from '../contract/cluster.ts';

const GROUP = 'rbac.authorization.k8s.io';
const R = `/apis/${GROUP}/v1`;
const N = `${R}/namespaces/default`;
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

type Call = (
  method: string,
  path: string,
  body?: unknown,
  type?: string,
) => Promise<{ status: number; message: string }>;

/** `as('eve')` calls as a user of that name; `admin` may do anything. */
async function withUsers(use: (as: (user: string) => Call, admin: Call) => Promise<void>): Promise<void> {
  const cluster = await createContractCluster('auth');
  const as =
    (user?: string): Call =>
    async (method, path, body, type = 'application/json') => {
      const headers: Record<string, string> = { 'content-type': type, ...(user ? { 'impersonate-user': user } : {}) };
      const response = await cluster.fetch(method, path, headers, body);
      return { status: response.status, message: ((await response.json()) as any).message ?? '' };
    };
  try {
    await cluster.advance(1000);
    await use(as, as());
  } finally {
    cluster.close();
  }
}

const rule = (verbs: string[], resources: string[], apiGroups = ['']) => ({ apiGroups, resources, verbs });
const SECRETS = [rule(['get'], ['secrets'])];
const EDITING = rule(['create', 'update', 'patch', 'get'], ['*'], [GROUP]);
const clusterRole = (name: string, rules: unknown[], more: object = {}) => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
  ...more,
});
const ref = (name: string, kind = 'ClusterRole') => ({ apiGroup: GROUP, kind, name });
const toUser = (name: string) => [{ apiGroup: GROUP, kind: 'User', name }];

/** Gives `user` rules over the whole cluster. */
async function grant(admin: Call, user: string, rules: unknown[]): Promise<void> {
  expect((await admin('POST', `${R}/clusterroles`, clusterRole(user, rules))).status).toBe(201);
  const binding = { metadata: { name: user }, roleRef: ref(user), subjects: toUser(user) };
  expect((await admin('POST', `${R}/clusterrolebindings`, binding)).status).toBe(201);
}

describe('a role', () => {
  it('may not say more than its writer has: create, update, patch, apply, and a PUT that creates', () =>
    withUsers(async (as, admin) => {
      await grant(admin, 'eve', [EDITING]);
      await admin('POST', `${N}/roles`, { metadata: { name: 'there' }, rules: [] });
      const eve = as('eve');
      const words = (kind: string, name: string) =>
        `${kind}.${GROUP} "${name}" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`;
      const applied = (kind: string, name: string) => ({
        apiVersion: `${GROUP}/v1`,
        kind,
        metadata: { name },
        rules: SECRETS,
      });
      const ways: [string, string, unknown, string, string, string?][] = [
        ['POST', `${N}/roles`, { metadata: { name: 'x' }, rules: SECRETS }, 'roles', 'x'],
        ['POST', `${R}/clusterroles`, { metadata: { name: 'x' }, rules: SECRETS }, 'clusterroles', 'x'],
        ['PUT', `${N}/roles/there`, { metadata: { name: 'there' }, rules: SECRETS }, 'roles', 'there'],
        ['PUT', `${N}/roles/new`, { metadata: { name: 'new' }, rules: SECRETS }, 'roles', 'new'],
        ['PATCH', `${N}/roles/there`, { rules: SECRETS }, 'roles', 'there', MERGE],
        [
          'PATCH',
          `${R}/clusterroles/eve`,
          [{ op: 'add', path: '/rules/0', value: SECRETS[0] }],
          'clusterroles',
          'eve',
          'application/json-patch+json',
        ],
        ['PATCH', `${N}/roles/there?fieldManager=m&force=true`, applied('Role', 'there'), 'roles', 'there', APPLY],
        ['PATCH', `${R}/clusterroles/new?fieldManager=m`, applied('ClusterRole', 'new'), 'clusterroles', 'new', APPLY],
      ];
      for (const [method, path, body, kind, name, type] of ways)
        expect({ path, ...(await eve(method, path, body, type)) }).toEqual({
          path,
          status: 403,
          message: words(kind, name),
        });
      expect((await eve('GET', '/api/v1/namespaces/default/secrets')).status).toBe(403);
    }));

  it('may say what its writer has, there', () =>
    withUsers(async (as, admin) => {
      await admin('POST', `${N}/roles`, { metadata: { name: 'eve' }, rules: [EDITING, ...SECRETS] });
      await admin('POST', `${N}/rolebindings`, {
        metadata: { name: 'eve' },
        roleRef: ref('eve', 'Role'),
        subjects: toUser('eve'),
      });
      const eve = as('eve');
      expect((await eve('POST', `${N}/roles`, { metadata: { name: 'x' }, rules: SECRETS })).status).toBe(201);
      const elsewhere = `${R}/namespaces/kube-system/roles`;
      expect((await eve('POST', elsewhere, { metadata: { name: 'x' }, rules: SECRETS })).status).toBe(403);
      // A finalizer or an owner may come or go under rules that one has not.
      await admin('POST', `${N}/roles`, { metadata: { name: 'big' }, rules: [rule(['*'], ['*'])] });
      expect((await eve('PATCH', `${N}/roles/big`, { metadata: { finalizers: ['a.io/b'] } }, MERGE)).status).toBe(200);
      expect((await eve('PATCH', `${N}/roles/big`, { metadata: { labels: { a: 'b' } } }, MERGE)).status).toBe(403);
    }));

  it('may say anything where its writer may escalate it', () =>
    withUsers(async (as, admin) => {
      await grant(admin, 'eve', [EDITING, { ...rule(['escalate'], ['roles'], [GROUP]), resourceNames: ['only'] }]);
      await admin('POST', `${N}/roles`, { metadata: { name: 'only' }, rules: [] });
      const eve = as('eve');
      expect((await eve('PATCH', `${N}/roles/only`, { rules: SECRETS }, MERGE)).status).toBe(200);
      // A create by POST has no name that the right could be of.
      expect((await eve('POST', `${N}/roles`, { metadata: { name: 'only2' }, rules: SECRETS })).status).toBe(403);
      expect(
        (await eve('PUT', `${N}/roles/only`, { metadata: { name: 'only' }, rules: [rule(['*'], ['*'], ['*'])] }))
          .status,
      ).toBe(200);
    }));

  it('gathers others only for who has everything, and its label is no way around', () =>
    withUsers(async (as, admin) => {
      await grant(admin, 'eve', [EDITING]);
      const eve = as('eve');
      const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
      const message = (name: string) =>
        `clusterroles.${GROUP} "${name}" is forbidden: must have cluster-admin privileges to use the aggregationRule`;
      expect(await eve('POST', `${R}/clusterroles`, clusterRole('g', [], { aggregationRule }))).toEqual({
        status: 403,
        message: message('g'),
      });
      await admin('POST', `${R}/clusterroles`, clusterRole('h', [], { aggregationRule }));
      expect(await eve('PATCH', `${R}/clusterroles/h`, { aggregationRule: null }, MERGE)).toEqual({
        status: 403,
        message: message('h'),
      });
      const labelled = { metadata: { name: 'l', labels: { [`${GROUP}/aggregate-to-view`]: 'true' } }, rules: SECRETS };
      expect((await eve('POST', `${R}/clusterroles`, labelled)).status).toBe(403);
      await grant(admin, 'root', [rule(['*'], ['*'], ['*']), { verbs: ['*'], nonResourceURLs: ['*'] }]);
      expect((await as('root')('POST', `${R}/clusterroles`, clusterRole('g', [], { aggregationRule }))).status).toBe(
        201,
      );
    }));
});

describe('a binding', () => {
  it('refers only to a role whose rules its writer has, or that he may bind', () =>
    withUsers(async (as, admin) => {
      await grant(admin, 'eve', [EDITING]);
      await grant(admin, 'dan', [EDITING, { ...rule(['bind'], ['clusterroles'], [GROUP]), resourceNames: ['view'] }]);
      const binding = (name: string, role: object) => ({ metadata: { name }, roleRef: role, subjects: toUser('zoe') });
      for (const path of [`${N}/rolebindings`, `${R}/clusterrolebindings`]) {
        const eve = await as('eve')('POST', path, binding('v', ref('view')));
        expect(eve.status).toBe(403);
        expect(eve.message).toContain('\n{APIGroups:[""], Resources:["pods"], Verbs:["get" "list" "watch"]}\n');
        expect((await as('dan')('POST', path, binding('v', ref('view')))).status).toBe(201);
        expect((await as('dan')('POST', path, binding('a', ref('admin')))).status).toBe(403);
        // Whom it is for may be changed only by who might make it.
        expect((await as('eve')('PATCH', `${path}/v`, { subjects: toUser('mallory') }, MERGE)).status).toBe(403);
        expect((await as('dan')('PATCH', `${path}/v`, { subjects: toUser('ann') }, MERGE)).status).toBe(200);
        expect((await as('eve')('POST', path, binding('own', ref('eve')))).status).toBe(201);
      }
    }));

  it('to a role that is not there cannot be compared', () =>
    withUsers(async (as, admin) => {
      await grant(admin, 'eve', [EDITING]);
      const binding = (role: object) => ({ metadata: { name: 'x' }, roleRef: role, subjects: toUser('eve') });
      const eve = as('eve');
      expect(await eve('POST', `${N}/rolebindings`, binding(ref('none', 'Role')))).toEqual({
        status: 404,
        message: `rolebindings.${GROUP} "none" not found`,
      });
      expect(await eve('POST', `${R}/clusterrolebindings`, binding(ref('none')))).toEqual({
        status: 404,
        message: `clusterrolebindings.${GROUP} "none" not found`,
      });
      expect((await admin('POST', `${R}/clusterrolebindings`, binding(ref('none')))).status).toBe(201);
    }));
});
