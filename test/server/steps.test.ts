/** A step of the clock that takes long: it goes on in the background, over a crash, and nobody waits for it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
const START = '2026-01-05T10:30:00.000Z';
const TARGET = '2027-01-05T10:30:00.000Z';
/** Far above what one turn takes, far below a step. */
const MAX_MEDIAN_MS = 100;
/** The same in times of what an answer takes when there is no step: the machine that tests may be busy. */
const MAX_RATIO = 30;

interface Clock {
  time: string;
  reached: string;
  target: string;
  done: boolean;
  speed: number;
  paused: boolean;
}

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

it('goes on in the background, over a crash too, while others are answered at once', async () => {
  const other = await sandbox.createCluster({ nodes: 1 });
  const made = await sandbox.createCluster({ nodes: 1, clock: { start: START, paused: true } });
  const headers = { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' };
  const pod = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['true'] }] };
  const spec = { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: pod } } } };
  const body = JSON.stringify({ metadata: { name: 'c' }, spec });
  const cronJobs = `${made.server}/apis/batch/v1/namespaces/default/cronjobs`;
  expect((await fetch(cronJobs, { method: 'POST', headers, body })).status).toBe(201);

  const url = `${sandbox.server.url}/v1/clusters/${made.id}/clock`;
  const clock = async (): Promise<Clock> => (await fetch(url, { headers })).json() as Promise<Clock>;
  const change = (what: unknown) => fetch(url, { method: 'PATCH', headers, body: JSON.stringify(what) });
  const moved = async (since: string): Promise<Clock> => {
    let now = await clock();
    while (now.time <= since) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      now = await clock();
    }
    return now;
  };
  /** Milliseconds that another cluster takes to answer. */
  const median = async (): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 40; i++) {
      const from = performance.now();
      const answer = await fetch(`${other.server}/api/v1/namespaces/default`, {
        headers: { authorization: `Bearer ${other.token}` },
      });
      await answer.text();
      expect(answer.status).toBe(200);
      times.push(performance.now() - from);
    }
    return times.sort((a, b) => a - b)[20]!;
  };
  const alone = await median();
  // Its answer is not waited for: it comes when the step is done, or says that it is not.
  change({ advance: YEAR_SECONDS }).catch(() => undefined);
  const first = await moved(START);
  expect(await median()).toBeLessThan(Math.max(MAX_MEDIAN_MS, MAX_RATIO * alone));

  // What is asked for meanwhile holds from the step's end on.
  await change({ speed: 60, paused: false });
  const second = await moved(first.time);
  await sandbox.server.kill();
  await sandbox.restart();
  const third = await moved(second.time);
  for (const seen of [first, second, third]) {
    expect(seen).toMatchObject({ target: TARGET, done: false });
    expect(seen.reached).toBe(seen.time);
  }
  expect(third).toMatchObject({ speed: 60, paused: false });
  expect((await fetch(`${sandbox.server.url}/v1/clusters/${made.id}`, { method: 'DELETE', headers })).status).toBe(204);
});
