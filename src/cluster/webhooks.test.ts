/** Webhooks of a cluster in its object, which may sleep under a bridge and forgets nothing by it. */
import { evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import type { WebhookCall } from '../objects/webhook-call.ts';
import { BRIDGE_PROTOCOL, PING, PONG, partsOf, readPart } from '../objects/webhook-wire.ts';
import { HeldBytes } from '../simulation/held-bytes.ts';
import type { Env } from './env.ts';
import { wayOf } from './webhook-ways.ts';

const { CLUSTER } = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';
const HOOK = 'https://localhost:9443/v';
const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';

interface Cluster {
  id: string;
  token: string;
  ask(method: string, path: string, body?: unknown): Promise<LooseObject>;
}

async function makeCluster(): Promise<Cluster> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ profile: 'api' });
  const made = await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST', headers, body });
  const { id, token } = (await made.json()) as { id: string; token: string };
  return {
    id,
    token,
    async ask(method, path, sent) {
      const answer = await worker.fetch(`${ORIGIN}/clusters/${id}${path}`, {
        method,
        headers: { ...headers, authorization: `Bearer ${token}` },
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      });
      return answer.json();
    },
  };
}

const configuration = {
  metadata: { name: 'h' },
  webhooks: [
    {
      name: 'h.example.org',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: HOOK },
      timeoutSeconds: 5,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
  ],
};

/** A bridge that puts `data` into what it is asked about. */
async function openBridge({ id, token }: Cluster): Promise<{ socket: WebSocket; asked: LooseObject[] }> {
  const response = await worker.fetch(`${ORIGIN}/clusters/${id}/bridge/webhooks?to=${encodeURIComponent(HOOK)}`, {
    headers: { upgrade: 'websocket', authorization: `Bearer ${token}`, 'sec-websocket-protocol': BRIDGE_PROTOCOL },
  });
  expect([response.status, response.headers.get('sec-websocket-protocol')]).toEqual([101, BRIDGE_PROTOCOL]);
  const socket = response.webSocket!;
  const asked: LooseObject[] = [];
  socket.accept();
  socket.addEventListener('message', ({ data }) => {
    const part = readPart(String(data));
    if (!part) return void asked.push({ said: data });
    const { apiVersion, kind, request } = JSON.parse(JSON.parse(part.text).body);
    asked.push(request);
    const patch = btoa(JSON.stringify([{ op: 'add', path: '/data', value: { from: 'bridge' } }]));
    const response = { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch };
    const value = { status: 200, contentType: '', body: JSON.stringify({ apiVersion, kind, response }) };
    for (const text of partsOf({ id: part.id, value })) socket.send(text);
  });
  return { socket, asked };
}

describe('a bridge in the object', () => {
  it('is there after the object was away, and says so without waking it', async () => {
    const cluster = await makeCluster();
    await cluster.ask('POST', `${HOOKS}/mutatingwebhookconfigurations`, configuration);
    expect((await cluster.ask('POST', MAPS, { metadata: { name: 'a' } })).message).toContain('no such host');
    const { socket, asked } = await openBridge(cluster);
    expect((await cluster.ask('POST', MAPS, { metadata: { name: 'b' } })).data).toEqual({ from: 'bridge' });
    await evictDurableObject(CLUSTER.getByName(cluster.id));
    expect((await cluster.ask('POST', MAPS, { metadata: { name: 'c' } })).data).toEqual({ from: 'bridge' });
    expect(asked.map(({ name }) => name)).toEqual(['b', 'c']);
    socket.send(PING);
    await vi.waitFor(() => expect(asked.at(-1)).toEqual({ said: PONG }));
    socket.close();
    await vi.waitFor(async () =>
      expect((await cluster.ask('POST', MAPS, { metadata: { name: crypto.randomUUID() } })).code).toBe(500),
    );
  });

  it('ends with its cluster, and is no watch', async () => {
    const cluster = await makeCluster();
    const { socket } = await openBridge(cluster);
    const closed = new Promise<void>((fulfil) => void socket.addEventListener('close', () => fulfil()));
    await worker.fetch(`${ORIGIN}/v1/clusters/${cluster.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${cluster.token}` },
    });
    await closed;
  });

  it('is nobody’s who may do less, and stands for https alone', async () => {
    const cluster = await makeCluster();
    const at = (query: string, headers: Record<string, string>): Promise<Response> =>
      worker.fetch(`${ORIGIN}/clusters/${cluster.id}/bridge/webhooks${query}`, { headers });
    const admin = { authorization: `Bearer ${cluster.token}` };
    const statuses = [
      await at('?to=https://a/', {}),
      await at('?to=https://a/', { authorization: 'Bearer nobody' }),
      await at('', admin),
      await at('?to=http://a/', admin),
      await at('?to=https://a/', admin),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 422, 422, 426]);
  });
});

describe('the platform’s own fetch', () => {
  afterEach(() => vi.unstubAllGlobals());
  const held = new HeldBytes(10_000_000).open('a');
  const way = (made: WebhookCall) => wayOf(undefined).call(made, held);
  const call = {
    url: 'https://hooks.example.org/v?timeout=1s',
    body: '{"a":1}',
    timeoutSeconds: 1,
    maxAnswerBytes: 3_000_000,
  };
  const answering = (answer: (request: Request) => Response | Promise<Response>) =>
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => answer(new Request(url, init)));

  it('posts JSON and follows nobody elsewhere', async () => {
    let seen: Request | undefined;
    answering((request) => {
      seen = request;
      return new Response('moved', { status: 302, headers: { location: 'https://elsewhere.example/' } });
    });
    expect(await way(call)).toMatchObject({ status: 302, body: 'moved' });
    expect([seen!.method, seen!.redirect, await seen!.text()]).toEqual(['POST', 'manual', '{"a":1}']);
  });

  it('says what Go says when it gets nowhere, and reads no more than it may', async () => {
    answering(() => Promise.reject(new Error('network')));
    expect(await way(call)).toEqual({ error: 'dial tcp: lookup hooks.example.org: no such host' });
    answering(
      (request) => new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(new Error()))),
    );
    expect(await way(call)).toEqual({ error: 'context deadline exceeded' });
    const piece = new Uint8Array(1024 * 1024);
    const sized = (bytes: number): Response =>
      new Response(
        new ReadableStream({
          pull(controller) {
            for (let left = bytes; left > 0; left -= piece.length) controller.enqueue(piece.slice(0, left));
            controller.close();
          },
        }),
      );
    answering(() => sized(call.maxAnswerBytes));
    expect(await way(call)).toMatchObject({ status: 200 });
    answering(() => sized(call.maxAnswerBytes + 1));
    expect(await way(call)).toEqual({ unread: `the answer is longer than ${call.maxAnswerBytes} bytes` });
  });
});
