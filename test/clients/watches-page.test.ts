/** What docs/watches.md shows is run as it stands there: it begins, goes on after a crash, and begins anew after a compaction. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { MAX_SOCKET_CHARACTERS } from '../../src/apiserver/watch/socket-allowance.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/watches.md'), 'utf8');
const [WATCH, USE] = [...PAGE.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
}, 180_000);
afterAll(() => sandbox?.close());

let over = false;
const sockets: WebSocket[] = [];
afterEach(() => {
  over = true;
  for (const socket of sockets.splice(0)) socket.close();
});

/** The page's code, in surroundings that can be brought to an end. */
function run(code: string, names: string[], given: Record<string, unknown>): unknown[] {
  over = false;
  const surroundings = {
    WebSocket: class extends WebSocket {
      constructor(url: URL, protocols: string[]) {
        super(url, protocols);
        // Node tells of a refused connection in a stack trace otherwise.
        this.onerror = () => {};
        sockets.push(this);
      }
    },
    setTimeout: (call: (...rest: unknown[]) => void, _after: number, ...rest: unknown[]) =>
      setTimeout(() => over || call(...rest), 100),
    ...given,
  };
  return new Function(...Object.keys(surroundings), `${code}; return [${names}]`)(...Object.values(surroundings));
}

type OnEvent = (type: string, object: any) => void;
type Watch = (server: string, token: string, path: string, onEvent: OnEvent, version?: string) => void;

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

async function ask(cluster: { server: string; token: string }, path: string, body?: object): Promise<any> {
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers };
  const answer = await fetch(cluster.server + path, init);
  expect(answer.ok).toBe(true);
  return answer.json();
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000, interval: 50 });

it('the ten lines follow a list through a crash, and begin anew after a compaction', async () => {
  const cluster = await sandbox.createCluster({ profile: 'api' });
  const [watch] = run(WATCH!, ['watch'], {}) as [Watch];
  const seen: { type: string; name: string; object: any }[] = [];
  const follow = (version?: string) =>
    watch(
      cluster.server,
      cluster.token,
      CONFIG_MAPS,
      (type, object) => seen.push({ type, name: object.metadata?.name, object }),
      version,
    );
  const mine = () => seen.filter(({ name }) => name?.startsWith('c')).map(({ type, name }) => `${type} ${name}`);
  const add = (name: string) => ask(cluster, CONFIG_MAPS, { metadata: { name } });

  await add('c1');
  follow();
  await until(() => expect(mine()).toEqual(['ADDED c1']));
  await until(() =>
    expect(seen.find(({ type }) => type === 'BOOKMARK')?.object.metadata.annotations).toEqual({
      'k8s.io/initial-events-end': 'true',
    }),
  );
  await add('c2');
  await until(() => expect(mine()).toEqual(['ADDED c1', 'ADDED c2']));
  await sandbox.server.kill();
  await sandbox.restart();
  await add('c3');
  await until(() => expect(mine()).toEqual(['ADDED c1', 'ADDED c2', 'ADDED c3']));

  over = true;
  for (const socket of sockets.splice(0)) socket.close();
  const { metadata } = await ask(cluster, CONFIG_MAPS);
  await ask(cluster, '/etcd/v3/kv/compaction', { revision: metadata.resourceVersion });
  over = false;
  const old = seen.find(({ name }) => name === 'c1')!.object.metadata.resourceVersion;
  seen.length = 0;
  follow(old);
  await until(() => expect(mine()).toEqual(['ADDED c1', 'ADDED c2', 'ADDED c3']));
  expect(seen[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
}, 120_000);

it('its use keeps what there is', async () => {
  const cluster = await sandbox.createCluster({ nodes: 1 });
  const { server, token } = cluster;
  const [pods] = run(`${WATCH}\n${USE}`, ['pods'], { server, token }) as [Map<string, { status: { phase: string } }>];
  await ask(cluster, '/api/v1/namespaces/default/pods', {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'nginx', image: 'nginx' }] },
  });
  await until(() => expect(pods.get('web')?.status.phase).toBe('Running'));
  const init = { method: 'DELETE', headers: { authorization: `Bearer ${token}` } };
  expect((await fetch(`${server}/api/v1/namespaces/default/pods/web?gracePeriodSeconds=0`, init)).ok).toBe(true);
  await until(() => expect([...pods.keys()]).toEqual([]));
}, 180_000);

it('says the limits that hold', () => {
  expect(PAGE).toContain(`${MAX_SOCKET_CHARACTERS / 1024 ** 2} MiB of events`);
});
