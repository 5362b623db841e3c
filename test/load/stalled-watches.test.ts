/**
 * Watches over raw connections that are never read, while large objects change: over HTTP, over WebSocket, and etcd's. The server lives,
 * stays within its memory and answers others. `STALLED_WATCHES=200` for more of them.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';

const WATCHES = Number(process.env.STALLED_WATCHES ?? 30);
const UPDATES = 24;
/** More than the system's own buffers and the window of a watch, together with the backlog that ends it. */
const VALUE_BYTES = 1_000_000;
const MAX_RESIDENT_MB = 600;
const PATH = '/api/v1/namespaces/default/configmaps';

let sandbox: Sandbox;
let cluster: { id: string; server: string; token: string };
let other: typeof cluster;

beforeAll(async () => {
  sandbox = await openSandbox();
  cluster = await sandbox.createCluster({ nodes: 0, profile: 'api' });
  other = await sandbox.createCluster({ nodes: 0, profile: 'api' });
});
afterAll(() => sandbox.close());

const send = (method: string, path: string, body: unknown): Promise<Response> =>
  fetch(`${cluster.server}${path}`, {
    method,
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const residentMB = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sandbox.server.pid}/status`, 'utf8'))![1]) / 1024;

const WATCH_ALL = JSON.stringify({
  create_request: { key: btoa('/registry/configmaps/'), range_end: btoa('/registry/configmaps0') },
});
const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

const heads: Record<string, () => string> = {
  HTTP: () => `GET /clusters/${cluster.id}${PATH}?watch=true HTTP/1.1\r\n`,
  WebSocket: () => `GET /clusters/${cluster.id}${PATH}?watch=true HTTP/1.1\r\n${UPGRADE}`,
  'etcd’s gateway': () =>
    `POST /clusters/${cluster.id}/etcd/v3/watch HTTP/1.1\r\nContent-Length: ${WATCH_ALL.length}\r\n`,
};

/** Reads the answer's beginning, and then nothing. */
function stall(head: string, body: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(sandbox.server.url).port), '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.write(`${head}Host: localhost\r\nAuthorization: Bearer ${cluster.token}\r\n\r\n${body}`);
  });
}

it.each(Object.keys(heads))('over %s', async (name) => {
  expect((await send('POST', PATH, { metadata: { name: 'large' } })).status).toBe(201);
  const body = name.startsWith('etcd') ? WATCH_ALL : '';
  const sockets = await Promise.all(Array.from({ length: WATCHES }, () => stall(heads[name]!(), body)));
  let most = 0;
  for (let i = 0; i < UPDATES; i++) {
    const value = String(i % 10).repeat(VALUE_BYTES);
    expect((await send('PUT', `${PATH}/large`, { metadata: { name: 'large' }, data: { value } })).status).toBe(200);
    const answer = await fetch(`${other.server}/api/v1/namespaces/default`, {
      headers: { authorization: `Bearer ${other.token}` },
    });
    expect(answer.status).toBe(200);
    await answer.text();
    most = Math.max(most, residentMB());
  }
  for (const socket of sockets) socket.destroy();
  expect(most).toBeLessThan(MAX_RESIDENT_MB);
  expect((await send('DELETE', `${PATH}/large`, {})).status).toBe(200);
});
