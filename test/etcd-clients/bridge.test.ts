/** The bridge and the clients that people have: etcd's Go library, etcdctl, and any other that speaks gRPC. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { etcdServices, type Message } from '../../src/cli/bridge/definitions.ts';
import { MAX_REQUEST_BYTES } from '../../src/cli/bridge/serve.ts';
import { openSandbox, type Sandbox } from '../clients/sandbox.ts';
import { type Bridge, findProgram, runCli, runProgram, startBridge } from './program.ts';

const GO = findProgram('go');
const ETCDCTL = findProgram('etcdctl');
/** A first build takes this long on a small machine; later ones are cached. */
const BUILD_MS = 400_000;

let sandbox: Sandbox;
let bridge: Bridge;
let cluster: { id: string; server: string; token: string };

beforeAll(async () => {
  sandbox = await openSandbox();
  cluster = await sandbox.createCluster({ nodes: 1 });
  bridge = await startBridge(cluster);
});

afterAll(async () => {
  await bridge?.stop();
  await sandbox?.close();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A client of one service, from the definitions that the server has too. */
function clientOf(service: string): any {
  const Client = grpc.makeClientConstructor(etcdServices()[service]!, service);
  return new Client(new URL(bridge.endpoint).host, grpc.credentials.createInsecure());
}

const call = (client: any, method: string, request: Message): Promise<Message> =>
  new Promise((resolve, reject) => {
    client[method](request, (error: unknown, answer: Message) => (error ? reject(error) : resolve(answer)));
  });

describe('gRPC', () => {
  it('tells errors with the codes and the words of etcd', async () => {
    const kv = clientOf('KV');
    await expect(call(kv, 'Put', {})).rejects.toMatchObject({ code: 3, details: 'etcdserver: key is not provided' });
    const future = { key: base64('a'), revision: '9000000000000000' };
    await expect(call(kv, 'Range', future)).rejects.toMatchObject({
      code: 11,
      details: 'etcdserver: mvcc: required revision is a future revision',
    });
    kv.close();
  });

  it('takes messages of so many bytes, and leaves it to the cluster what of them is too much', async () => {
    const kv = clientOf('KV');
    // A message has a few bytes beside the value.
    const put = (bytes: number) => call(kv, 'Put', { key: base64('k'), value: Buffer.alloc(bytes).toString('base64') });
    await expect(put(MAX_REQUEST_BYTES - 16)).rejects.toMatchObject({
      code: 3,
      details: 'etcdserver: request is too large',
    });
    await expect(put(MAX_REQUEST_BYTES)).rejects.toMatchObject({
      code: 8,
      details: expect.stringContaining('larger than max'),
    });
    kv.close();
  });

  it('answers each keep-alive of a client that has sent its last', async () => {
    const lease = clientOf('Lease');
    const ID = '9223372036854775807';
    expect(await call(lease, 'LeaseGrant', { TTL: '60', ID })).toMatchObject({ ID, TTL: '60' });
    const stream = lease.LeaseKeepAlive();
    stream.write({ ID });
    stream.write({ ID: '1' });
    stream.end();
    const answers: Message[] = [];
    for await (const answer of stream) answers.push(answer);
    expect(answers).toMatchObject([{ ID, TTL: '60' }, { ID: '1' }]);
    lease.close();
  });

  it('shows the keys of Kubernetes, and events of what the API writes', async () => {
    const [kv, watch] = [clientOf('KV'), clientOf('Watch')];
    const key = base64('/registry/configmaps/default/seen');
    const stream = watch.Watch();
    const events: Message[] = [];
    const seen = new Promise<void>((resolve, reject) => {
      stream.on('error', reject);
      stream.on('data', async (answer: Message) => {
        events.push(...(answer.events ?? []));
        if (events.length > 0) resolve();
        if (!answer.created) return;
        await fetch(`${cluster.server}/api/v1/namespaces/default/configmaps`, {
          method: 'POST',
          headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ metadata: { name: 'seen' }, data: { a: 'b' } }),
        });
      });
      stream.write({ create_request: { key } });
    });
    await seen;
    stream.end();
    stream.cancel();
    const { kvs } = await call(kv, 'Range', { key });
    expect(kvs).toEqual([events[0]!.kv]);
    expect(JSON.parse(Buffer.from(kvs[0].value, 'base64').toString()).data).toEqual({ a: 'b' });
    kv.close();
    watch.close();
  });

  it('gives a lock to who waits when the holder goes, and passes over who has left', async () => {
    const lock = clientOf('Lock');
    const name = base64('grpc-lock');
    const held = await call(lock, 'Lock', { name });
    let leaving: { cancel(): void };
    const left = new Promise<{ code: number }>((resolve) => {
      leaving = lock.Lock({ name }, (error: { code: number }) => resolve(error));
    });
    const kv = clientOf('KV');
    const contenders = async (): Promise<number> =>
      Number((await call(kv, 'Range', { key: base64('grpc-lock/'), range_end: base64('grpc-lock0') })).count);
    const until = async (count: number): Promise<void> => {
      while ((await contenders()) !== count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(2);
    leaving!.cancel();
    expect((await left).code).toBe(grpc.status.CANCELLED);
    await until(1);
    const next = call(lock, 'Lock', { name });
    await until(2);
    await call(lock, 'Unlock', { key: held.key });
    expect((await next).key).not.toBe(held.key);
    lock.close();
    kv.close();
  });

  it('elects, proclaims and shows observers each leader', async () => {
    const election = clientOf('Election');
    const name = base64('grpc-election');
    await expect(call(election, 'Leader', { name })).rejects.toMatchObject({ details: 'election: no leader' });
    const { leader } = await call(election, 'Campaign', { name, value: base64('one') });
    expect(leader).toMatchObject({ name });
    const observed = election.Observe({ name });
    observed.on('error', () => {});
    const seen: string[] = [];
    const both = new Promise<void>((resolve) => {
      observed.on('data', async ({ kv }: Message) => {
        seen.push(Buffer.from(kv.value, 'base64').toString());
        if (seen.length === 1) await call(election, 'Proclaim', { leader, value: base64('two') });
        else resolve();
      });
    });
    await both;
    observed.cancel();
    expect(seen).toEqual(['one', 'two']);
    await call(election, 'Resign', { leader });
    election.close();
  });

  it('names itself as the place where the member is', async () => {
    const members = clientOf('Cluster');
    expect((await call(members, 'MemberList', {})).members).toMatchObject([{ clientURLs: [bridge.endpoint] }]);
    members.close();
  });
});

describe('plain HTTP on the same port', () => {
  const get = async (path: string) => {
    const response = await fetch(`${bridge.endpoint}${path}`);
    return { status: response.status, text: await response.text() };
  };

  it('tells of the health, the version and the metrics', async () => {
    expect(await get('/health')).toEqual({ status: 200, text: '{"health":"true","reason":""}' });
    expect(JSON.parse((await get('/version')).text)).toMatchObject({ etcdserver: expect.stringMatching(/^3\./) });
    const { text } = await get('/metrics');
    expect(text).toMatch(/^etcd_debugging_mvcc_keys_total [1-9]\d*$/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m);
    expect((await get('/nothing')).status).toBe(404);
  });

  it('is the JSON gateway, streams and WebSockets too', async () => {
    const post = (path: string, body: unknown) =>
      fetch(`${bridge.endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const [key, value] = [base64('http/a'), base64('1')];
    expect(await (await post('kv/put', { key, value })).json()).toMatchObject({ header: { raft_term: '2' } });
    expect(await (await post('kv/range', { key })).json()).toMatchObject({ kvs: [{ key, value }] });
    const watch = await post('watch', { create_request: { key, start_revision: 1 } });
    const reader = watch.body!.getReader();
    let lines = '';
    while (!lines.includes('"events"')) lines += Buffer.from((await reader.read()).value!).toString();
    await reader.cancel();
    const socket = new WebSocket(`${bridge.endpoint.replace('http', 'ws')}/v3/watch`);
    const answer = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('no socket')));
      socket.addEventListener('open', () => socket.send(JSON.stringify({ create_request: { key } })));
      socket.addEventListener('message', ({ data }) => resolve(String(data)));
    });
    socket.close();
    expect(JSON.parse(answer)).toMatchObject({ result: { created: true } });
  });
});

describe('the command', () => {
  it('says what is wrong with the token, the address or the port', async () => {
    const start = (...args: string[]) => runCli(['bridge', 'etcd', '--listen', '127.0.0.1:0', ...args]);
    const token = await start('--cluster', cluster.server, '--token', 'wrong');
    expect(token).toMatchObject({ code: 1, stderr: expect.stringContaining('401: Unauthorized') });
    const address = await start('--cluster', `${cluster.server}x`, '--token', cluster.token);
    expect(address).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') });
    const port = await start('--cluster', cluster.server, '--token', cluster.token, '--listen', '0.0.0.0:2379');
    expect(port).toMatchObject({ code: 2, stderr: expect.stringContaining('0.0.0.0:2379') });
  });
});

if (!GO) console.log('skipped: a program on etcd’s Go library (no go on the PATH)');
describe.skipIf(!GO)('etcd’s Go library', () => {
  it(
    'finds all that it asks for',
    async ({ skip }) => {
      const folder = await mkdtemp(join(tmpdir(), 'diorama-go-'));
      try {
        const program = join(folder, 'client');
        const source = join(import.meta.dirname, 'go');
        const modules = await runProgram(GO!, ['mod', 'download'], { cwd: source, seconds: 120 });
        if (modules.code !== 0) {
          console.log('skipped: a program on etcd’s Go library (its modules could not be had)');
          return skip();
        }
        const built = await runProgram(GO!, ['build', '-o', program, '.'], { cwd: source, seconds: BUILD_MS / 1000 });
        expect(built.stderr.replace(/^go: downloading .*\n/gm, '')).toBe('');
        const { code, stdout } = await runProgram(program, [bridge.endpoint], { seconds: 60 });
        expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
        expect(stdout.match(/^ok /gm)).toHaveLength(12);
        expect(code).toBe(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    BUILD_MS + 180_000,
  );
});

if (!ETCDCTL) console.log('skipped: etcdctl (not on the PATH)');
describe.skipIf(!ETCDCTL)('etcdctl', () => {
  const etcdctl = async (...args: string[]) => {
    const { stdout, stderr, code } = await runEtcdctl(...args);
    return code === 0 ? stdout.trim() : stderr.trim().split('\n').at(-1);
  };
  const runEtcdctl = (...args: string[]) =>
    runProgram(ETCDCTL!, args, { env: { ETCDCTL_API: '3', ETCDCTL_ENDPOINTS: bridge.endpoint } });

  it('puts, gets, deletes, and tells errors', async () => {
    expect(await etcdctl('put', 'etcdctl/a', '1')).toBe('OK');
    expect(await etcdctl('get', 'etcdctl/', '--prefix')).toBe('etcdctl/a\n1');
    expect(await etcdctl('del', 'etcdctl/a')).toBe('1');
    expect(await etcdctl('get', 'a', '--rev', '9000000')).toBe(
      'Error: etcdserver: mvcc: required revision is a future revision',
    );
  });

  it('shows the member’s health and takes a lock', async () => {
    // Version 3.4 tells of the health on the other stream.
    const health = await runEtcdctl('endpoint', 'health', '--cluster');
    expect(health.stdout + health.stderr).toContain('is healthy');
    expect(await etcdctl('endpoint', 'status')).toContain(bridge.endpoint);
    expect(await etcdctl('lock', 'etcdctl/lock', 'echo', 'held')).toBe('held');
  });

  it('saves a snapshot that it finds whole', async ({ skip }) => {
    const folder = await mkdtemp(join(tmpdir(), 'diorama-snapshot-'));
    try {
      const file = join(folder, 'snapshot.db');
      await etcdctl('put', 'etcdctl/large', 'x'.repeat(100_000));
      expect(await etcdctl('snapshot', 'save', file)).not.toMatch(/^Error/);
      const status = await runEtcdctl('snapshot', 'status', file, '--write-out=json');
      // Newer ones leave that to etcdutl.
      if (/unknown command|etcdutl/.test(status.stderr)) return skip();
      expect(status).toMatchObject({ code: 0 });
      const { revision, totalKey } = JSON.parse(status.stdout);
      const kv = clientOf('KV');
      const { header, count } = await call(kv, 'Range', {
        key: base64('\0'),
        range_end: base64('\0'),
        count_only: true,
      });
      kv.close();
      expect(revision).toBe(Number(header.revision));
      expect(totalKey).toBeGreaterThanOrEqual(Number(count));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('acts as a user with a role', async () => {
    const ok = async (...args: string[]) => expect(await etcdctl(...args)).not.toMatch(/^Error/);
    await ok('role', 'add', 'reader');
    await ok('role', 'grant-permission', 'reader', 'read', 'public/', '--prefix');
    for (const user of ['root', 'ann']) await ok('user', 'add', `${user}:secret`);
    await ok('user', 'grant-role', 'ann', 'reader');
    await ok('user', 'grant-role', 'root', 'root');
    await ok('auth', 'enable');
    try {
      await ok('--user', 'ann:secret', 'get', 'public/a');
      expect(await etcdctl('--user', 'ann:secret', 'put', 'public/a', '1')).toBe(
        'Error: etcdserver: permission denied',
      );
      expect(await etcdctl('get', 'public/a')).toBe('Error: etcdserver: user name is empty');
    } finally {
      await ok('--user', 'root:secret', 'auth', 'disable');
    }
  });
});

describe('a server that goes away', () => {
  it('is unavailable, and there again when it is back', async () => {
    const [kv, watch] = [clientOf('KV'), clientOf('Watch')];
    const stream = watch.Watch();
    const failed = new Promise<{ code: number }>((resolve) => stream.on('error', resolve));
    await new Promise((resolve) => {
      stream.on('data', resolve);
      stream.write({ create_request: { key: base64('away') } });
    });
    await sandbox.server.kill();
    expect((await failed).code).toBe(grpc.status.UNAVAILABLE);
    await expect(call(kv, 'Range', { key: base64('away') })).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
    await sandbox.restart();
    expect(await call(kv, 'Range', { key: base64('away') })).toMatchObject({ header: { raft_term: '2' } });
    kv.close();
    watch.close();
  });
});
