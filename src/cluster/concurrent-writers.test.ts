/** Many clients write at the same time: nobody is refused for that, nothing is lost, and no two things get the same name, uid or address. */

import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { Env } from './env.ts';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;
const DEFAULT = '/api/v1/namespaces/default';
const CONFIG_MAPS = `${DEFAULT}/configmaps`;

interface TestCluster {
  id: string;
  send(method: string, path: string, body?: unknown, type?: string): Promise<{ status: number; body: LooseObject }>;
}

async function createCluster(spec: Record<string, unknown>): Promise<TestCluster> {
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: JSON.stringify(spec) });
  const { id, token } = (await made.json()) as { id: string; token: string };
  return {
    id,
    async send(method, path, body, type = 'application/json') {
      const response = await worker.fetch(`${ORIGIN}/clusters/${id}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
  };
}

/** All at once; what each was answered. */
const together = <T>(count: number, one: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => one(i)));

const statuses = (answers: { status: number; body: LooseObject }[]): string[] => [
  ...new Set(answers.map(({ status, body }) => `${status} ${body.reason ?? ''} ${body.message ?? ''}`.trim())),
];

it('creates 600 objects with generated names', { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  const answers = await together(600, (i) =>
    cluster.send('POST', CONFIG_MAPS, { metadata: { generateName: `${i % 3}-` } }),
  );
  expect(statuses(answers)).toEqual(['201']);
  expect(new Set(answers.map(({ body }) => body.metadata.name)).size).toBe(600);
  expect(new Set(answers.map(({ body }) => body.metadata.uid)).size).toBe(600);
  expect(new Set(answers.map(({ body }) => body.metadata.resourceVersion)).size).toBe(600);
});

it('gives 200 services addresses and ports of their own', { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  const answers = await together(200, (i) =>
    cluster.send('POST', `${DEFAULT}/services`, {
      metadata: { name: `s${i}` },
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    }),
  );
  expect(statuses(answers)).toEqual(['201']);
  expect(new Set(answers.map(({ body }) => body.spec.clusterIP)).size).toBe(200);
  expect(new Set(answers.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(200);
});

it('takes 64 patches and 64 applies of one object', { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  await cluster.send('POST', CONFIG_MAPS, { metadata: { name: 'one' } });
  const path = `${CONFIG_MAPS}/one`;
  const patches = await together(64, (i) =>
    cluster.send('PATCH', path, { data: { [`p${i}`]: 'x' } }, 'application/merge-patch+json'),
  );
  const applies = await together(64, (i) =>
    cluster.send(
      'PATCH',
      `${path}?fieldManager=m${i}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { [`a${i}`]: 'x' } },
      'application/apply-patch+yaml',
    ),
  );
  expect(statuses([...patches, ...applies])).toEqual(['200']);
  const { body } = await cluster.send('GET', path);
  expect(Object.keys(body.data)).toHaveLength(128);
});

it("still tells of a client's own conditions, once each", { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0, profile: 'api' });
  const { body: made } = await cluster.send('POST', CONFIG_MAPS, { metadata: { name: 'one' } });
  const codes = async (answers: Promise<{ status: number }[]>): Promise<number[]> =>
    (await answers).map(({ status }) => status).sort();
  const all = (won: number, lost: number): number[] => [won, ...Array<number>(31).fill(lost)];
  const put = (i: number) => cluster.send('PUT', `${CONFIG_MAPS}/one`, { ...made, data: { by: `${i}` } });
  expect(await codes(together(32, put))).toEqual(all(200, 409));
  const create = () => cluster.send('POST', CONFIG_MAPS, { metadata: { name: 'two' } });
  expect(await codes(together(32, create))).toEqual(all(201, 409));
  const remove = () => cluster.send('DELETE', `${CONFIG_MAPS}/two`);
  expect(await codes(together(32, remove))).toEqual(all(200, 404));
});

