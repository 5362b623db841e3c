/** The folder with all state of a local server: nobody else's to read, and without what clusters that are gone have left. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What stands in a state folder: a server's files, wrangler's and the benchmark's. */
const OURS =
  /^(authority\.json|worker\.js|d1\.worker\.js|workerd\.capnp|server\.json(\.new)?|lock\.sqlite.*|v3|tmp|bench\.json)$/;

/** Makes the folder, or takes others' rights away from what an earlier version has left open. */
export function openStateFolder(folder: string, subfolders: string[]): void {
  const ours = !existsSync(folder) || readdirSync(folder).every((name) => OURS.test(name));
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  for (const sub of subfolders) mkdirSync(sub, { recursive: true, mode: FOLDER_MODE });
  // A folder that holds other things as well keeps its rights: its owner may have reasons.
  if (ours) chmodSync(folder, FOLDER_MODE);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (ours && entry.isFile()) chmodSync(path, FILE_MODE);
    if (entry.isDirectory() && entry.name === 'v3') closeFolder(path);
  }
}

function closeFolder(folder: string): void {
  chmodSync(folder, FOLDER_MODE);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) closeFolder(path);
    else if (entry.isFile()) chmodSync(path, FILE_MODE);
  }
}

/** Whoever is started within `work` lets nobody else read the files that it makes. */
export function privately<T>(work: () => T): T {
  const before = process.umask(0o077);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}

const OBJECT = /^[0-9a-f]{64}\.sqlite$/;

/**
 * Removes the databases of Durable Objects that are nobody's: workerd leaves an empty one of each object that has deleted all that it
 * had, and a crash leaves copies of clusters that nobody will finish. To be called while no workerd runs on them. Answers how many
 * there were.
 */
export function sweepObjects(objectsDir: string): number {
  let removed = 0;
  for (const namespace of readdirSync(objectsDir, { withFileTypes: true })) {
    if (!namespace.isDirectory()) continue;
    const folder = join(objectsDir, namespace.name);
    for (const name of readdirSync(folder).filter((file) => OBJECT.test(file) && !isAlive(join(folder, file)))) {
      for (const suffix of ['-wal', '-shm', '']) rmSync(join(folder, name + suffix), { force: true });
      forgetAlarm(join(folder, 'metadata.sqlite'), name.replace('.sqlite', ''));
      removed++;
    }
  }
  return removed;
}

/** Whether a cluster has its life in it, by what `src/cluster.ts` stores. What cannot be read is let alone. */
function isAlive(path: string): boolean {
  return withDatabase(path, true, (database) => {
    const tables = database.prepare('SELECT name FROM sqlite_master').all();
    if (!tables.some(({ name }) => name === '_cf_KV')) return false;
    return database.prepare("SELECT 1 FROM _cf_KV WHERE key = 'life'").get() !== undefined;
  });
}

/** An alarm would make the object again, only to end it. */
function forgetAlarm(path: string, id: string): void {
  withDatabase(path, undefined, (database) => database.prepare('DELETE FROM _cf_ALARM WHERE actor_id = ?').run(id));
}

/** SQLite also reads what a crash has left in the log beside the file. `otherwise`: when workerd keeps it in another way. */
function withDatabase<T>(path: string, otherwise: T, work: (database: DatabaseSync) => T): T {
  if (!existsSync(path)) return otherwise;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    return work(database);
  } catch {
    return otherwise;
  } finally {
    database?.close();
  }
}
