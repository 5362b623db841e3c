/**
 * `node test/states/write.ts`: keeps state as this version writes it, in a folder of the version's name: a database, a cluster's record
 * and an export. What is there is never written again: later versions must read it for good.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { newLife } from '../../src/cluster/life.ts';
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { encodeEntry, FORMAT, FORMAT_VERSION } from '../../src/etcd/snapshot-file.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { upgradeStore } from '../../src/etcd/store-version.ts';
import { clusterRequestSchema, clusterSpec } from '../../src/platform/clusters/cluster-spec.ts';
import { pageOf, pageRange } from '../../src/platform/copies/cluster-state.ts';
import { DATABASE, EXPORT, OBJECTS, RECORD, START, statesOf } from './states.ts';

const versionNow = (): number => {
  const sql = nodeSql();
  upgradeStore(sql);
  return Number(sql.exec("SELECT value FROM etcd_meta WHERE name = 'version'")[0]![0]);
};

const folder = statesOf(versionNow());
if (existsSync(folder)) throw new Error(`${folder} is there already, and is kept for good`);
mkdirSync(folder, { recursive: true });

const request = clusterRequestSchema.parse({
  name: 'kept',
  nodes: 2,
  seed: 'kept',
  clock: { start: new Date(START).toISOString(), paused: true },
});
const spec = clusterSpec(request, 'keptcluste', 'hash-of-a-token', START);
const file = join(folder, 'database.sqlite');
const sql = nodeSql(file);
const cluster = await createSteppedCluster({ spec, adminToken: 'admin', rootCA: 'CA', sql });
const ask = async (method: string, path: string, body?: unknown): Promise<void> => {
  const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
  const answer = await cluster.handle(new Request(`https://cluster${path}`, init));
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  await cluster.advance(0);
};

const maps = '/api/v1/namespaces/default/configmaps';
const labels = { app: 'web' };
for (let i = 0; i < OBJECTS; i++) await ask('POST', maps, { metadata: { name: `m${i}` }, data: { i: String(i) } });
await ask('POST', '/apis/apps/v1/namespaces/default/deployments', {
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
});
for (let i = 0; i < 20; i++) await ask('PUT', `${maps}/m${i}`, { metadata: { name: `m${i}` }, data: { i: 'changed' } });
for (let i = 20; i < 30; i++) await ask('DELETE', `${maps}/m${i}`);
await cluster.advance(60_000);

const store = new Store(sql);
store.grantLease('77', 3600, START);
store.put({ key: 'foreign', value: 'kept', lease: '77' });
store.markBeginning();
const { revision } = store;
store.compact(revision - 30);
const page = pageOf(store.range(pageRange(0, '', 100_000)), 0, cluster.now);
const making = {
  ...spec,
  nodes: undefined,
  id: undefined,
  adminTokenHashes: undefined,
  createdAt: undefined,
  expiresAt: undefined,
};
const header = { format: FORMAT, version: FORMAT_VERSION, revision, time: cluster.now, making };
writeFileSync(join(folder, EXPORT), `${[JSON.stringify(header), ...page.kvs.map(encodeEntry)].join('\n')}\n`);
writeFileSync(join(folder, RECORD), `${JSON.stringify(await newLife(spec, 'CA'), null, 1)}\n`);
cluster.close();

writeFileSync(join(folder, DATABASE), gzipSync(readFileSync(file), { level: 9 }));
rmSync(file);
console.log(`${folder}: revision ${revision}`);