it('evicts no more pods at once than their budget allows', { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 1, profile: 'api' });
  const labels = { app: 'a' };
  for (let i = 0; i < 6; i++) {
    const spec = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] };
    await cluster.send('POST', `${DEFAULT}/pods`, { metadata: { name: `p${i}`, labels }, spec });
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await cluster.send('PATCH', `${DEFAULT}/pods/p${i}/status`, { status }, 'application/merge-patch+json');
  }
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  await cluster.send('POST', budgets, {
    metadata: { name: 'b' },
    spec: { maxUnavailable: 2, selector: { matchLabels: labels } },
  });
  const status = {
    observedGeneration: 1,
    disruptionsAllowed: 2,
    currentHealthy: 6,
    desiredHealthy: 4,
    expectedPods: 6,
  };
  await cluster.send('PATCH', `${budgets}/b/status`, { status }, 'application/merge-patch+json');
  const answers = await together(6, (i) =>
    cluster.send('POST', `${DEFAULT}/pods/p${i}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: `p${i}` },
    }),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429, 429, 429]);
});

it('draws the same in the same order, whatever was refused in between and whenever it leaves memory', {
  timeout: 60_000,
}, async () => {
  const made: string[][] = [];
  for (const evicts of [false, true]) {
    const cluster = await createCluster({ nodes: 0, profile: 'api', seed: 'same' });
    // What the cluster makes itself at its beginning has an order of its own.
    const isThere = async (path: string): Promise<boolean> => (await cluster.send('GET', path)).status === 200;
    for (const path of [`${CONFIG_MAPS}/kube-root-ca.crt`, `${DEFAULT}/serviceaccounts/default`])
      await expect.poll(() => isThere(path), { timeout: 60_000 }).toBe(true);
    const drawn: string[] = [];
    for (let i = 0; i < 4; i++) {
      const refused = await cluster.send('POST', CONFIG_MAPS, { metadata: { generateName: 'NO-' } });
      expect(refused.status).toBe(422);
      if (evicts) await evictDurableObject(objects.getByName(cluster.id));
      const { body } = await cluster.send('POST', CONFIG_MAPS, { metadata: { generateName: 'g-' } });
      const secret = await cluster.send('POST', `${DEFAULT}/secrets`, { metadata: { name: `s${i}` } });
      drawn.push(body.metadata.name, body.metadata.uid, secret.body.metadata.uid);
    }
    const spec = { ports: [{ port: 80 }] };
    const service = await cluster.send('POST', `${DEFAULT}/services`, { metadata: { name: 's' }, spec });
    drawn.push(service.body.spec.clusterIP);
    made.push(drawn);
  }
  expect(made[1]).toEqual(made[0]);
  expect(new Set(made[0]).size).toBe(13);
});

it('never exceeds a quota', { timeout: 60_000 }, async () => {
  const cluster = await createCluster({ nodes: 0 });
  for (let round = 0; round < 3; round++) {
    const namespace = `/api/v1/namespaces/q${round}`;
    await cluster.send('POST', '/api/v1/namespaces', { metadata: { name: `q${round}` } });
    const quota = `${namespace}/resourcequotas`;
    await cluster.send('POST', quota, { metadata: { name: 'q' }, spec: { hard: { pods: '7', 'requests.cpu': '1' } } });
    const used = async (): Promise<unknown> => (await cluster.send('GET', `${quota}/q`)).body.status.used;
    await expect.poll(used).toEqual({ pods: '0', 'requests.cpu': '0' });
    await expect.poll(async () => (await cluster.send('GET', `${namespace}/serviceaccounts/default`)).status).toBe(200);
    const answers = await together(64, (i) => {
      const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }];
      return cluster.send('POST', `${namespace}/pods`, { metadata: { name: `p${i}` }, spec: { containers } });
    });
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(57);
    expect(await used()).toEqual({ pods: '7', 'requests.cpu': '700m' });
  }
});
