/** The routes of stories on a cluster, and the forms of a story. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { MAX_TOLD_CHANGES } from '../../cluster/change-clock.ts';
import type { Story, StoryWrite } from '../../objects/story.ts';
import { actorsOf, arrowsOf } from './arrows.ts';
import { MAX_DRAWN_ARROWS, mermaid } from './mermaid.ts';
import { MAX_DIFF_LENGTH, otlp } from './otlp.ts';
import { MAX_COMMITS, MAX_OBJECT_LENGTH } from './schemas.ts';
import { svg } from './svg.ts';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;

interface Cluster {
  id: string;
  token: string;
}

async function create(spec: object): Promise<Cluster> {
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: JSON.stringify(spec) });
  expect(made.status).toBe(201);
  return made.json();
}

const ask = ({ id, token }: Cluster, path: string, init: RequestInit = {}): Promise<Response> =>
  worker.fetch(`${ORIGIN}/v1/clusters/${id}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });

async function makePod({ id, token }: Cluster, name: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'user-agent': 'kubectl/v1.37.2 (a)',
  };
  const body = JSON.stringify({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx' }] } });
  const url = `${ORIGIN}/clusters/${id}/api/v1/namespaces/default/pods?fieldManager=me`;
  expect((await worker.fetch(url, { method: 'POST', headers, body })).status).toBe(201);
}

async function settled(cluster: Cluster): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (((await (await ask(cluster, '/clock')).json()) as { settled: boolean }).settled) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the story of a pod over HTTP', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await create({ nodes: 1 });
    await makePod(cluster, 'web');
    await settled(cluster);
  });

  it('is JSON with writes and arrows', async () => {
    const answer = await ask(cluster, '/story?object=pods/default/web');
    expect(answer.status).toBe(200);
    const { writes, arrows, complete } = (await answer.json()) as LooseObject;
    expect(complete).toBe(true);
    expect(writes[0].by).toEqual({
      kind: 'client',
      method: 'POST',
      path: '/api/v1/namespaces/default/pods?fieldManager=me',
      user: 'admin',
      userAgent: 'kubectl/v1.37.2 (a)',
    });
    expect(Date.parse(writes[0].time)).toBeGreaterThan(0);
    const names = arrows.map(({ from, to, kind }: LooseObject) => `${from} ${kind} ${to}`);
    const expected = [
      'kubectl request kube-apiserver',
      'kube-apiserver write etcd',
      'etcd watch kube-apiserver',
      'kube-apiserver watch default-scheduler',
      'default-scheduler request kube-apiserver',
      'kube-apiserver watch kubelet',
      'kubelet call containerd',
      'containerd call CNI',
      'CNI call containerd',
    ];
    expect(names.filter((name: string, i: number) => expected.includes(name) && names.indexOf(name) === i)).toEqual(
      expected,
    );
  });

  it.each([
    ['mermaid', 'text/plain', 'sequenceDiagram\n'],
    ['svg', 'image/svg+xml', '<svg xmlns'],
    ['otlp', 'application/json', '{"resourceSpans":['],
  ])('is had as %s', async (format, type, beginning) => {
    const answer = await ask(cluster, `/story?object=pods/default/web&format=${format}`);
    expect(answer.headers.get('content-type')).toContain(type);
    expect((await answer.text()).startsWith(beginning)).toBe(true);
  });

  it('tells what changed, and all commits', async () => {
    const { diff } = (await (await ask(cluster, '/story/diff?object=pods/default/web')).json()) as LooseObject;
    expect(diff.length).toBeGreaterThan(0);
    const lines = (await (await ask(cluster, `/commits?from=2&limit=${MAX_COMMITS}`)).text()).trim().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ revision: 2, by: { kind: 'cluster' } });
    expect(lines.length).toBeGreaterThan(5);
  });

  it.each([
    ['/story', 422],
    ['/story?object=', 422],
    ['/story?object=pods/default/none', 404],
    [`/story?object=${'p'.repeat(MAX_OBJECT_LENGTH)}`, 404],
    [`/story?object=${'p'.repeat(MAX_OBJECT_LENGTH + 1)}`, 422],
    ['/story?object=pods/default/web&format=png', 422],
    ['/story?object=pods/default/web&at=0', 422],
    ['/story/diff?object=pods/default/web&to=100000', 410],
    ['/story/diff?object=pods/default/web&from=x', 422],
    ['/commits?limit=0', 422],
    [`/commits?limit=${MAX_COMMITS + 1}`, 422],
  ])('refuses %s', async (path, status) => {
    expect((await ask(cluster, path)).status).toBe(status);
  });

  it('is nobody’s without the token', async () => {
    expect((await ask({ ...cluster, token: 'x' }, '/story?object=pods/default/web')).status).toBe(401);
  });

  it('goes on from the beginning after a reset, and is no part of a fork', async () => {
    const forked = await ask(cluster, '/forks', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const fork = (await forked.json()) as Cluster;
    await settled(fork);
    const copied = (await (await ask(fork, '/story?object=pods/default/web')).json()) as LooseObject;
    expect(copied).toMatchObject({ complete: false });
    expect(copied.writes[0].by).toEqual({ kind: 'unknown' });
    expect((await ask(cluster, '/reset', { method: 'POST' })).status).toBeLessThan(300);
    expect((await ask(cluster, '/story?object=pods/default/web')).status).toBe(404);
    await makePod(cluster, 'web');
    await settled(cluster);
    const again = (await (await ask(cluster, '/story?object=pods/default/web')).json()) as LooseObject;
    expect(again).toMatchObject({ complete: true });
    expect(again.writes[0].by.kind).toBe('client');
  });
});

it('is told by no cluster that was made without causes, and what changed is', async () => {
  const cluster = await create({ nodes: 1, causes: false });
  await makePod(cluster, 'web');
  await settled(cluster);
  const refused = await ask(cluster, '/story?object=pods/default/web');
  expect([refused.status, ((await refused.json()) as LooseObject).detail]).toEqual([
    422,
    expect.stringContaining('"causes": false'),
  ]);
  const [first] = (await (await ask(cluster, '/commits')).text()).split('\n');
  expect(JSON.parse(first!).by).toEqual({ kind: 'unknown' });
  expect((await ask(cluster, '/story/diff?object=pods/default/web')).status).toBe(200);
});

describe('a step to the next instant', () => {
  /** Until a CronJob of so many pods has made its Job: the answer to that step, and to a wrong one. */
  async function stepped(parallelism: number): Promise<LooseObject> {
    const cluster = await create({ nodes: 1, clock: { start: '2026-01-05T10:00:30Z', paused: true } });
    const path = `${ORIGIN}/clusters/${cluster.id}/apis/batch/v1/namespaces/default/cronjobs`;
    const template = { spec: { containers: [{ name: 'c', image: 'nginx' }], restartPolicy: 'Never' } };
    const jobTemplate = { spec: { parallelism, template } };
    const cron = { metadata: { name: 'often' }, spec: { schedule: '* * * * *', jobTemplate } };
    const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
    expect((await worker.fetch(path, { method: 'POST', headers, body: JSON.stringify(cron) })).status).toBe(201);
    await settled(cluster);
    const change = (body: object) => ask(cluster, '/clock', { method: 'PATCH', headers, body: JSON.stringify(body) });
    expect((await change({ next: true, advance: 1 })).status).toBe(422);
    for (let i = 0; i < 10; i++) {
      const step = await (await change({ next: true })).json<LooseObject>();
      const made = step.did.find(({ changes }: LooseObject) => changes[0].object.resource === 'jobs.batch');
      if (made) return { ...step, made, told: step.did.flatMap(({ changes }: LooseObject) => changes).length };
    }
    return undefined;
  }

  it('goes there, and says what was done and by whom', async () => {
    const { time, made, told } = await stepped(1);
    expect(time).toBe('2026-01-05T10:01:00.000Z');
    expect(made).toMatchObject({
      time,
      by: { kind: 'component', name: 'cronjob-controller', key: 'default/often' },
      changes: [{ verb: 'create' }],
    });
    expect(made.by.woken).toBeUndefined();
    expect(told).toBeGreaterThan(5);
    expect(told).toBeLessThan(MAX_TOLD_CHANGES);
  });

  it('says so much of it at the most', async () => {
    expect((await stepped(40)).told).toBe(MAX_TOLD_CHANGES);
  });
});

