/**
 * What a cluster's pump costs of computing, in this process and without the platform below it: pods of one Deployment until all are
 * Ready, and the waking of what that has left. `npm run bench -- --pump [PODS…]`; with `--profile` it leaves a flame graph of each in `.state`.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster, type SimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import type { SimulationSpec } from '../../src/cluster/simulation-spec.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { TURN_LIMITS, TurnBudget } from '../../src/simulation/turn-budget.ts';
import { processMs } from './figures.ts';
import { type Profile, printSums } from './profile-sums.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const SAMPLE_MICROSECONDS = 200;
const PODS_A_NODE = 10;

interface PumpFigures {
  pods: number;
  nodes: number;
  /** Milliseconds of processor time until all pods are Ready and nothing is left to do. */
  ready: number;
  /** The longest turn, milliseconds. */
  longestTurn: number;
  /** Commits by the kind that they change. */
  writes: Record<string, number>;
  /** Milliseconds of processor time until a woken cluster has answered the first request, and until it has looked at everything. */
  firstAnswer: number;
  woken: number;
  longestWakingTurn: number;
  /** What its objects take of the heap, MB. */
  heapMB: number;
}

export const specOf = (nodes: number, causes = true): SimulationSpec => ({
  id: 'bench',
  seed: 'bench',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.128.0.0/9',
  nodePortRange: [30000, 32767],
  components: componentsOf('full'),
  causes,
  createdAt: START,
  nodes: Array.from({ length: nodes }, (_, i) => ({
    name: `node-${i}`,
    capacity: { cpu: '8', memory: '32Gi', pods: '110' },
    labels: {},
    taints: [],
  })),
  clock: { start: START, speed: 1, paused: false },
});

const deployment = (replicas: number) => {
  const labels = { app: 'bench' };
  return {
    metadata: { name: 'bench' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
    },
  };
};

export function serverOf(cluster: SimulatedCluster, spec: SimulationSpec, now: () => number) {
  return createApiServer({
    storage: storeStorage(cluster.store, { now, catalog: () => BUILT_IN, policy: cluster.policy }),
    config: spec,
    timers: { after: () => () => undefined, time: () => 0 },
  });
}

/** Time goes on by itself as little as there is to be waited for. Answers the longest turn, milliseconds. */
function settle(cluster: SimulatedCluster, time: { now: number }, until: () => boolean): number {
  let longest = 0;
  for (;;) {
    while (!cluster.idle(time.now)) {
      const from = processMs();
      cluster.pumpTurn(time.now, new TurnBudget(TURN_LIMITS, performance.now.bind(performance)));
      longest = Math.max(longest, processMs() - from);
    }
    const next = cluster.nextDue(time.now);
    if (until() || next === undefined) return longest;
    time.now = next;
  }
}

async function profiled<T>(name: string | undefined, per: number, work: () => Promise<T>): Promise<T> {
  if (name === undefined) return work();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(`.state/profile-${name}.cpuprofile`, JSON.stringify(profile));
  console.log(`\n${name}, milliseconds a pod`);
  printSums(profile as Profile, per);
  return result;
}

export async function benchPump(pods: number, withProfile = false, causes = true): Promise<PumpFigures> {
  const nodes = Math.max(3, Math.ceil(pods / PODS_A_NODE));
  const spec = specOf(nodes, causes);
  const sql = nodeSql();
  const time = { now: START };
  const heapBefore = heapMB();
  const cluster = createSimulatedCluster({ sql, spec, rootCA: 'PEM', live: LIVE });
  cluster.initialize(START);
  const server = serverOf(cluster, spec, () => time.now);
  settle(cluster, time, () => true);
  const writes: Record<string, number> = {};
  cluster.store.subscribe(({ events }) => {
    for (const { kv } of events) {
      const kind = kv.key.split('/')[2]!;
      writes[kind] = (writes[kind] ?? 0) + 1;
    }
  });
  const send = async (method: string, path: string, body?: unknown): Promise<any> => {
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await server.handle(new Request(`http://cluster${path}`, { method, ...sent }), ADMIN);
    if (answer.status > 299) throw new Error(await answer.text());
    return answer.json();
  };
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const ready = (): boolean =>
    cluster.reader().get('deployments.apps', 'default', 'bench')?.status?.readyReplicas === pods;
  let longestTurn = 0;
  const from = processMs();
  await profiled(withProfile ? `pods-${pods}` : undefined, pods, async () => {
    await send('POST', path, deployment(pods));
    longestTurn = settle(cluster, time, ready);
  });
  const took = processMs() - from;
  if (!ready()) throw new Error('not all pods are ready');
  const heap = heapMB() - heapBefore;
  const waking = await wake(sql, spec, time, pods, withProfile);
  sql.close();
  return { pods, nodes, ready: took, longestTurn, writes, heapMB: heap, ...waking };
}

const heapMB = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed / 1024 ** 2;
};

async function wake(
  sql: ReturnType<typeof nodeSql>,
  spec: SimulationSpec,
  time: { now: number },
  pods: number,
  withProfile: boolean,
) {
  let [firstAnswer, woken, longestWakingTurn] = [0, 0, 0];
  await profiled(withProfile ? `wake-${pods}` : undefined, pods, async () => {
    const from = processMs();
    const cluster = createSimulatedCluster({ sql, spec, rootCA: 'PEM', live: LIVE });
    const server = serverOf(cluster, spec, () => time.now);
    const get = () => server.handle(new Request('http://cluster/api/v1/namespaces/default'), ADMIN);
    await (await get()).text();
    firstAnswer = processMs() - from;
    // The second request is what brings work.
    const patch = new Request('http://cluster/api/v1/namespaces/default/configmaps', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { generateName: 'wakes-' } }),
    });
    await (await server.handle(patch, ADMIN)).text();
    const begun = processMs();
    longestWakingTurn = settle(cluster, time, () => true);
    woken = processMs() - begun;
  });
  return { firstAnswer, woken, longestWakingTurn };
}

/** More than a cluster may hold, so that its cost can be told beyond that. */
const LIVE = { keys: 1_000_000, bytes: 1024 ** 3 };
const DEFAULT_PODS = [50, 1000];
/** Before any is measured: compiling takes longer than fifty pods. */
const WARM_UP = 500;

/** `pods`: how many each time; some that are usual, unless said. */
export async function benchPumps(pods: number[], withProfile: boolean): Promise<void> {
  await benchPump(WARM_UP);
  for (const count of pods.length > 0 ? pods : DEFAULT_PODS) console.log(await benchPump(count, withProfile));
}
