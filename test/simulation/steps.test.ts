/** Steps of the clock: what is due on the way happens at its own instant, and a step without any work costs nothing. */
import { expect, it } from 'vitest';
import { MAX_ERRAND_WAIT_MS } from '../../src/cluster/course.ts';
import { isStepping, stepping } from '../../src/simulation/clock.ts';
import { MAX_ERRANDS } from '../../src/simulation/errands.ts';
import { createSandbox } from './sandbox.ts';

const DAY = 24 * 3600 * 1000;

function step(sandbox: ReturnType<typeof createSandbox>, by: number): { turns: number; instants: number[] } {
  const { cluster } = sandbox;
  const real = cluster.clock.anchor;
  cluster.clock = stepping(cluster.clock, real, by);
  const instants = [cluster.now(real)];
  let turns = 0;
  while (isStepping(cluster.clock)) {
    cluster.pumpTurn(real);
    instants.push(cluster.now(real));
    turns++;
  }
  return { turns, instants };
}

it('takes one turn for a year in which nothing is due', () => {
  expect(step(createSandbox(3), 365 * DAY).turns).toBe(1);
});

it('takes only what is due on the way, in turns, and time goes only forward', async () => {
  const sandbox = createSandbox(1);
  const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'app', command: ['true'] }] };
  const spec = { schedule: '*/30 * * * *', jobTemplate: { spec: { template: { spec: pod } } } };
  await sandbox.request('POST', '/apis/batch/v1/namespaces/default/cronjobs', { metadata: { name: 'c' }, spec });
  const from = sandbox.cluster.now(sandbox.cluster.clock.anchor);
  const { turns, instants } = step(sandbox, DAY);
  expect(turns).toBeGreaterThan(1);
  expect(instants.at(-1)).toBe(from + DAY);
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  const { items } = await sandbox.request('GET', '/api/v1/events?fieldSelector=reason%3DCompleted');
  const completions = new Set(items.map((event: any) => event.involvedObject.name));
  // Events are kept for an hour.
  expect(completions.size).toBe(2);
  const cronJob = await sandbox.request('GET', '/apis/batch/v1/namespaces/default/cronjobs/c');
  expect(Date.parse(cronJob.status.lastScheduleTime)).toBe(from + DAY);
  expect(sandbox.errors).toEqual([]);
});

/** Secrets that ask for tokens, which are signed when the test says so. */
async function signing(secrets: number) {
  const signed: (() => void)[] = [];
  const sandbox = createSandbox(0, {
    signatures: {
      secretToken: ({ secret }) => new Promise((resolve) => signed.push(() => resolve(secret))),
      certificate: () => Promise.reject(new Error('not asked for')),
      tokenKid: () => undefined,
      podToken: () => undefined,
      prepareTokens: async () => undefined,
    },
  });
  const annotations = { 'kubernetes.io/service-account.name': 'default' };
  for (let i = 0; i < secrets; i++) {
    const secret = { metadata: { name: `s${i}`, annotations }, type: 'kubernetes.io/service-account-token' };
    await sandbox.request('POST', '/api/v1/namespaces/default/secrets', secret);
  }
  const { cluster } = sandbox;
  const real = cluster.clock.anchor;
  const from = cluster.now(real);
  cluster.clock = stepping(cluster.clock, real, DAY);
  const turns = (at = real) => {
    for (let i = 0; i < 200; i++) cluster.pumpTurn(at);
    return cluster.now(at) - from;
  };
  return { sandbox, signed, turns, real };
}

it('stands still while a signature is under way, and whoever found no room is next', async () => {
  const { sandbox, signed, turns } = await signing(MAX_ERRANDS + 5);
  while (signed.length < MAX_ERRANDS + 5) {
    const before = signed.length;
    expect(turns()).toBe(0);
    for (const sign of signed) sign();
    await new Promise((resolve) => setTimeout(resolve));
    turns();
    expect(signed.length).toBeGreaterThan(before);
  }
  expect(turns()).toBe(0);
  for (const sign of signed) sign();
  await new Promise((resolve) => setTimeout(resolve));
  expect(turns()).toBe(DAY);
  const { items } = await sandbox.request('GET', '/api/v1/namespaces/default/secrets');
  expect(items.filter((s: any) => s.data?.token).length).toBe(MAX_ERRANDS + 5);
  expect(isStepping(sandbox.cluster.clock)).toBe(false);
});

it('goes on without a signature that does not come', async () => {
  const { turns, real } = await signing(1);
  expect(turns()).toBe(0);
  expect(turns(real + MAX_ERRAND_WAIT_MS)).toBe(0);
  expect(turns(real + MAX_ERRAND_WAIT_MS + 1)).toBeGreaterThan(0);
});
