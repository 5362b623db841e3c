/** The alarm is set before it is needed and no more often: each time costs a row. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { ClusterAlarm } from './alarm.ts';
import type { Env } from './env.ts';

it('is only ever set to an earlier instant, until it has rung', () => {
  const set: number[] = [];
  const alarm = new ClusterAlarm({ setAlarm: async (at) => void set.push(at) });
  for (const at of [500, 900, 500, 300, 400]) alarm.ringBy(at);
  expect(set).toEqual([500, 300]);
  expect([alarm.isSetBy(299), alarm.isSetBy(300)]).toEqual([false, true]);
  alarm.rang();
  expect(alarm.isSetBy(300)).toBe(false);
  alarm.ringBy(900);
  alarm.isSet(800);
  alarm.ringBy(850);
  expect(set).toEqual([500, 300, 900]);
});

it('stands in the near future once there is work, is set once for a burst of it, and later where time needs it', {
  timeout: 60_000,
}, async () => {
  const worker = (exports as unknown as { default: Fetcher }).default;
  const headers = { 'content-type': 'application/json' };
  const made = await worker.fetch('https://diorama.test/v1/clusters', {
    method: 'POST',
    headers,
    body: JSON.stringify({ nodes: 1, clock: { paused: true } }),
  });
  const { id, token } = (await made.json()) as { id: string; token: string };
  const object = (env as unknown as Env).CLUSTER.getByName(id);
  const alarm = (): Promise<number | null> => runInDurableObject(object, (_, state) => state.storage.getAlarm());
  const isFarAway = async (): Promise<boolean> => (await alarm())! - Date.now() > 10_000;
  await expect.poll(isFarAway, { timeout: 60_000 }).toBe(true);
  const create = async (name: string): Promise<void> => {
    const answer = await worker.fetch(`https://diorama.test/clusters/${id}/api/v1/namespaces`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: JSON.stringify({ metadata: { name } }),
    });
    expect(answer.status).toBe(201);
  };
  await create('first');
  const soon = await alarm();
  expect(soon! - Date.now()).toBeLessThanOrEqual(2000);
  for (let i = 0; i < 5; i++) await create(`more-${i}`);
  if (Date.now() < soon!) expect(await alarm()).toBe(soon);
  await evictDurableObject(object);
  await expect.poll(isFarAway, { timeout: 60_000 }).toBe(true);
});
