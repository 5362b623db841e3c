/** Heavy requests are computed in a process of their own: while that stands still, everything else goes on, and what waits is answered after. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_HEAVY_PROCESS } from '../../scripts/local/workerd-config.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { OFFLOADED_BODY_BYTES, OFFLOADED_READ_BYTES } from '../../src/platform/limits.ts';

const RAM_DISK = '/dev/shm';
const folder = mkdtempSync(join(existsSync(RAM_DISK) ? RAM_DISK : tmpdir(), 'diorama-heavy-'));
let server: LocalServer;
let cluster: { id: string; token: string };
beforeAll(async () => {
  server = await startServer({ stateDir: folder });
  const made = await fetch(`${server.url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"nodes":0,"profile":"api"}',
  });
  cluster = (await made.json()) as typeof cluster;
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface Init {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

async function ask(path: string, { method = 'GET', body, headers = {} }: Init = {}) {
  const response = await fetch(`${server.url}/clusters/${cluster.id}${path}`, {
    method,
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A ConfigMap whose JSON has so many bytes. */
function sized(name: string, bytes: number): string {
  const text = (filler: number) => JSON.stringify({ metadata: { name }, data: { text: 'x'.repeat(filler) } });
  return text(bytes - text(0).length);
}

const create = (body: string) => ask(CONFIG_MAPS, { method: 'POST', body });

/** What `work` starts while the process stands still; `before` is to be done meanwhile. */
async function standingStill<T>(work: () => Promise<T>, before: () => Promise<void>): Promise<T> {
  const pid = server.heavyPid()!;
  process.kill(pid, 'SIGSTOP');
  try {
    let answered = false;
    const waiting = work().finally(() => {
      answered = true;
    });
    await before();
    expect(answered).toBe(false);
    process.kill(pid, 'SIGCONT');
    return await waiting;
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** So many small requests that whatever could be answered would have been. */
async function smallOnes(): Promise<void> {
  for (let i = 0; i < 50; i++) expect((await ask('/api/v1/namespaces/default')).status).toBe(200);
}

const YAML = { headers: { accept: 'application/yaml' } };

/** Sent part by part, without a length. */
function createInParts(parts: string[]): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      controller.close();
    },
  });
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  const url = `${server.url}/clusters/${cluster.id}${CONFIG_MAPS}`;
  return fetch(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
}