const HOSTILE = '<script>&"\';#%%{\u0000\n';

const write = (revision: number, more: Partial<StoryWrite> = {}): StoryWrite => ({
  revision,
  time: 1000 + revision,
  relation: 'object',
  verb: 'update',
  object: { resource: 'pods', namespace: 'a', name: HOSTILE },
  by: { kind: 'client', method: 'PUT', path: `/${HOSTILE}`, user: HOSTILE, userAgent: HOSTILE },
  run: revision,
  ...more,
});

const story = (writes: StoryWrite[]): Story => ({
  object: { resource: 'pods', namespace: 'a', name: HOSTILE, uid: '0130abaa-781f-475e-bfa1-88d2bb7bcd83' },
  complete: true,
  cut: false,
  writes,
});

describe('the forms of a story', () => {
  it('escape what clients have sent', () => {
    const hostile = story([write(2), write(3)]);
    const picture = svg(hostile);
    expect(picture).not.toContain('<script');
    expect(picture).not.toContain('\u0000');
    expect(picture).toContain('&lt;script&gt;&amp;&quot;&#39;');
    for (const part of ['role="img"', '<title id="title">', '<desc id="desc">']) expect(picture).toContain(part);
    const diagram = mermaid(hostile);
    expect(diagram.split('\n').every((line) => /^(sequenceDiagram| {2}\S.*|)$/.test(line))).toBe(true);
    const words = diagram.replace(/a\d+(->>|-->>|-\))a\d+: |#\d+;/g, '');
    expect(words).not.toMatch(/[<>;#%{"]/);
  });

  it('draw so many arrows, and say how many more there are', () => {
    const few = story(Array.from({ length: MAX_DRAWN_ARROWS / 2 }, (_, i) => write(i + 2)));
    expect(arrowsOf(few)).toHaveLength(MAX_DRAWN_ARROWS);
    for (const form of [svg, mermaid]) expect(form(few)).not.toContain('more');
    const more = story([...few.writes, write(5000)]);
    expect(svg(more)).toContain('And 2 more.');
    expect(mermaid(more)).toContain('and 2 more');
  });

  it('have spans under what their authors had heard of', () => {
    const object = { resource: 'pods', namespace: 'a', name: 'b' };
    const by = {
      kind: 'component' as const,
      name: 'kubelet',
      key: 'a/b',
      manager: 'kubelet',
      woken: { ...object, revision: 2 },
    };
    const told = otlp(story([write(2, { object }), write(9, { object, by })])) as LooseObject;
    const [client, kubelet] = told.resourceSpans.map(({ scopeSpans }: LooseObject) => scopeSpans[0].spans[0]);
    expect(client.traceId).toBe('0130abaa781f475ebfa188d2bb7bcd83');
    expect(kubelet).toMatchObject({
      traceId: client.traceId,
      parentSpanId: client.spanId,
      startTimeUnixNano: '1002000000',
      endTimeUnixNano: '1009000000',
    });
    expect(client.spanId).toMatch(/^[\da-f]{16}$/);
    expect(kubelet.spanId).not.toBe(client.spanId);
  });

  it('have of a long change its beginning', () => {
    const changed = (length: number): number => {
      const diff = [{ op: 'add' as const, path: '', value: '' }];
      diff[0]!.value = 'x'.repeat(length - JSON.stringify(diff).length);
      const { attributes } = (otlp(story([write(2, { diff })])) as LooseObject).resourceSpans[0].scopeSpans[0].spans[0];
      return attributes.find(({ key }: LooseObject) => key === 'diorama.diff').value.stringValue.length;
    };
    expect([changed(MAX_DIFF_LENGTH - 1), changed(MAX_DIFF_LENGTH + 1)]).toEqual([
      MAX_DIFF_LENGTH - 1,
      MAX_DIFF_LENGTH,
    ]);
  });

  it('have clients on the left and containers on the right', () => {
    const object = { resource: 'pods', namespace: 'a', name: 'b' };
    const by = { kind: 'component' as const, name: 'kubelet', key: 'a/b', manager: 'kubelet' };
    const calls = [
      { from: 'kubelet' as const, to: 'containerd' as const, text: 'RunPodSandbox' },
      { from: 'containerd' as const, to: 'CNI' as const, text: 'ADD eth0' },
    ];
    const told = story([
      write(2, { object, by, calls }),
      write(3, { object, by: { ...by, name: 'x-controller' } }),
      write(4),
    ]);
    expect(actorsOf(told, arrowsOf(told))).toEqual([
      'client',
      'kube-apiserver',
      'etcd',
      'x-controller',
      'kubelet',
      'containerd',
      'CNI',
    ]);
  });
});
