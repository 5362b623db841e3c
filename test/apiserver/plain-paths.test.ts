/** What is asked of the server itself: its paths, its health and its metrics. */
import { afterAll, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const verbose = async (endpoint: string): Promise<string[]> =>
  (await call('GET', `/${endpoint}?verbose`)).body.split('\n').map((line: string) => line.slice(3).split(' ')[0]);

it('lists the paths that it serves, in order', async () => {
  const { body, headers } = await call('GET', '/');
  expect(headers.get('content-type')).toBe('application/json');
  expect(body.paths).toEqual([...body.paths].sort());
  expect(body.paths).toEqual(
    expect.arrayContaining(['/api/v1', '/apis/', '/apis/apps', '/apis/apps/v1', '/livez/ping', '/metrics', '/version']),
  );
  for (const path of body.paths.filter((p: string) => /^\/(healthz|livez|readyz|metrics|version|api)/.test(p)))
    if (path !== '/apis/') expect((await call('GET', path)).status, path).toBe(200);
});

it('answers health by any method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
    const { status, body, headers } = await call(method, '/livez');
    expect([status, body, headers.get('content-type')]).toEqual([200, 'ok', 'text/plain; charset=utf-8']);
  }
  expect(await call('HEAD', '/readyz')).toMatchObject({ status: 200, body: '' });
  expect((await call('GET', '/livez/')).status).toBe(404);
  expect((await call('GET', '/livez/constructor')).status).toBe(404);
});

it('says what it was asked to leave out, and what is not there to be left out', async () => {
  const { body } = await call('GET', '/readyz?verbose&exclude=etcd&exclude=nope&exclude=also');
  expect(body).toContain('[+]etcd excluded: ok\n');
  expect(body).toMatch(
    /\nwarn: some health checks cannot be excluded: no matches for "also","nope"\nreadyz check passed\n$/,
  );
});

it('readiness is asked of other things than life', async () => {
  const [live, ready] = [await verbose('livez'), await verbose('readyz')];
  expect(live.filter((name) => !ready.includes(name))).toEqual(['loopback-serving-certificate', 'ez']);
  expect(ready.filter((name) => !live.includes(name))).toEqual(['etcd-readiness', 'informer-sync', 'shutdown', 'dyz']);
});

it('counts the stored objects for a scraper', async () => {
  const count = async (): Promise<number> => {
    const { body, headers } = await call('GET', '/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    return Number(/^apiserver_resource_objects\{group="",resource="secrets"\} (\d+)$/m.exec(body)![1]);
  };
  const before = await count();
  await call('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' } });
  expect(await count()).toBe(before + 1);
});

it('takes a DELETE of the metrics for their reset', async () => {
  const { status, body, headers } = await call('DELETE', '/metrics');
  expect([status, body, headers.get('content-type')]).toEqual([200, 'metrics reset\n', 'text/plain; charset=utf-8']);
  expect((await call('DELETE', '/metrics/slis')).body).toContain('# HELP kubernetes_healthcheck');
});

it('is nobody else’s business', async () => {
  for (const path of ['/', '/metrics'])
    expect((await call('GET', path, undefined, { authorization: null })).status).toBe(403);
});