describe('a body that does not say how long it is', () => {
  it.each([100, OFFLOADED_BODY_BYTES - 1, OFFLOADED_BODY_BYTES, OFFLOADED_BODY_BYTES + 1, 300_000])(
    'is stored as it was sent: %i bytes',
    async (bytes) => {
      const body = sized(`parts-${bytes}`, bytes);
      const parts = body.match(new RegExp(`.{1,${Math.ceil(bytes / 7)}}`, 'g'))!;
      expect((await createInParts(parts)).status).toBe(201);
      const stored = JSON.parse((await ask(`${CONFIG_MAPS}/parts-${bytes}`)).text) as { data: unknown };
      expect(stored.data).toEqual((JSON.parse(body) as { data: unknown }).data);
    },
  );

  it.skipIf(!HAS_HEAVY_PROCESS)('is read here as long as it is short', async () => {
    const pid = server.heavyPid()!;
    process.kill(pid, 'SIGSTOP');
    try {
      expect((await createInParts([sized('short-parts', OFFLOADED_BODY_BYTES - 1)])).status).toBe(201);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

describe.skipIf(!HAS_HEAVY_PROCESS)('the process for heavy work', () => {
  it('has the requests with long bodies, and no others', async () => {
    const answer = await standingStill(
      () => create(sized('long', OFFLOADED_BODY_BYTES)),
      async () => {
        expect((await create(sized('short', OFFLOADED_BODY_BYTES - 1))).status).toBe(201);
        await smallOnes();
      },
    );
    expect(answer.status).toBe(201);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-diorama'))).toEqual([]);
    const found = await ask(`${CONFIG_MAPS}/long`);
    expect(JSON.parse(found.text)).toMatchObject(JSON.parse(answer.text));
  });

  it('has what is made of much that is stored, also when that was not known', async () => {
    expect((await create(sized('large', OFFLOADED_READ_BYTES + 1000))).status).toBe(201);
    expect((await create(sized('smaller', OFFLOADED_READ_BYTES - 1000))).status).toBe(201);
    const path = `${CONFIG_MAPS}/large`;
    const patch = {
      method: 'PATCH',
      body: '{"data":{"a":"b"}}',
      headers: { 'content-type': 'application/merge-patch+json' },
    };
    const answers = await standingStill(
      () => Promise.all([ask(path, YAML), ask(path, patch), ask(CONFIG_MAPS, YAML)]),
      async () => {
        for (const plain of [path, CONFIG_MAPS, `${CONFIG_MAPS}?limit=500`])
          expect((await ask(plain)).status).toBe(200);
        expect((await ask(`${CONFIG_MAPS}/smaller`, YAML)).status).toBe(200);
        await smallOnes();
      },
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(JSON.parse(answers[1]!.text).data.a).toBe('b');
    // By now it is known.
    expect((await standingStill(() => ask(path, patch), smallOnes)).status).toBe(200);
  });

  it('serves whom the request is from, however much is said of him', async () => {
    const extra = 'ü'.repeat(2000);
    const headers = { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters', accept: 'application/yaml' };
    const many = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`impersonate-extra-x${i}`, encodeURIComponent(extra)]),
    );
    expect((await ask(`${CONFIG_MAPS}/large`, { headers: { ...headers, ...many } })).status).toBe(200);
    const { 'impersonate-group': _, ...nobody } = headers;
    expect((await ask(`${CONFIG_MAPS}/large`, { headers: nobody })).status).toBe(403);
  });

  it('has simulations, with and without a token', async () => {
    const simulate = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1/simulate/cni`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"nodes":[{"name":"a"}],"pods":[{"name":"p","node":"a"}]}',
      });
    const token = { authorization: `Bearer ${cluster.token}` };
    const answers = await standingStill(() => Promise.all([simulate({}), simulate(token)]), smallOnes);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]!.headers.get('x-content-type-options')).toBe('nosniff');
    const wrong = await simulate({ authorization: 'Bearer wrong' });
    expect(wrong.status).toBe(401);
  });

  it('believes nobody but the process that admits', async () => {
    const forged = encodeURIComponent(
      JSON.stringify({
        id: cluster.id,
        identity: { user: 'x', groups: ['system:masters'] },
        pathname: '/api/v1/namespaces/kube-system/secrets',
        address: 'https://a',
      }),
    );
    const headers = { 'content-type': 'application/json', 'x-diorama-admitted': forged, 'x-diorama-opened': 'true' };
    const body = JSON.stringify({ nodes: [{ name: 'a', reserved: Array(30_000).fill('10.0.0.1') }], pods: [] });
    const simulated = await fetch(`${server.url}/v1/simulate/cni`, { method: 'POST', headers, body });
    expect([simulated.status, (await simulated.json()) as object]).toEqual([
      422,
      expect.objectContaining({ detail: expect.stringContaining('With the token of a cluster it may be more.') }),
    ]);
    const yaml = { authorization: '', accept: 'application/yaml', 'x-diorama-admitted': forged };
    expect((await ask(`${CONFIG_MAPS}/large`, { headers: yaml })).status).toBe(403);
  });

  it('is started anew when it has ended, and what it had is answered', async () => {
    const before = server.heavyPid()!;
    process.kill(before, 'SIGSTOP');
    const waiting = [create(sized('cut-off', OFFLOADED_BODY_BYTES)), ask(`${CONFIG_MAPS}/large`, YAML)];
    await smallOnes();
    process.kill(before, 'SIGKILL');
    // Of the write nobody knows what became; the read may be asked again.
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([504, 429]);
    await expect.poll(() => server.heavyPid(), { timeout: 60_000 }).not.toBe(before);
    const again = async () => (await ask(`${CONFIG_MAPS}/large`, YAML)).status;
    await expect.poll(again, { timeout: 60_000 }).toBe(200);
    expect((await create(sized('after', OFFLOADED_BODY_BYTES))).status).toBe(201);
  });
});
