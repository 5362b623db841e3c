import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { addAuditEvent, auditEvents, MAX_AUDIT_EVENTS } from './audit-log.ts';
import type { Env } from './env.ts';

const { CLUSTER } = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

it('keeps so many events, the oldest first', () => {
  const kept = new Map<string, unknown>();
  const kv = {
    get: <T>(key: string) => kept.get(key) as T,
    put: (key: string, value: unknown) => void kept.set(key, value),
  };
  expect([...auditEvents(kv)]).toEqual([]);
  for (let i = 0; i < MAX_AUDIT_EVENTS; i++) addAuditEvent(kv, String(i));
  expect([...auditEvents(kv)]).toHaveLength(MAX_AUDIT_EVENTS);
  expect([...auditEvents(kv)][0]).toBe('0\n');
  addAuditEvent(kv, 'last');
  const after = [...auditEvents(kv)];
  expect([after.length, after[0], after.at(-1)]).toEqual([MAX_AUDIT_EVENTS, '1\n', 'last\n']);
});

async function made(spec: object) {
  const headers = { 'content-type': 'application/json' };
  const answer = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body: JSON.stringify(spec) });
  const { id, token } = (await answer.json()) as { id: string; token: string };
  const ask = (path: string) => worker.fetch(`${ORIGIN}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { id, token, ask };
}

it('is to be read of a cluster that is made with one, also after its object was away', async () => {
  const { id, ask } = await made({ profile: 'api', audit: true });
  await (await ask(`/clusters/${id}/api/v1/namespaces/default`)).text();
  await evictDurableObject(CLUSTER.getByName(id));
  await (await ask(`/clusters/${id}/api/v1/namespaces/none`)).text();
  const lines = (await (await ask(`/v1/clusters/${id}/audit`)).text()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).objectRef.name)).toEqual(['default', 'none']);
  expect((await worker.fetch(`${ORIGIN}/v1/clusters/${id}/audit`)).status).toBe(401);
});

it('is had by a fork as well, which begins with an empty one', async () => {
  const { id, token, ask } = await made({ profile: 'api', audit: true });
  await (await ask(`/clusters/${id}/version`)).text();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const forked = await worker.fetch(`${ORIGIN}/v1/clusters/${id}/forks`, { method: 'POST', headers, body: '{}' });
  const fork = (await forked.json()) as { id: string; token: string };
  const own = { headers: { authorization: `Bearer ${fork.token}` } };
  const answer = await worker.fetch(`${ORIGIN}/v1/clusters/${fork.id}/audit`, own);
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});

it('is none of others', async () => {
  const { id, ask } = await made({ profile: 'api' });
  const answer = await ask(`/clusters/${id}/version`);
  expect(answer.headers.get('audit-id')).toBeNull();
  expect((await ask(`/v1/clusters/${id}/audit`)).status).toBe(404);
});
