/**
 * A process of its own, with as much heap as an object has: a large cluster wakes, answers, lists and reconciles in it. Prints what it
 * took, as JSON. `node --max-old-space-size=… wake.ts FILE`
 */
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { TURN_LIMITS, TurnBudget } from '../../src/simulation/turn-budget.ts';
import { MADE, SPEC } from './large-cluster.ts';

export interface Woken {
  /** Milliseconds of computing until the first request is answered. */
  wake: number;
  /** The longest turn, and the turns, until all has been read and acted on. */
  longestTurn: number;
  turns: number;
  /** The longest answer to a request between two of those turns, milliseconds of computing. */
  longestAnswer: number;
  /** Items in the lists of everything. */
  listed: Record<string, number>;
  /** Pods of the deployment that are ready, one of them after another was deleted. */
  ready: number;
  /** The most that the heap had, MB. */
  heapMB: number;
  failures: string[];
}

const computing = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
async function timed(work: () => unknown): Promise<number> {
  const from = computing();
  await work();
  return computing() - from;
}

const failures: string[] = [];
let now = MADE;
let heap = 0;
const look = (): void => {
  heap = Math.max(heap, process.memoryUsage().heapUsed);
};

const start = computing();
const cluster = createSimulatedCluster({
  sql: nodeSql(process.argv[2]),
  spec: SPEC,
  rootCA: 'PEM',
  failed: ({ reconciler, key }, error) => failures.push(`${reconciler} ${key}: ${error}`),
});
const server = createApiServer({
  storage: storeStorage(cluster.store, { now: () => now, catalog: () => BUILT_IN, policy: cluster.policy }),
  config: SPEC,
  timers: { after: () => () => undefined, time: () => 0 },
});

async function send(method: string, path: string): Promise<Response> {
  const answer = await server.handle(new Request(`http://cluster${path}`, { method }), ADMIN);
  if (answer.status > 299) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer;
}
const getOne = async (): Promise<unknown> => (await send('GET', '/api/v1/namespaces/default/configmaps/one')).json();

await getOne();
const wake = computing() - start;

let [longestTurn, longestAnswer, turns] = [0, 0, 0];
async function settle(): Promise<void> {
  for (; !cluster.idle(now); turns++) {
    const turn = await timed(() => cluster.pumpTurn(now, new TurnBudget(TURN_LIMITS, Date.now)));
    longestTurn = Math.max(longestTurn, turn);
    longestAnswer = Math.max(longestAnswer, await timed(getOne));
    look();
  }
}
// What has to be done whenever an object wakes that was interrupted.
await settle();

/** Reads a list as a client that is not in a hurry: nothing of it is held. */
async function count(resource: string): Promise<number> {
  const body = (await send('GET', `/api/v1/${resource}`)).body!.pipeThrough(new TextDecoderStream());
  let [items, rest] = [0, ''];
  for await (const text of body) {
    const parts = (rest + text).split('"metadata":{"resourceVersion"');
    items += parts.length - 1;
    rest = parts.at(-1)!.slice(-40);
    look();
  }
  // One of them is the list's own.
  return items - 1;
}
const listed: Record<string, number> = {};
for (const resource of ['configmaps', 'pods', 'events']) listed[resource] = await count(resource);

const PODS = '/api/v1/namespaces/default/pods';
const selected = `${PODS}?labelSelector=app%3Dweb`;
const pods = async (): Promise<any[]> => ((await (await send('GET', selected)).json()) as any).items;
await send('DELETE', `${PODS}/${(await pods())[0].metadata.name}?gracePeriodSeconds=0`);
for (const end = now + 60_000; now <= end; now = Math.max(now + 1, Math.min(cluster.nextDue(now) ?? end + 1, end + 1)))
  await settle();
const isReady = (pod: any): boolean =>
  pod.status.conditions?.some((c: any) => c.type === 'Ready' && c.status === 'True');
const ready = (await pods()).filter(isReady).length;
const woken: Woken = { wake, longestTurn, turns, longestAnswer, listed, ready, heapMB: heap / 2 ** 20, failures };
console.log(JSON.stringify(woken));
