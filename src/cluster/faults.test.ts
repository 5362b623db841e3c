/** What clients see of a cluster of which a part is broken, through `/v1` and the cluster's own API. */
import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { MAX_DELAY_MS, MAX_SKEW, MIN_SKEW } from '../platform/clusters/faults.ts';
import type { Env } from './env.ts';

const { CLUSTER } = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';
const MAPS = '/api/v1/namespaces/default/configmaps';
/** Real time is no fact here: what etcd lets a client wait for passes quickly. */
const FAST = { clock: { speed: 50 } };

interface Answer {
  status: number;
  body: LooseObject;
}

class Cluster {
  readonly id: string;
  readonly #token: string;

  private constructor({ id, token }: LooseObject) {
    this.id = id;
    this.#token = token;
  }

  static async make(spec: LooseObject): Promise<Cluster> {
    const made = await worker.fetch(`${ORIGIN}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...FAST, ...spec }),
    });
    expect(made.status).toBe(201);
    return new Cluster((await made.json()) as LooseObject);
  }

  async #ask(path: string, body?: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await worker.fetch(`${ORIGIN}${path}`, init);
    return { status: answer.status, body: (await answer.json()) as LooseObject };
  }

  ask(path: string, body?: unknown): Promise<Answer> {
    return this.#ask(`/clusters/${this.id}${path}`, body);
  }

  faults(change?: unknown): Promise<Answer> {
    return this.#ask(`/v1/clusters/${this.id}/faults`, change);
  }

  make(name: string): Promise<Answer> {
    return this.ask(MAPS, { metadata: { name } });
  }

  /** Writes as one does who tries again: while a leader is elected a write may fail. */
  async makeSoon(name: string): Promise<Answer> {
    let answer = await this.make(name);
    for (let tries = 0; tries < 10 && answer.status === 500; tries++) answer = await this.make(name);
    return answer;
  }
}

const TIMED_OUT = { status: 500, body: { kind: 'Status', message: 'etcdserver: request timed out' } };

it('writes and reads while a quorum is there, and fails in the words of etcd when it is not', async () => {
  const cluster = await Cluster.make({ profile: 'api', etcdMembers: 3 });
  expect((await cluster.faults({ kill: { member: 'etcd-0' } })).body).toMatchObject({ quorum: true, healthy: false });
  expect((await cluster.makeSoon('a')).status).toBe(201);
  expect((await cluster.faults({ kill: { member: 'etcd-1' } })).body.quorum).toBe(false);
  const refused = await cluster.make('b');
  expect(refused.status).toBe(500);
  expect(refused.body.message).toMatch(/^etcdserver: |^context deadline exceeded/);
  expect(await cluster.ask(`${MAPS}/a`)).toMatchObject(TIMED_OUT);
  expect((await cluster.faults({ heal: true })).body).toMatchObject({ quorum: true, healthy: true });
  expect((await cluster.makeSoon('c')).status).toBe(201);
  const { body } = await cluster.ask(MAPS);
  expect(body.items.map(({ metadata }: LooseObject) => metadata.name)).toEqual(['a', 'c', 'kube-root-ca.crt']);
});

it('keeps what is broken when its object comes back', async () => {
  const cluster = await Cluster.make({ profile: 'api', etcdMembers: 3 });
  await cluster.faults({ pause: { member: 'etcd-0' } });
  await cluster.faults({ kill: { member: 'etcd-2' } });
  await evictDurableObject(CLUSTER.getByName(cluster.id) as unknown as DurableObjectStub);
  const { body } = await cluster.faults();
  expect(body.members).toMatchObject({ 'etcd-0': { how: 'paused' }, 'etcd-2': { how: 'killed' } });
  expect((await cluster.make('a')).status).toBe(500);
  await cluster.faults({ heal: { member: 'etcd-2' } });
  expect((await cluster.makeSoon('b')).status).toBe(201);
});

it('writes on the side of a partition that has the quorum', async () => {
  const cluster = await Cluster.make({ profile: 'api', etcdMembers: 5 });
  const { body } = await cluster.faults({
    partition: [
      ['etcd-0', 'etcd-1'],
      ['etcd-2', 'etcd-3', 'etcd-4'],
    ],
  });
  expect(body.quorum).toBe(true);
  expect((await cluster.makeSoon('a')).status).toBe(201);
  await cluster.faults({
    partition: [
      ['etcd-0', 'etcd-1'],
      ['etcd-2', 'etcd-3'],
    ],
  });
  expect((await cluster.faults()).body.quorum).toBe(false);
  await cluster.faults({ partition: [] });
  expect((await cluster.faults()).body).toMatchObject({ quorum: true, healthy: true });
  expect((await cluster.makeSoon('b')).status).toBe(201);
});

it('is reached through the load balancer as long as one API server runs', async () => {
  const cluster = await Cluster.make({ topology: 'stacked', nodes: 1 });
  await cluster.faults({ kill: { component: 'kube-apiserver-cp-1' } });
  expect((await cluster.faults({ kill: { component: 'kube-apiserver-cp-2' } })).body.served).toBe(true);
  expect((await cluster.makeSoon('a')).status).toBe(201);
  expect((await cluster.faults({ pause: { component: 'kube-apiserver-cp-3' } })).body.served).toBe(false);
  expect(await cluster.ask(MAPS)).toMatchObject({ status: 503, body: { reason: 'ServiceUnavailable' } });
  await cluster.faults({ heal: true });
  expect((await cluster.ask(MAPS)).status).toBe(200);
});

it('loses a member with its machine where they are stacked', async () => {
  const cluster = await Cluster.make({ topology: 'stacked', nodes: 1 });
  await cluster.faults({ kill: { node: 'cp-1' } });
  expect((await cluster.makeSoon('a')).status).toBe(201);
  expect((await cluster.faults({ kill: { node: 'cp-2' } })).body.quorum).toBe(false);
  expect((await cluster.make('b')).status).toBe(500);
  expect((await cluster.faults({ heal: { node: 'cp-1' } })).body.quorum).toBe(true);
  expect((await cluster.makeSoon('c')).status).toBe(201);
});

it.each<[string, unknown, string]>([
  ['a member that is not there', { kill: { member: 'etcd-9' } }, '/kill/member'],
  ['a member that is named twice', { partition: [['etcd-0'], ['etcd-1', 'etcd-0']] }, '/partition/1/1'],
  ['a node that is not there', { pause: { node: 'x' } }, '/pause/node'],
  ['a part where there are none', { kill: { component: 'kube-scheduler-cp-1' } }, '/kill/component'],
  ['two things at once', { kill: { member: 'etcd-0', node: 'x' } }, '/kill'],
  ['two faults at once', { kill: { member: 'etcd-0' }, heal: true }, ''],
  ['nothing', {}, ''],
  ['a link to itself', { delay: { member: 'etcd-0', to: 'etcd-0', milliseconds: 1 } }, '/delay/to'],
  [
    'a delay of more than a minute',
    { delay: { member: 'etcd-0', milliseconds: MAX_DELAY_MS + 1 } },
    '/delay/milliseconds',
  ],
  ['no delay', { delay: { member: 'etcd-0', milliseconds: 0 } }, '/delay/milliseconds'],
  ['a loss of more than all', { loss: { member: 'etcd-0', percent: 101 } }, '/loss/percent'],
  ['a clock that is too fast', { clockSkew: { member: 'etcd-0', speed: MAX_SKEW + 1 } }, '/clockSkew/speed'],
  ['a clock that is too slow', { clockSkew: { member: 'etcd-0', speed: MIN_SKEW / 2 } }, '/clockSkew/speed'],
])('refuses %s', async (_, change, pointer) => {
  const cluster = await Cluster.make({ profile: 'api', etcdMembers: 3 });
  const { status, body } = await cluster.faults(change);
  expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
  expect((await cluster.faults()).body.healthy).toBe(true);
});

it('takes what is just within the bounds', async () => {
  const cluster = await Cluster.make({ profile: 'api', etcdMembers: 3 });
  const changes = [
    { delay: { member: 'etcd-0', to: 'etcd-1', milliseconds: MAX_DELAY_MS } },
    { loss: { member: 'etcd-0', percent: 100 } },
    { clockSkew: { member: 'etcd-2', speed: MAX_SKEW } },
    { clockSkew: { member: 'etcd-1', speed: MIN_SKEW } },
    { slowDisk: { member: 'etcd-0', milliseconds: 20 } },
    { fullDisk: { member: 'etcd-0' } },
  ];
  for (const change of changes) expect((await cluster.faults(change)).status).toBe(200);
  await cluster.faults({ heal: true });
  expect((await cluster.faults()).body.healthy).toBe(true);
  expect((await cluster.makeSoon('a')).status).toBe(201);
});
