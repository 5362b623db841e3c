/** A cluster's clock as its users see it: paused, stepped, stepped further than can be done at once, and at its ends. */

import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { MAX_CLOCK_STEP_SECONDS } from '../platform/limits.ts';
import type { Env } from './env.ts';

const ORIGIN = 'https://diorama.test';
const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as Env).CLUSTER;

interface Clock {
  time: string;
  speed: number;
  paused: boolean;
  reached?: string;
  target?: string;
  done: boolean;
  settled: boolean;
}

class Cluster {
  readonly id: string;
  readonly #token: string;

  private constructor({ id, token }: { id: string; token: string }) {
    this.id = id;
    this.#token = token;
  }

  static async create(spec: unknown): Promise<Cluster> {
    const headers = { 'content-type': 'application/json' };
    const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: JSON.stringify(spec) });
    expect(made.status).toBe(201);
    return new Cluster(await made.json());
  }

  send(method: string, path: string, body?: unknown): Promise<Response> {
    return worker.fetch(`${ORIGIN}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  change = (change: unknown): Promise<Response> => this.send('PATCH', `/v1/clusters/${this.id}/clock`, change);
  clock = async (): Promise<Clock> => (await this.send('GET', `/v1/clusters/${this.id}/clock`)).json();

  async settled(): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await this.clock()).settled && Date.now() < end) await scheduler.wait(20);
    expect(await this.clock()).toMatchObject({ settled: true });
  }

  async makeCronJob(schedule: string): Promise<void> {
    const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['true'] }] };
    const spec = { schedule, jobTemplate: { spec: { template: { spec: pod } } } };
    const path = `/clusters/${this.id}/apis/batch/v1/namespaces/default/cronjobs`;
    expect((await this.send('POST', path, { metadata: { name: 'c' }, spec })).status).toBe(201);
  }

  async jobs(): Promise<LooseObject[]> {
    const answer = await this.send('GET', `/clusters/${this.id}/apis/batch/v1/namespaces/default/jobs`);
    return ((await answer.json()) as LooseObject).items;
  }
}

describe('a step', () => {
  it('does what is due on the way at its own instant', async () => {
    const cluster = await Cluster.create({ nodes: 1, clock: { start: '2026-01-05T10:30:00Z', paused: true } });
    await cluster.makeCronJob('0 * * * *');
    const stepped = await cluster.change({ advance: 2 * 3600 });
    const end = '2026-01-05T12:30:00.000Z';
    expect(await stepped.json()).toEqual({
      time: end,
      speed: 1,
      paused: true,
      reached: end,
      target: end,
      done: true,
      settled: true,
    });
    const jobs = await cluster.jobs();
    expect(jobs.map((job) => job.metadata.creationTimestamp).sort()).toEqual([
      '2026-01-05T11:00:00Z',
      '2026-01-05T12:00:00Z',
    ]);
    expect(jobs.every((job) => job.status.succeeded === 1)).toBe(true);
  });

  it('that is asked for during another makes that one longer', async () => {
    const cluster = await Cluster.create({ nodes: 1, clock: { start: '2026-01-05T10:30:00Z', paused: true } });
    await cluster.makeCronJob('* * * * *');
    const steps = await Promise.all([1, 2, 3].map(() => cluster.change({ advance: 600 })));
    const clocks = (await Promise.all(steps.map((step) => step.json()))) as Clock[];
    expect(clocks.at(-1)).toMatchObject({ target: '2026-01-05T11:00:00.000Z', done: true });
    expect((await cluster.clock()).time).toBe('2026-01-05T11:00:00.000Z');
  });

  it('cannot go back, nor further than its limit', async () => {
    const cluster = await Cluster.create({ nodes: 0, profile: 'api' });
    expect((await cluster.change({ advance: -1 })).status).toBe(422);
    expect((await cluster.change({ advance: MAX_CLOCK_STEP_SECONDS + 1 })).status).toBe(422);
    expect((await cluster.change({ advance: MAX_CLOCK_STEP_SECONDS })).status).toBe(200);
    expect((await cluster.change({ speed: 60 })).status).toBe(200);
  });
});

it('tells when all that a request brings about has happened, but for what is due later', async () => {
  const cluster = await Cluster.create({ nodes: 3, clock: { paused: true } });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  const path = `/clusters/${cluster.id}/apis/apps/v1/namespaces/default/deployments`;
  const spec = { replicas: 20, selector: { matchLabels: labels }, template };
  expect((await cluster.send('POST', path, { metadata: { name: 'web' }, spec })).status).toBe(201);
  expect((await cluster.clock()).settled).toBe(false);
  await cluster.settled();
  const made = (await (await cluster.send('GET', `${path}/web`)).json()) as LooseObject;
  expect(made.status).toMatchObject({ readyReplicas: 20, availableReplicas: 20, observedGeneration: 1 });
  await cluster.makeCronJob('* * * * *');
  await cluster.settled();
  expect(await cluster.jobs()).toEqual([]);
});

describe('a time', () => {
  const start = (text: string) => ({ nodes: 0, profile: 'api', clock: { start: text, paused: true } });

  it.each(['1970-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])('may be %s', async (text) => {
    const cluster = await Cluster.create(start(text));
    expect(Date.parse((await cluster.clock()).time)).toBe(Date.parse(text));
    const path = `/clusters/${cluster.id}/api/v1/namespaces/default/configmaps`;
    const made = await cluster.send('POST', path, { metadata: { name: 'a' } });
    expect(made.status).toBe(201);
    expect(((await made.json()) as LooseObject).metadata.creationTimestamp).toBe(text.replace('.999', ''));
  });

  it.each([
    '1969-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])('may not be %s', async (text) => {
    const body = JSON.stringify(start(text));
    const headers = { 'content-type': 'application/json' };
    const answer = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ pointer: '/clock/start', detail: 'must lie in the years 1970 to 9999' }],
    });
  });

  it('is not stepped beyond the year 9999', async () => {
    const cluster = await Cluster.create(start('9999-12-31T23:00:00Z'));
    const beyond = await cluster.change({ advance: 3600 });
    expect(beyond.status).toBe(422);
    expect(((await beyond.json()) as LooseObject).detail).toContain(
      "a cluster's time ends with 9999-12-31T23:59:59.999Z",
    );
    expect(await cluster.clock()).toMatchObject({ time: '9999-12-31T23:00:00.000Z', done: true });
    expect(await (await cluster.change({ advance: 3599.999 })).json()).toMatchObject({
      time: '9999-12-31T23:59:59.999Z',
      done: true,
    });
  });

  it.each([
    ['time', -1],
    ['time', Date.parse('9999-12-31T23:59:59.999Z') + 1],
    ['time', 1.5],
    ['time', '2026-01-01T00:00:00Z'],
    ['making.clock.start', -1],
    ['making.baseTime', 1e300],
  ])('in an imported file: %s may not be %s', async (what, value) => {
    const cluster = await Cluster.create({ nodes: 0, profile: 'api' });
    const [first, ...rest] = (await (await cluster.send('GET', `/v1/clusters/${cluster.id}/export`)).text()).split(
      '\n',
    );
    const header = JSON.parse(first!);
    const path = what.split('.');
    const inner = path.slice(0, -1).reduce((object, name) => object[name], header);
    inner[path.at(-1)!] = value;
    const answer = await worker.fetch(`${ORIGIN}/v1/clusters/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: [JSON.stringify(header), ...rest].join('\n'),
    });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as LooseObject).detail).toContain(`Line 1: ${what}: must be`);
  });
});

it('a cluster whose pump never comes to rest is gone after its time to live', async () => {
  const cluster = await Cluster.create({ nodes: 1, ttl: 1, clock: { speed: 86_400 } });
  await cluster.makeCronJob('* * * * *');
  const stored = (): Promise<number> =>
    objects
      .getByName(cluster.id)
      .open()
      .then((entry) => (entry ? 1 : 0));
  const end = Date.now() + 60_000;
  while ((await stored()) === 1 && Date.now() < end) await scheduler.wait(50);
  expect(await stored()).toBe(0);
});
