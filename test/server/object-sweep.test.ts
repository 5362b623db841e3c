/** What a local server removes at its start of what objects that are gone have left: nothing that may be a cluster's. */
import { globSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { MIN_SWEPT_AGE_MS, objectId, sweepObjects } from '../../scripts/local/object-sweep.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-sweep-'));
let server: LocalServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = 1_800_000_000_000;
const NAMESPACE = 'diorama-Cluster';
const objects = (stateDir: string): string[] =>
  globSync('v3/do/*/*', { cwd: stateDir })
    .filter((name) => /[0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => join(stateDir, name));

function written(path: string, at: number): void {
  for (const file of globSync(`${path}*`)) utimesSync(file, at / 1000, at / 1000);
}

function database(path: string, ...statements: string[]): void {
  const made = new DatabaseSync(path);
  made.exec('PRAGMA journal_mode = WAL');
  for (const statement of statements) made.exec(statement);
  made.close();
}

const LOG = ['CREATE TABLE etcd_log (key)', "INSERT INTO etcd_log VALUES ('k')"];
const lifeIn = (table: string): string[] => [
  ...LOG,
  `CREATE TABLE ${table} (key, value)`,
  `INSERT INTO ${table} VALUES ('life', 'x')`,
];

/** A state folder with objects under the names of clusters. */
function stateWith({ listed, contents }: { listed: string[]; contents: Record<string, string[]> }) {
  const stateDir = mkdtempSync(join(folder, 'state-'));
  const [objectsDir, databaseDir] = [join(stateDir, 'v3/do'), join(stateDir, 'v3/d1')];
  for (const path of [join(objectsDir, NAMESPACE), join(databaseDir, 'd1')]) mkdirSync(path, { recursive: true });
  database(
    join(databaseDir, 'd1', `${'0'.repeat(64)}.sqlite`),
    'CREATE TABLE clusters (id)',
    ...listed.map((id) => `INSERT INTO clusters VALUES ('${id}')`),
  );
  const path = (name: string): string => join(objectsDir, NAMESPACE, `${objectId(NAMESPACE, name)}.sqlite`);
  for (const [name, statements] of Object.entries(contents)) {
    database(path(name), ...statements);
    written(path(name), NOW - MIN_SWEPT_AGE_MS);
  }
  return {
    path,
    sweep: () => sweepObjects(objectsDir, databaseDir, NOW),
    left: () => Object.keys(contents).filter((name) => objects(stateDir).includes(path(name))),
  };
}

describe('what goes', () => {
  it('is what has nothing in it, and a copy that was not finished', () => {
    const state = stateWith({ listed: ['a'], contents: { a: lifeIn('_cf_KV'), copy: LOG, empty: [] } });
    expect(state.sweep()).toBe(2);
    expect(state.left()).toEqual(['a']);
  });

  it('is what is empty even where there is no cluster', () => {
    const state = stateWith({ listed: [], contents: { empty: [] } });
    expect(state.sweep()).toBe(1);
    expect(state.left()).toEqual([]);
  });

  it('was not written to for some minutes', () => {
    const state = stateWith({ listed: ['a'], contents: { a: lifeIn('_cf_KV'), copy: LOG, empty: [] } });
    for (const name of ['copy', 'empty']) written(state.path(name), NOW - MIN_SWEPT_AGE_MS + 1000);
    expect(state.sweep()).toBe(0);
    expect(state.left()).toEqual(['a', 'copy', 'empty']);
  });
});

describe('what stays', () => {
  it('is every cluster where workerd calls its table otherwise', () => {
    const state = stateWith({
      listed: ['a', 'b'],
      contents: { a: lifeIn('_cf_KV2'), b: lifeIn('_cf_KV2'), copy: LOG },
    });
    expect(state.sweep()).toBe(0);
    expect(state.left()).toEqual(['a', 'b', 'copy']);
  });

  it('is what has anything where no cluster is found under its name', () => {
    const state = stateWith({ listed: ['elsewhere'], contents: { a: lifeIn('_cf_KV'), copy: LOG } });
    expect(state.sweep()).toBe(0);
    expect(state.left()).toEqual(['a', 'copy']);
  });

  it('is what the directory lists, whatever is in it, and a life that it does not list', () => {
    const contents = { a: lifeIn('_cf_KV'), renamed: lifeIn('_cf_KV2'), bare: [], unlisted: lifeIn('_cf_KV') };
    const state = stateWith({ listed: ['a', 'renamed', 'bare'], contents });
    expect(state.sweep()).toBe(0);
    expect(state.left()).toEqual(['a', 'renamed', 'bare', 'unlisted']);
  });
});

it('a server sweeps what a deleted cluster has left, and finds the others under their names', async () => {
  const stateDir = join(folder, 'server');
  const create = async (): Promise<{ id: string; token: string }> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server!.url}/v1/clusters`, { method: 'POST', headers, body: '{"nodes":1}' });
    return (await answer.json()) as { id: string; token: string };
  };
  const authorization = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });
  server = await startServer({ stateDir });
  const [kept, gone] = [await create(), await create()];
  await fetch(`${server.url}/v1/clusters/${gone.id}`, { method: 'DELETE', headers: authorization(gone) });
  // A crash: what the living cluster has is still in the log beside its file.
  await server.kill();
  const living = join(stateDir, 'v3/do', NAMESPACE, `${objectId(NAMESPACE, kept.id)}.sqlite`);
  expect(objects(stateDir)).toHaveLength(2);
  for (const path of objects(stateDir)) written(path, Date.now() - 2 * MIN_SWEPT_AGE_MS);
  server = await startServer({ stateDir, bundled: true });
  expect(objects(stateDir)).toEqual([living]);
  const nodes = await fetch(`${server.url}/clusters/${kept.id}/api/v1/nodes`, { headers: authorization(kept) });
  expect(((await nodes.json()) as { items: unknown[] }).items).toHaveLength(1);
});
