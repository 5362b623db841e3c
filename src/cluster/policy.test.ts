/** Who may do what is as the last commit has it, by whatever way it came. */

import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { Env } from './env.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;
const ORIGIN = 'https://diorama.test';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;
const MAP = '/api/v1/namespaces/default/configmaps/a';

interface Made {
  id: string;
  token: string;
}

const send = (method: string, path: string, token: string, body?: unknown, headers: Record<string, string> = {}) =>
  worker.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

let made: Made;
const admin = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await send(method, `/clusters/${made.id}${path}`, made.token, body, headers);
  expect([path, answer.status]).toEqual([path, expect.toSatisfy((status: number) => status < 300)]);
  return answer.json<LooseObject>();
};

/** What ann is told who asks for the map. */
const asked = async ({ id, token } = made, path = MAP): Promise<number> => {
  const answer = await send('GET', `/clusters/${id}${path}`, token, undefined, { 'impersonate-user': 'ann' });
  await answer.body?.cancel();
  return answer.status;
};

const ref = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
const ann = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' };
const bound = { metadata: { name: 'ann' }, roleRef: ref, subjects: [ann] };
const role = (verb: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'reader', namespace: 'default' },
  rules: [{ verbs: [verb], apiGroups: [''], resources: ['configmaps'] }],
});
const bind = () => admin('POST', BINDINGS, bound);
const unbind = () => admin('DELETE', `${BINDINGS}/ann`);

beforeEach(async () => {
  made = await (await send('POST', '/v1/clusters', '', { nodes: 0, profile: 'api' })).json();
  await admin('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' }, data: { k: 'v' } });
  await admin('POST', `${RBAC}/namespaces/default/roles`, role('get'));
});

describe('a permission', () => {
  it('is there from the commit that gives it to the one that takes it', async () => {
    for (let round = 0; round < 10; round++) {
      expect(await asked()).toBe(403);
      await bind();
      expect(await asked()).toBe(200);
      await admin('PUT', `${RBAC}/namespaces/default/roles/reader`, role('list'));
      expect(await asked()).toBe(403);
      expect(await asked(made, '/api/v1/namespaces/default/configmaps')).toBe(200);
      await admin('PUT', `${RBAC}/namespaces/default/roles/reader`, role('get'));
      expect(await asked()).toBe(200);
      await unbind();
    }
  });

  it('is of the whole cluster, too', async () => {
    const clusterWide = { ...bound, roleRef: { ...ref, kind: 'ClusterRole', name: 'view' } };
    await admin('POST', `${RBAC}/clusterrolebindings`, clusterWide);
    expect(await asked()).toBe(200);
    await admin('PATCH', `${RBAC}/clusterroles/view`, '{"rules":[],"aggregationRule":null}', {
      'content-type': 'application/merge-patch+json',
    });
    expect(await asked()).toBe(403);
  });

  it('is there and gone by etcd as well', async () => {
    await bind();
    expect(await asked()).toBe(200);
    const key = btoa('/registry/rolebindings/default/ann');
    await admin('POST', '/etcd/v3/kv/deleterange', { key });
    expect(await asked()).toBe(403);
    const value = btoa(JSON.stringify({ ...bound, metadata: { name: 'ann', namespace: 'default' } }));
    const { ID } = await admin('POST', '/etcd/v3/lease/grant', { TTL: 3600, ID: 0 });
    await admin('POST', '/etcd/v3/kv/put', { key, value, lease: ID });
    expect(await asked()).toBe(200);
    await admin('POST', '/etcd/v3/lease/revoke', { ID });
    expect(await asked()).toBe(403);
  });

  it('is as it was when the object comes back to memory, and goes on changing', async () => {
    await bind();
    for (let round = 0; round < 3; round++) {
      expect(await asked()).toBe(200);
      await evictDurableObject(objects.getByName(made.id));
      await unbind();
      expect(await asked()).toBe(403);
      await bind();
    }
  });

  it('goes with a reset, though the same revisions come again', async () => {
    const reset = () => send('POST', `/v1/clusters/${made.id}/reset`, made.token);
    const grant = (verb: string) => admin('POST', `${RBAC}/namespaces/default/roles`, role(verb)).then(bind);
    const map = () =>
      admin('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' }, data: { k: 'v' } });
    const states: [number, string][] = [];
    for (const verb of ['get', 'list', 'get', 'list']) {
      await reset();
      expect(await asked()).toBe(403);
      const { metadata } = await grant(verb);
      await map();
      states.push([await asked(), metadata.resourceVersion]);
    }
    expect(states.map(([status]) => status)).toEqual([200, 403, 200, 403]);
    expect(new Set(states.map(([, revision]) => revision)).size).toBe(1);
  });

  it('is the copy’s own in a copy', async () => {
    const before = (await bind()).metadata.resourceVersion;
    await unbind();
    expect(await asked()).toBe(403);
    const fork = await (
      await send('POST', `/v1/clusters/${made.id}/forks`, made.token, { revision: Number(before) })
    ).json<Made>();
    expect(await asked(fork)).toBe(200);
    const exported = await (await send('GET', `/v1/clusters/${fork.id}/export`, fork.token)).arrayBuffer();
    const imported = await worker.fetch(`${ORIGIN}/v1/clusters/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: exported,
    });
    expect(imported.status).toBe(201);
    const copy = await imported.json<Made>();
    expect(await asked(copy)).toBe(200);
    await send('DELETE', `/clusters/${fork.id}${BINDINGS}/ann`, fork.token);
    expect([await asked(fork), await asked(copy), await asked()]).toEqual([403, 200, 403]);
  });

  it('is today’s for the past, too', async () => {
    const then = (await bind()).metadata.resourceVersion;
    expect(await asked(made, `/at/${then}${MAP}`)).toBe(200);
    await unbind();
    expect(await asked(made, `/at/${then}${MAP}`)).toBe(403);
    expect(await asked()).toBe(403);
  });

  it('is told as it is by a review', async () => {
    const resourceAttributes = { verb: 'get', resource: 'configmaps', namespace: 'default' };
    const review = { spec: { user: 'ann', resourceAttributes } };
    const allowed = async () =>
      (await admin('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)).status.allowed;
    for (let round = 0; round < 3; round++) {
      expect(await allowed()).toBe(false);
      await bind();
      expect(await allowed()).toBe(true);
      await unbind();
    }
  });
});
