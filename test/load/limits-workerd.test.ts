/**
 * A cluster that is at every limit, where clusters live: in workerd, with the Worker and the object in one process. V8 holds that to
 * 128 MB of heap, and ends it if it needs more. The database is filled while no server has it.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { AT_EVERY_LIMIT, DEPLOYMENT, fillUp, multiply, NODES } from './large-cluster.ts';

const HEAP_MB = 128;
const WAKE_MS = 300;

let stateDir: string;
let server: LocalServer | undefined;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'diorama-large-'));
});
afterEach(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** What the server's process has computed so far, milliseconds: the kernel counts hundredths of a second. */
function computing(): number {
  const fields = readFileSync(`/proc/${server!.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Megabytes of the process at the most, its SQLite and its code included. */
const peak = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server!.pid}/status`, 'utf8'))![1]) / 1024;

it('wakes at every limit in 128 MB of workerd’s, answers, lists and reconciles', { timeout: 900_000 }, async () => {
  server = await startServer({ stateDir });
  const node = { capacity: { cpu: '640', memory: '640Gi', pods: '600' } };
  const made = await fetch(`${server.url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nodes: Array.from({ length: NODES }, (_, i) => ({ name: `node-${i + 1}`, ...node })) }),
  });
  expect(made.status).toBe(201);
  const { id, token } = (await made.json()) as { id: string; token: string };
  /** As clients ask: who is told to come back later does. */
  const ask = async (method: string, path: string, body?: unknown): Promise<Response> => {
    for (;;) {
      const answer = await fetch(`${server!.url}/clusters/${id}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const seconds = Number(answer.headers.get('retry-after'));
      if (answer.status !== 429 || !seconds) {
        expect(answer.status).toBeLessThan(300);
        return answer;
      }
      await answer.body?.cancel();
      await new Promise((fulfil) => setTimeout(fulfil, seconds * 1000));
    }
  };
  const CORE = '/api/v1/namespaces/default';
  const readyPods = async (): Promise<string[]> => {
    const { items } = (await (await ask('GET', `${CORE}/pods?labelSelector=app%3Dweb`)).json()) as any;
    const isReady = (pod: any): boolean =>
      pod.status.conditions?.some((c: any) => c.type === 'Ready' && c.status === 'True');
    return items.filter(isReady).map((pod: any) => pod.metadata.name);
  };
  const untilReady = async (isEnough: (pods: string[]) => boolean): Promise<string[]> => {
    for (;;) {
      const pods = await readyPods();
      if (isEnough(pods)) return pods;
      await new Promise((fulfil) => setTimeout(fulfil, 200));
    }
  };
  await ask('POST', '/apis/apps/v1/namespaces/default/deployments', DEPLOYMENT);
  await ask('POST', `${CORE}/configmaps`, { metadata: { name: 'one' }, data: { text: '' } });
  await untilReady((pods) => pods.length === 3);
  await server.stop();

  const [file] = globSync(join(stateDir, 'v3/do/*/*.sqlite')).sort((a, b) => statSync(b).size - statSync(a).size);
  const sql = nodeSql(file!);
  sql.exec('PRAGMA synchronous = OFF');
  const store = new Store(sql);
  multiply(store, AT_EVERY_LIMIT);
  fillUp(store);
  sql.close();

  server = await startServer({ stateDir, bundled: true, heapMB: HEAP_MB });
  await fetch(`${server.url}/v1/openapi.json`).then((answer) => answer.text());
  const before = computing();
  const from = performance.now();
  await ask('GET', `${CORE}/configmaps/one`).then((answer) => answer.text());
  const [wake, waited] = [computing() - before, performance.now() - from];

  let longestAnswer = 0;
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const from = performance.now();
      await (await ask('GET', `${CORE}/configmaps/one`)).text();
      longestAnswer = Math.max(longestAnswer, performance.now() - from);
      await new Promise((fulfil) => setTimeout(fulfil, 50));
    }
  })();
  // Where the process has ended, what follows tells of it.
  asking.catch(() => {});
  const listed: Record<string, number> = {};
  for (const resource of ['configmaps', 'pods', 'events']) {
    const text = await (await ask('GET', `/api/v1/${resource}`)).text();
    // One of them is the list's own.
    listed[resource] = text.split('"metadata":{"resourceVersion"').length - 2;
  }
  const [first] = await readyPods();
  await ask('DELETE', `${CORE}/pods/${first}?gracePeriodSeconds=0`);
  const ready = await untilReady((pods) => pods.length === 3 && !pods.includes(first!));
  isDone = true;
  await asking;
  console.log(JSON.stringify({ wake, waited, longestAnswer, listed, computed: computing(), peak: peak() }));
  expect(wake).toBeLessThan(WAKE_MS);
  expect(listed).toMatchObject({ pods: AT_EVERY_LIMIT.pods + 3 });
  expect(listed.configmaps).toBeGreaterThan(AT_EVERY_LIMIT.configMaps);
  expect(ready).toHaveLength(3);
});
