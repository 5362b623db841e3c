/**
 * Raw connections whose answers are never read, and whose bodies never end, in several clusters at once: what the process holds for them
 * is bounded, it lives, and another cluster is answered. `STALLED_READERS=200` for more of them, each for longer.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';

const READERS = Number(process.env.STALLED_READERS ?? 16);
const CLUSTERS = 2;
const OBJECTS = 24;
const OBJECT_BYTES = 700_000;
const MAX_RESIDENT_MB = 600;
/** As often is another cluster asked while they stand still, and so many milliseconds are between. */
const QUESTIONS = Math.max(10, READERS / 2);
const PAUSE_MS = 50;
const PATH = '/api/v1/namespaces/default/secrets';

interface Cluster {
  id: string;
  server: string;
  token: string;
}

let sandbox: Sandbox;
let other: Cluster;
let full: Cluster[];

const send = (cluster: Cluster, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${cluster.server}${path}`, {
    method,
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  sandbox = await openSandbox();
  const create = () => sandbox.createCluster({ nodes: 0, profile: 'api' });
  other = await create();
  full = [];
  for (let i = 0; i < CLUSTERS; i++) full.push(await create());
  const fill = async (cluster: Cluster): Promise<void> => {
    for (let i = 0; i < OBJECTS; i++) {
      const v = randomBytes(OBJECT_BYTES).toString('base64');
      const made = await send(cluster, 'POST', PATH, { metadata: { name: `s${i}` }, data: { v } });
      expect(made.status).toBe(201);
    }
  };
  await Promise.all(full.map(fill));
}, 600_000);
afterAll(() => sandbox.close());

const kilobytes = (pid: number, what: string): number =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

/** Of both processes; the program itself is the same pages for both. */
function residentMB(): number {
  const { pid, heavyPid } = sandbox.server;
  const heavy = heavyPid();
  return (kilobytes(pid, 'VmRSS') + (heavy === undefined ? 0 : kilobytes(heavy, 'RssAnon'))) / 1024;
}

const INITIAL =
  '?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=600';
const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const RANGE = { key: btoa('/registry/secrets/'), range_end: btoa('/registry/secrets0') };
const ONE_BY_ONE = Array.from({ length: 20 }, (_, i) => ({
  request_range: { key: btoa(`/registry/secrets/default/s${i}`) },
}));

type Attack = (cluster: Cluster, i: number) => { head: string; body?: string | Buffer };

const get =
  (path: string, headers = ''): Attack =>
  ({ id }, i) => ({ head: `GET /clusters/${id}${path.replaceAll('NUMBER', String(i))} HTTP/1.1\r\n${headers}` });
const etcd =
  (path: string, message: unknown): Attack =>
  ({ id }) => {
    const body = JSON.stringify(message);
    return { head: `POST /clusters/${id}/etcd/v3${path} HTTP/1.1\r\nContent-Length: ${body.length}\r\n`, body };
  };
/** One text message from a client, whose mask is zero. */
const frame = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | 126, text.length >> 8, text.length & 255, 0, 0, 0, 0]), Buffer.from(text)]);
/** A body of which the last bytes never come. */
const upload =
  (line: (id: string) => string, bytes: number, begin = ''): Attack =>
  ({ id }) => ({
    head: `${line(id)} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n`,
    body: begin.padEnd(bytes - 100, 'x'),
  });

const MB = 1024 * 1024;
const attacks: Record<string, Attack> = {
  'watches with initial events': get(PATH + INITIAL),
  'such watches in Protobuf': get(PATH + INITIAL, 'Accept: application/vnd.kubernetes.protobuf;stream=watch\r\n'),
  'such watches over WebSocket': get(PATH + INITIAL, UPGRADE),
  lists: get(PATH),
  'lists that are asked for the first time': get(`${PATH}?n=NUMBER`),
  'pages of lists': get(`${PATH}?limit=7&n=NUMBER`),
  'lists as YAML': get(PATH, 'Accept: application/yaml\r\n'),
  'single objects': get(`${PATH}/s1?n=NUMBER`),
  'the OpenAPI document': get('/openapi/v2'),
  exports: ({ id }) => ({ head: `GET /v1/clusters/${id}/export HTTP/1.1\r\n` }),
  'watches of etcd': etcd('/watch', { create_request: { ...RANGE, start_revision: 1 } }),
  'ranges of etcd': etcd('/kv/range', RANGE),
  'transactions of etcd': etcd('/kv/txn', { success: ONE_BY_ONE }),
  'ranges of etcd over WebSocket': ({ id }) => ({
    head: `GET /clusters/${id}/etcd/v3/kv/range HTTP/1.1\r\n${UPGRADE}`,
    body: frame(JSON.stringify({ ...RANGE, limit: 20 })),
  }),
  'collections in the course of deletion': ({ id }) => ({
    head: `DELETE /clusters/${id}${PATH}?dryRun=All HTTP/1.1\r\n`,
  }),
  'bodies that never end': upload((id) => `POST /clusters/${id}${PATH}`, 3 * MB),
  'bodies to etcd that never end': upload((id) => `POST /clusters/${id}/etcd/v3/kv/put`, 8 * MB),
  'messages to etcd that never end': upload((id) => `POST /clusters/${id}/etcd/v3/watch`, 8 * MB, '{"a":"'),
  'bodies to the platform that never end': upload(() => 'POST /v1/clusters', 3 * MB),
  'imports that never end': ({ id }) => {
    const { head, body } = upload(() => 'POST /v1/clusters/import', 8 * MB)({ id } as Cluster, 0);
    return { head: head.replace('application/json', 'application/x-ndjson'), body: body! };
  },
};

/** Reads the answer's beginning at the most, and then nothing. */
function stall(cluster: Cluster, { head, body }: ReturnType<Attack>): Socket {
  const socket = connect(Number(new URL(sandbox.server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('data', () => socket.pause());
  socket.write(`${head}Host: localhost\r\nAuthorization: Bearer ${cluster.token}\r\n\r\n`);
  if (body) socket.write(body);
  return socket;
}

it.each(Object.keys(attacks))(
  '%s',
  async (name) => {
    const sockets = Array.from({ length: READERS }, (_, i) => {
      const cluster = full[i % CLUSTERS]!;
      return stall(cluster, attacks[name]!(cluster, i));
    });
    let most = 0;
    for (let i = 0; i < QUESTIONS; i++) {
      const answer = await send(other, 'GET', '/api/v1/namespaces/default');
      expect(answer.status).toBe(200);
      await answer.text();
      most = Math.max(most, residentMB());
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    for (const socket of sockets) socket.destroy();
    expect(Math.max(most, residentMB())).toBeLessThan(MAX_RESIDENT_MB);
  },
  120_000,
);

/** As clients do who are told to come back. */
async function patiently(ask: () => Promise<Response>): Promise<Response> {
  for (let answer = await ask(); ; answer = await ask()) {
    if (answer.status !== 429) return answer;
    await answer.text();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

it('leave room for whoever reads', async () => {
  const watches = full.flatMap((cluster) =>
    Array.from({ length: 6 }, () => stall(cluster, attacks['watches with initial events']!(cluster, 0))),
  );
  await Promise.all(
    full.map(async (cluster) => {
      const answer = await patiently(() =>
        fetch(`${cluster.server}${PATH}${INITIAL}`, { headers: { authorization: `Bearer ${cluster.token}` } }),
      );
      expect(answer.status).toBe(200);
      const seen = new Set<string>();
      let rest = '';
      for await (const text of answer.body!.pipeThrough(new TextDecoderStream())) {
        rest += text;
        for (const [, found] of rest.matchAll(/"name":"(s\d+)"/g)) seen.add(found!);
        if (rest.includes('k8s.io/initial-events-end')) break;
        rest = rest.slice(-100);
      }
      expect(seen.size).toBe(OBJECTS);
    }),
  );
  for (const socket of watches) socket.destroy();
}, 120_000);
