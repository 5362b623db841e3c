/** A large cluster's database: a few objects that were really brought about, and many like them. */
import { ADMIN } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { createSimulatedCluster } from '../../src/cluster/simulated-cluster.ts';
import type { SimulationSpec } from '../../src/cluster/simulation-spec.ts';
import { MAX_KEYS, MAX_LIVE_BYTES, QUOTA_BYTES } from '../../src/cluster/store-limits.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';

export const START = Date.parse('2026-01-05T10:00:00Z');
/** When the state has been made, by the cluster's clock. */
export const MADE = START + 120_000;

export const NODES = 10;

export const SPEC: SimulationSpec = {
  id: 'large',
  seed: 'large',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.240.0.0/12',
  nodePortRange: [30000, 32767],
  components: componentsOf('full'),
  createdAt: START,
  clock: { start: START, speed: 1, paused: false },
  nodes: Array.from({ length: NODES }, (_, i) => ({
    name: `node-${i + 1}`,
    capacity: { cpu: '640', memory: '640Gi', pods: '600' },
    labels: {},
    taints: [],
  })),
};

export interface Size {
  configMaps: number;
  /** Characters of each one's data. */
  characters: number;
  pods: number;
  events: number;
  /** Up to which the history goes. */
  revisions: number;
}

const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'nginx:1.27',
        env: [{ name: 'A', value: 'b' }],
        ports: [{ containerPort: 80 }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
        readinessProbe: { httpGet: { path: '/', port: 80 } },
      },
    ],
  },
};
export const DEPLOYMENT = {
  metadata: { name: 'web' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: TEMPLATE },
};

/** Writes it into a file. */
export async function makeLargeCluster(file: string, size: Size): Promise<void> {
  const sql = nodeSql(file);
  sql.exec('PRAGMA synchronous = OFF');
  sql.exec('PRAGMA journal_mode = MEMORY');
  const cluster = createSimulatedCluster({ sql, spec: SPEC, rootCA: 'PEM' });
  const { store } = cluster;
  cluster.initialize(START);
  const server = createApiServer({
    storage: storeStorage(store, { now: () => MADE, catalog: () => BUILT_IN }),
    config: SPEC,
    timers: { after: () => () => undefined, time: () => 0 },
  });
  const send = async (path: string, body: unknown): Promise<void> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await server.handle(new Request(`http://cluster${path}`, init), ADMIN);
    if (answer.status !== 201) throw new Error(await answer.text());
  };
  for (const [path, body] of [
    ['/apis/apps/v1/namespaces/default/deployments', DEPLOYMENT],
    ['/api/v1/namespaces/default/configmaps', { metadata: { name: 'one' }, data: { text: '' } }],
  ] as const)
    await send(path, body);
  for (let now = START; now <= MADE; now = Math.max(now + 1, cluster.nextDue(now) ?? MADE + 1))
    while (!cluster.idle(now)) cluster.pumpTurn(now);
  // A store alone: what a cluster does with each change is no part of making them.
  multiply(new Store(sql), size);
  sql.close();
}

/** Many objects like the first of each kind in the namespace `default`, and a history. */
export function multiply(store: Store, { configMaps, characters, pods, events, revisions }: Size): void {
  const first = (prefix: string): any => {
    const [kv] = store.range({ key: prefix, rangeEnd: `${prefix}\xff`, limit: 1 }).kvs;
    return JSON.parse(kv!.value as string);
  };
  const [map, pod, event] = ['configmaps/default/one', 'pods/default/', 'events/default/'].map((prefix) =>
    first(`/registry/${prefix}`),
  );
  const text = 'lorem ipsum dolor sit amet '.repeat(characters / 27 + 1).slice(0, characters);
  const put = (resource: string, from: any, name: string, change: object): void => {
    const metadata = { ...from.metadata, name, uid: crypto.randomUUID() };
    delete metadata.ownerReferences;
    delete metadata.generateName;
    const value = JSON.stringify({ ...from, ...change, metadata });
    store.put({ key: `/registry/${resource}/default/${name}`, value });
  };
  store.atomically(() => {
    for (let i = 0; i < configMaps; i++) put('configmaps', map, `map-${i}`, { data: { text } });
    const alone = { ...pod, metadata: { ...pod.metadata, labels: { app: 'alone' } } };
    for (let i = 0; i < pods; i++)
      put('pods', alone, `pod-${i}`, { spec: { ...pod.spec, nodeName: `node-${(i % NODES) + 1}` } });
    for (let i = 0; i < events; i++) put('events', event, `event-${i}`, {});
    for (let i = 0; store.revision < revisions; i++)
      put('configmaps', map, `counter-${i % 100}`, { data: { count: String(i) } });
  });
}

/** As many keys as there may be, but for some that are left for what the components write; `fillUp` makes them as large. */
export const AT_EVERY_LIMIT: Size = {
  configMaps: 26_000,
  characters: 3200,
  pods: 3000,
  events: 10_400,
  revisions: 200_000,
};

/** Fills up what is live in pieces of some 1 MB, and the history with what they were. */
export function fillUp(store: Store): void {
  const values = store.range({ key: '\0', rangeEnd: '\0' }).kvs;
  const bytes = values.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const pieces = Math.floor((MAX_LIVE_BYTES * 0.99 - bytes) / PIECE);
  if (values.length < MAX_KEYS * 0.98 || pieces <= 0) throw new Error(`${values.length} keys of ${bytes} bytes`);
  const key = '/registry/configmaps/default/large';
  const value = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'large', namespace: 'default' },
    data: { text: 'x'.repeat(PIECE) },
  });
  for (let i = 0; i < pieces; i++) store.put({ key: `${key}-${i}`, value });
  while (store.sql.size() < QUOTA_BYTES * 0.98) store.put({ key: `${key}-0`, value });
}

const PIECE = 2 ** 20;
