/** What one sandbox takes that somebody works in for an hour: its requests, and what comes of them, in this process. */
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { processMs } from './figures.ts';
import type { Asked } from './requests.ts';

export interface Lesson {
  reads: number;
  writes: number;
  /** How often its components were woken by time, at the most. */
  alarms: number;
  rowsWritten: number;
  /** Rows that answers were made of, and those that its components looked at. */
  rowsRead: number;
  /** What is stored in the end. */
  bytes: number;
  /** Milliseconds of processor time, of everything, and of the requests alone. */
  computingMs: number;
  requestMs: number;
}

const START = Date.parse('2026-01-05T10:00:00Z');
const TOKEN = 'admin';
/** All requests: most look at what there is. */
const REQUESTS = 2000;
const PAUSE_MS = 20_000;

const CORE = '/api/v1/namespaces/default';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MERGE = 'application/merge-patch+json';

const deployment = (name: string, replicas: number) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
    },
  },
});
const service = (name: string) => ({ metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }] } });
const patch = (name: string, spec: object): Asked => ({
  method: 'PATCH',
  path: `${DEPLOYMENTS}/${name}`,
  body: { spec },
  type: MERGE,
});
const image = (version: string) => ({
  template: { spec: { containers: [{ name: 'web', image: `nginx:${version}`, ports: [{ containerPort: 80 }] }] } },
});

/** What somebody does who learns what Deployments, Services and ConfigMaps are. */
const WRITES: Asked[] = [
  { method: 'POST', path: DEPLOYMENTS, body: deployment('web', 3) },
  { method: 'POST', path: `${CORE}/services`, body: service('web') },
  patch('web', { replicas: 5 }),
  patch('web', image('1.28')),
  patch('web', { replicas: 2 }),
  ...Array.from({ length: 6 }, (_, i) => ({
    method: 'POST',
    path: `${CORE}/configmaps`,
    body: { metadata: { name: `settings-${i}` }, data: { colour: 'blue' } },
  })),
  ...Array.from({ length: 4 }, (_, i) => ({
    method: 'PATCH',
    path: `${CORE}/configmaps/settings-${i}`,
    body: { data: { colour: 'red' } },
    type: MERGE,
  })),
  { method: 'POST', path: DEPLOYMENTS, body: deployment('api', 2) },
  { method: 'POST', path: `${CORE}/services`, body: service('api') },
  patch('api', image('broken')),
  patch('api', image('1.27')),
  { method: 'DELETE', path: `${CORE}/services/api` },
  { method: 'DELETE', path: `${DEPLOYMENTS}/api` },
];
/** What a client asks in between, again and again: `kubectl get` of this and that. */
const READS: Asked[] = [
  `${CORE}/pods?limit=500`,
  `${DEPLOYMENTS}?limit=500`,
  `${DEPLOYMENTS}/web`,
  `${CORE}/services?limit=500`,
  `${CORE}/events?limit=500`,
  '/api/v1/nodes?limit=500',
  `${CORE}/configmaps/settings-0`,
].map((path) => ({ method: 'GET', path }));

export async function measureLesson(): Promise<Lesson> {
  const sql = nodeSql();
  let rowsRead = 0;
  const counting: typeof sql = {
    ...sql,
    exec(statement, ...bindings) {
      const rows = sql.exec(statement, ...bindings);
      rowsRead += rows.length;
      return rows;
    },
    *rows(statement, ...bindings) {
      for (const row of sql.rows(statement, ...bindings)) {
        rowsRead++;
        yield row;
      }
    },
  };
  const cluster = await createSteppedCluster({
    spec: {
      id: 'lesson',
      seed: 'lesson',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      components: componentsOf('full'),
      createdAt: START,
      nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({
        name,
        capacity: { cpu: '4', memory: '16Gi', pods: '110' },
        labels: {},
        taints: [],
      })),
      clock: { start: START, speed: 1, paused: false },
    },
    adminToken: TOKEN,
    rootCA: 'PEM',
    sql: counting,
  });
  let requestMs = 0;
  const ask = async ({ method, path, body, type = 'application/json' }: Asked): Promise<void> => {
    const from = processMs();
    const response = await cluster.handle(
      new Request(`http://cluster${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json', 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    requestMs += processMs() - from;
    if (response.status >= 500) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  };
  const began = processMs();
  const reads = REQUESTS - WRITES.length;
  let asked = 0;
  let alarms = 0;
  for (const [i, write] of WRITES.entries()) {
    await ask(write);
    await cluster.advance(PAUSE_MS);
    alarms++;
    for (; asked < (reads * (i + 1)) / WRITES.length; asked++) await ask(READS[asked % READS.length]!);
  }
  const lesson: Lesson = {
    reads: asked,
    writes: WRITES.length,
    alarms,
    rowsWritten: Number(sql.exec('SELECT total_changes()')[0]?.[0]),
    rowsRead,
    bytes: sql.size(),
    computingMs: processMs() - began,
    requestMs,
  };
  cluster.close();
  return lesson;
}
