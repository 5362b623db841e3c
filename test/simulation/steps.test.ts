/** Steps of the clock: what is due on the way happens at its own instant, and a step without any work costs nothing. */
import { expect, it } from 'vitest';
import { isStepping, stepping } from '../../src/simulation/clock.ts';
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
