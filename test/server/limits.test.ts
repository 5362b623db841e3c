/** What strangers and one cluster may ask of a server, on both sides; and that heavy use of one's own machine meets no limit. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const RAM_DISK = '/dev/shm';
const folder = mkdtempSync(join(existsSync(RAM_DISK) ? RAM_DISK : tmpdir(), 'diorama-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Cluster {
  id: string;
  token: string;
}

/** Node's own `fetch` opens too few connections for what is tried here. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

function send(
  server: LocalServer,
  path: string,
  init: { method?: string; token?: string; body?: unknown } = {},
): Promise<Answer> {
  const { method = init.body === undefined ? 'GET' : 'POST', token, body } = init;
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((fulfil, reject) => {
    const sent = request(
      `${server.url.replace('localhost', '127.0.0.1')}${path}`,
      { method, headers, agent },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => fulfil({ status: answer.statusCode!, headers: answer.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const create = (server: LocalServer): Promise<Answer> =>
  send(server, '/v1/clusters', { body: { nodes: 0, profile: 'api' } });
const made = async (server: LocalServer): Promise<Cluster> => JSON.parse((await create(server)).text) as Cluster;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const statuses = (answers: Answer[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const CREATIONS = 6;

describe('with limits of its own, a server', () => {
  let server: LocalServer;
  /** So little comes back within a second that a slow machine meets the same limits. */
  const LIMITS = JSON.stringify({
    creations: { perSecond: 0.001, burst: CREATIONS },
    anonymous: { perSecond: 0.001, burst: 30 },
    requests: { perSecond: 1, burst: 60 },
    work: { perSecond: 2, burst: 1000 },
  });
  const stateDir = join(folder, 'limited');
  // What was counted is in the Worker's memory: each test has it anew.
  beforeEach(async () => {
    server = await startServer({ stateDir, settings: { LIMITS }, bundled: existsSync(join(stateDir, 'worker.js')) });
  });
  afterEach(() => server.stop());

  it('answers a cluster over its requests as flow control does, and no other cluster', async () => {
    const [busy, quiet] = [await made(server), await made(server)];
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => send(server, `/clusters/${busy.id}/version`, { token: busy.token })),
    );
    expect(statuses(answers)[200]).toBeGreaterThanOrEqual(60);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.text).toBe('Too many requests, please try again later.\n');
    expect(refused.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect((await send(server, `/clusters/${quiet.id}/version`, { token: quiet.token })).status).toBe(200);
    const again = () => send(server, `/clusters/${busy.id}/version`, { token: busy.token });
    await expect.poll(async () => (await again()).status, { timeout: 60_000, interval: 500 }).toBe(200);
  });

  it('counts what its object does, and says how long that takes to make up for', async () => {
    const [busy, quiet] = [await made(server), await made(server)];
    const at = (cluster: Cluster) => `/clusters/${cluster.id}${CONFIG_MAPS}`;
    for (let i = 0; i < 4; i++) {
      const body = { metadata: { name: `big-${i}` }, data: { text: 'x'.repeat(600_000) } };
      expect((await send(server, at(busy), { token: busy.token, body })).status).toBe(201);
    }
    const list = () => send(server, at(busy), { token: busy.token });
    let answer = await list();
    for (let i = 0; i < 20 && answer.status === 200; i++) answer = await list();
    expect([answer.status, answer.text]).toEqual([429, 'Too many requests, please try again later.\n']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(2);
    expect((await send(server, at(quiet), { token: quiet.token })).status).toBe(200);
  });

  it('refuses strangers by their address, in the words of each API, and lets in who has a token', async () => {
    const cluster = await made(server);
    const path = `/clusters/${cluster.id}/version`;
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(server, path)));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(refused.text)).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      code: 429,
      details: { retryAfterSeconds: Number(refused.headers['retry-after']) },
    });
    expect((await send(server, path, { token: 'wrong' })).status).toBe(429);
    expect((await send(server, '/clusters/aaaaaaaaaa/version')).status).toBe(429);
    const problem = await send(server, '/v1/openapi.json');
    expect([problem.status, problem.headers['content-type']]).toEqual([429, 'application/problem+json']);
    expect((await send(server, path, { token: cluster.token })).status).toBe(200);
  });

  it('makes only so many clusters for one address', async () => {
    for (let i = 0; i < CREATIONS; i++) expect((await create(server)).status).toBe(201);
    const refused = await create(server);
    expect([refused.status, refused.headers['content-type']]).toEqual([429, 'application/problem+json']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    // A file that is none is none of those.
    const sent = await fetch(`${server.url}/v1/clusters/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: 'Bearer any' },
      body: 'nonsense\n',
    });
    expect(sent.status).toBe(400);
  });
});

it.each(['{', '{"creation":{}}', '{"work":{"perSecond":-1,"burst":5}}'])(
  'a server is not started with the limits %s',
  (limits) => {
    const args = ['scripts/start.ts', '--port', '0', '--state', join(folder, 'refused'), '--limits', limits];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('The limits cannot be used: ')]);
  },
);

describe('on one’s own machine', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startServer({ stateDir: join(folder, 'own') });
  });
  afterAll(() => server.stop());

  it('200 clusters are made at once, and then 50 in each second', async () => {
    expect(statuses(await Promise.all(Array.from({ length: 200 }, () => create(server))))).toEqual({ 201: 200 });
    const waves: Answer[] = [];
    for (let second = 0; second < 3; second++) {
      const until = Date.now() + 1000;
      waves.push(...(await Promise.all(Array.from({ length: 50 }, () => create(server)))));
      await new Promise((fulfil) => setTimeout(fulfil, Math.max(0, until - Date.now())));
    }
    expect(statuses(waves)).toEqual({ 201: 150 });
  });

  it('1,000 watches, and reads and writes beside them, meet no limit', async () => {
    const cluster = await made(server);
    const path = `/clusters/${cluster.id}${CONFIG_MAPS}`;
    const sockets: WebSocket[] = [];
    const url = `${server.url.replace('http', 'ws')}${path}?watch=true`;
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from(cluster.token).toString('base64url')}`;
    const open = () =>
      new Promise<void>((fulfil, reject) => {
        const socket = new WebSocket(url, [token, 'text.k8s.io']);
        sockets.push(socket);
        socket.onopen = () => fulfil();
        socket.onerror = () => reject(new Error(`watch ${sockets.length} was refused`));
      });
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 50 }, open));
    const reads: Answer[] = [];
    const one = async () => {
      for (let i = 0; i < 100; i++)
        reads.push(await send(server, `${path}/kube-root-ca.crt`, { token: cluster.token }));
    };
    await Promise.all(Array.from({ length: 16 }, one));
    const writes = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        send(server, path, { token: cluster.token, body: { metadata: { name: `w${i}` } } }),
      ),
    );
    for (const socket of sockets) socket.close();
    expect([statuses(reads), statuses(writes)]).toEqual([{ 200: 1600 }, { 201: 50 }]);
  });
});
