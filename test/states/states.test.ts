/** What every version has written is read by this one, with nothing lost, and goes on. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { currentLife, type Life } from '../../src/cluster/life.ts';
import { createSteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { readImport } from '../../src/platform/copies/imported-file.ts';
import { frozen } from '../../src/simulation/frozen.ts';
import { DATABASE, EXPORT, FOLDER, OBJECTS, RECORD } from './states.ts';

const VERSIONS = globSync('v*', { cwd: FOLDER });
const DELETED = 10;

const text = (version: string, name: string): string => readFileSync(join(FOLDER, version, name), 'utf8');
const lifeOf = (version: string): Life => currentLife(JSON.parse(text(version, RECORD)));

function databaseOf(version: string): ReturnType<typeof nodeSql> {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'database.sqlite');
  writeFileSync(file, gunzipSync(readFileSync(join(FOLDER, version, DATABASE))));
  return nodeSql(file);
}

it('has the first', () => {
  expect(VERSIONS).toContain('v1');
});

describe.each(VERSIONS)('state of version %s', (version) => {
  it('wakes with its objects, and its controllers go on', async () => {
    const cluster = await createSteppedCluster({
      share: frozen,
      spec: { ...lifeOf(version).spec, nodes: [] },
      adminToken: 'admin',
      rootCA: 'CA',
      sql: databaseOf(version),
    });
    onTestFinished(() => cluster.close());
    const ask = async (method: string, path: string, body?: unknown): Promise<any> => {
      const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
      const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await cluster.handle(new Request(`https://cluster${path}`, init));
      await cluster.advance(0);
      return answer.json();
    };
    expect((await ask('GET', '/api/v1/nodes')).items).toHaveLength(2);
    const maps = (await ask('GET', '/api/v1/namespaces/default/configmaps')).items;
    expect(maps.filter(({ metadata }: any) => metadata.name.startsWith('m'))).toHaveLength(OBJECTS - DELETED);
    expect(maps.find(({ metadata }: any) => metadata.name === 'm0').data).toEqual({ i: 'changed' });
    const pods = (await ask('GET', '/api/v1/pods')).items;
    expect(pods.map(({ status }: any) => status.phase)).toEqual(['Running', 'Running', 'Running']);
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } };
    await ask('PUT', '/apis/apps/v1/namespaces/default/deployments/web/scale', scale);
    expect((await ask('GET', '/api/v1/pods')).items).toHaveLength(5);
  });

  it('has its history, its leases and its beginning', () => {
    const sql = databaseOf(version);
    onTestFinished(() => sql.close());
    const store = new Store(sql);
    const { revision, compactRevision } = store;
    const past = store.range({
      key: '/registry/configmaps/',
      rangeEnd: '/registry/configmaps0',
      revision: revision - 20,
    });
    expect(past.count).toBeGreaterThan(OBJECTS - DELETED - 1);
    expect(() => store.range({ key: 'a', revision: compactRevision - 1 })).toThrow('compacted');
    expect(store.history({ key: '\0', rangeEnd: '\0', startRevision: revision - 20 }).events.length).toBeGreaterThan(
      10,
    );
    expect(store.leases()).toEqual(['77']);
    store.revokeLease('77');
    expect(store.range({ key: 'foreign' }).count).toBe(0);
    store.returnToBeginning();
    expect(new Store(sql).range({ key: 'foreign' }).kvs[0]!.value).toBe('kept');
  });

  it('says how the cluster was made', () => {
    const { spec, authorities, epoch } = lifeOf(version);
    expect(spec).toMatchObject({ name: 'kept', seed: 'kept', serviceCIDR: '10.96.0.0/16', clock: { paused: true } });
    expect([typeof epoch, authorities?.client.certificate]).toEqual(['string', expect.stringContaining('BEGIN CERT')]);
  });

  it('is imported as a file', async () => {
    const body = new Response(text(version, EXPORT)).body!;
    const { making, pages } = await readImport(body);
    expect(making).toMatchObject({ name: 'kept', seed: 'kept' });
    let keys = 0;
    for await (const { kvs } of pages) keys += kvs.length;
    expect(keys).toBe(text(version, EXPORT).trim().split('\n').length - 1);
  });
});
