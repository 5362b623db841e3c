/** A cluster whose etcd has several members, over its life in the object. */
import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { MAX_ETCD_MEMBERS } from '../platform/clusters/etcd-members-schema.ts';
import type { Env } from './env.ts';

const { CLUSTER } = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';
const MAPS = '/api/v1/namespaces/default/configmaps';

const post = (path: string, body: unknown, token?: string): Promise<Response> =>
  worker.fetch(`${ORIGIN}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });

class Cluster {
  readonly id: string;
  readonly token: string;

  private constructor(id: string, token: string) {
    this.id = id;
    this.token = token;
  }

  static async make(etcdMembers: number): Promise<Cluster> {
    const made = await post('/v1/clusters', { profile: 'api', etcdMembers });
    expect(made.status).toBe(201);
    const { id, token } = (await made.json()) as { id: string; token: string };
    return new Cluster(id, token);
  }

  async ask(path: string, body: unknown = {}): Promise<LooseObject> {
    const answer = await post(`/clusters/${this.id}${path}`, body, this.token);
    return (await answer.json()) as LooseObject;
  }

  status(): Promise<LooseObject> {
    return this.ask('/etcd/v3/maintenance/status');
  }
}

it('has members that agree on what everybody writes', async () => {
  const cluster = await Cluster.make(3);
  const { members } = await cluster.ask('/etcd/v3/cluster/member/list');
  expect(members.map(({ name }: { name: string }) => name).sort()).toEqual(['etcd-0', 'etcd-1', 'etcd-2']);
  const before = await cluster.status();
  await cluster.ask(MAPS, { metadata: { name: 'a' } });
  await cluster.ask('/etcd/v3/kv/put', { key: btoa('k'), value: btoa('v') });
  const after = await cluster.status();
  const gone = (field: string): number => Number(after[field]) - Number(before[field]);
  expect(gone('raftIndex')).toBe(Number(after.header.revision) - Number(before.header.revision));
  expect(gone('raftIndex')).toBeGreaterThanOrEqual(2);
});

it('has the same members and leader when its object comes back, and the leader that it was given', async () => {
  const cluster = await Cluster.make(3);
  await cluster.ask('/etcd/v3/kv/put', { key: btoa('k'), value: btoa('v') });
  const { members } = await cluster.ask('/etcd/v3/cluster/member/list');
  const { leader, raftTerm } = await cluster.status();
  const target = members.find(({ ID }: { ID: string }) => ID !== leader).ID;
  expect(await cluster.ask('/etcd/v3/maintenance/transfer-leadership', { targetID: target })).not.toHaveProperty(
    'code',
  );
  await evictDurableObject(CLUSTER.getByName(cluster.id));
  const after = await cluster.status();
  expect(after).toMatchObject({ leader: target, raftTerm: String(Number(raftTerm) + 1) });
  expect((await cluster.ask('/etcd/v3/cluster/member/list')).members).toEqual(members);
  expect(await cluster.ask(MAPS, { metadata: { name: 'a' } })).toMatchObject({ kind: 'ConfigMap' });
});

it('has one member unless it is said, and no more than so many', async () => {
  const many = await Cluster.make(MAX_ETCD_MEMBERS);
  expect((await many.ask('/etcd/v3/cluster/member/list')).members).toHaveLength(MAX_ETCD_MEMBERS);
  expect((await (await Cluster.make(1)).ask('/etcd/v3/cluster/member/list')).members).toHaveLength(1);
  for (const etcdMembers of [0, MAX_ETCD_MEMBERS + 1]) {
    const refused = await post('/v1/clusters', { profile: 'api', etcdMembers });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ errors: [{ pointer: '/etcdMembers' }] });
  }
});
