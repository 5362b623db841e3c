import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import worker from '../../worker.ts';
import { MAX_AGE_SECONDS } from './cross-origin.ts';

const deployed = (exports as unknown as { default: Fetcher }).default;
const HOSTED = 'https://diorama.test';
const PAGE = 'https://blog.example';

async function createCluster(): Promise<{ id: string; token: string }> {
  const answer = await deployed.fetch(`${HOSTED}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: PAGE },
    body: JSON.stringify({ profile: 'api' }),
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  return answer.json();
}

const exposed = (answer: Response): string[] => answer.headers.get('access-control-expose-headers')!.split(', ');

describe('a page of another origin', () => {
  it.each([
    '/v1/clusters',
    '/v1/clusters/aaaaaaaaaa/clock',
    '/v1/nothing',
    '/clusters/aaaaaaaaaa/api/v1/pods',
    '/clusters/aaaaaaaaaa/etcd/v3/kv/range',
    '/clusters/aaaaaaaaaa/at/3/api/v1/pods',
    '/embed/new',
  ])('may send what it asks for to %s', async (path) => {
    const answer = await deployed.fetch(`${HOSTED}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type,x-mine',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(answer.headers.get('access-control-max-age')).toBe(String(MAX_AGE_SECONDS));
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-mine');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('access-control-allow-private-network')).toBeNull();
  });

  it('is told of a preflight for a server on its own machine', async () => {
    const answer = await deployed.fetch(`${HOSTED}/v1/clusters`, {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'access-control-request-method': 'GET',
        'access-control-request-private-network': 'true',
      },
    });
    expect(answer.headers.get('access-control-allow-private-network')).toBe('true');
  });

  it('may read answers, refusals and headers alike', async () => {
    const { id, token } = await createCluster();
    const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      deployed.fetch(`${HOSTED}${path}`, { headers: { origin: PAGE, ...headers } });
    const authorization = { authorization: `Bearer ${token}` };
    for (const [path, headers, status] of [
      [`/clusters/${id}/api/v1/namespaces`, authorization, 200],
      [`/clusters/${id}/api/v1/namespaces`, { authorization: 'Bearer wrong' }, 401],
      [`/clusters/${id}/api/v1/nothing`, authorization, 404],
      ['/clusters/nowhere/api', authorization, 404],
      [`/v1/clusters/${id}`, authorization, 200],
      [`/v1/clusters/${id}`, {}, 401],
      ['/v1/nothing', {}, 404],
    ] as [string, Record<string, string>, number][]) {
      const answer = await ask(path, headers);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('vary')).toContain('origin');
      expect(exposed(answer)).toEqual(expect.arrayContaining(['location', 'retry-after', 'warning', 'audit-id']));
    }
  });

  it('is not needed: an answer to anybody else says nothing of origins', async () => {
    const answer = await deployed.fetch(`${HOSTED}/v1/nothing`);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const options = await deployed.fetch(`${HOSTED}/v1/clusters`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, GET, OPTIONS']);
  });

  it.each([
    [undefined, 200],
    ['http://localhost:8787', 200],
    ['http://127.0.0.1:3000', 200],
    [PAGE, 401],
    ['null', 401],
  ])('from %s, is told by a local server which clusters there are: %d', async (origin, status) => {
    const local = { ...(env as object), LOCAL_HTTPS_ORIGIN: 'https://localhost:8788' };
    const request = new Request('http://localhost:8787/v1/clusters', { headers: origin ? { origin } : {} });
    const answer = await worker.fetch(request, local as never, {} as ExecutionContext);
    expect(answer.status).toBe(status);
  });
});
