/**
 * What Durable Objects that are gone have left in a state folder. workerd leaves an empty database of each object that has deleted all
 * that it had, and a crash leaves copies of clusters that nobody will finish. Whether an object is a cluster's is read from tables that
 * are workerd's own and may be called otherwise one day, so what has anything in it goes only where all signs that it is nobody's are
 * seen to work.
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { sqlite } from './sqlite.ts';

const DATABASE = /^[0-9a-f]{64}\.sqlite$/;
/** What was written to within this time is let alone, milliseconds: its own alarm ends what is nobody's. */
export const MIN_SWEPT_AGE_MS = 5 * 60_000;

/** What is in an object's database: a cluster, something else, nothing at all; or it cannot be read. */
type Content = 'life' | 'other' | 'nothing' | 'unknown';

interface Found {
  /** The object's id. */
  id: string;
  content: Content;
  isListed: boolean;
  isOld: boolean;
}

/**
 * Removes the databases of objects that are nobody's, as above. To be called while no workerd runs on them. `now`: milliseconds since
 * 1970. Answers how many there were; on a Node without SQLite, by which they are told, none.
 */
export function sweepObjects(objectsDir: string, databaseDir: string, now: number): number {
  let removed = 0;
  const clusters = listedClusters(databaseDir);
  for (const namespace of readdirSync(objectsDir, { withFileTypes: true })) {
    if (!namespace.isDirectory()) continue;
    const folder = join(objectsDir, namespace.name);
    const listed = new Set(clusters.map((cluster) => objectId(namespace.name, cluster)));
    const found = objectsIn(folder, listed, now);
    // Where no cluster is recognised both by its life and by its name, it may be that none can be.
    const isUnderstood = found.some(({ content, isListed }) => content === 'life' && isListed);
    for (const object of found) {
      if (object.isListed || !object.isOld) continue;
      if (object.content === 'nothing' || (isUnderstood && object.content === 'other')) {
        remove(folder, object.id);
        removed++;
      }
    }
  }
  return removed;
}

function objectsIn(folder: string, listed: ReadonlySet<string>, now: number): Found[] {
  const names = readdirSync(folder).filter((name) => DATABASE.test(name));
  return names.map((name) => {
    const path = join(folder, name);
    const id = name.replace('.sqlite', '');
    // First, as to read a database may be to write what a crash has left in its log.
    const isOld = now - lastWritten(path) >= MIN_SWEPT_AGE_MS;
    return { id, isOld, isListed: listed.has(id), content: contentOf(path) };
  });
}

const lastWritten = (path: string): number =>
  Math.max(...[path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => statSync(file).mtimeMs));

/** By what `src/cluster/life.ts` stores. */
function contentOf(path: string): Content {
  return withDatabase<Content>(path, 'unknown', (database) => {
    const tables = database.prepare('SELECT name FROM sqlite_master').all();
    if (tables.length === 0) return 'nothing';
    if (!tables.some(({ name }) => name === '_cf_KV')) return 'other';
    return database.prepare("SELECT 1 FROM _cf_KV WHERE key = 'life'").get() ? 'life' : 'other';
  });
}

/** The ids of all clusters that the directory has, expired or not. */
function listedClusters(databaseDir: string): string[] {
  const ids: string[] = [];
  for (const name of readdirSync(databaseDir, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.sqlite')) continue;
    const rows = withDatabase(join(databaseDir, name), [], (database) =>
      database.prepare('SELECT id FROM clusters').all(),
    );
    ids.push(...rows.map(({ id }) => String(id)));
  }
  return ids;
}

const ID_HALF = 16;

/** Under which id workerd keeps the object with a name: a keyed hash of the name, and one of that. As its `actor-id-impl.c++` does. */
export function objectId(uniqueKey: string, name: string): string {
  const key = createHash('sha256').update(uniqueKey).digest();
  const hash = (of: string | Buffer): Buffer => createHmac('sha256', key).update(of).digest().subarray(0, ID_HALF);
  const base = hash(name);
  return Buffer.concat([base, hash(base)]).toString('hex');
}

function remove(folder: string, id: string): void {
  for (const suffix of ['-wal', '-shm', '']) rmSync(join(folder, `${id}.sqlite${suffix}`), { force: true });
  // An alarm would make the object again, only to end it.
  withDatabase(join(folder, 'metadata.sqlite'), undefined, (database) =>
    database.prepare('DELETE FROM _cf_ALARM WHERE actor_id = ?').run(id),
  );
}

/** SQLite also reads what a crash has left in the log beside the file. `otherwise`: when workerd keeps it in another way. */
function withDatabase<T>(path: string, otherwise: T, work: (database: DatabaseSync) => T): T {
  if (!sqlite || !existsSync(path)) return otherwise;
  let database: DatabaseSync | undefined;
  try {
    database = new sqlite.DatabaseSync(path);
    return work(database);
  } catch {
    return otherwise;
  } finally {
    database?.close();
  }
}
