/** The folder with all state of a local server: nobody else's to read, and without what clusters that are gone have left. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What stands in a state folder once a server has run on it. */
const MARK = 'authority.json';

/** Makes the folder, or takes others' rights away from what an earlier version has left open. */
export function openStateFolder(folder: string, subfolders: string[]): void {
  const ours = !existsSync(folder) || existsSync(join(folder, MARK)) || readdirSync(folder).length === 0;
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

/** Pages of an SQLite database without a table: one. */
const EMPTY_BYTES = 4096;
const OBJECT = /^[0-9a-f]{64}\.sqlite$/;

/**
 * Removes the databases of Durable Objects that have nothing in them: workerd leaves an empty one of each object that has deleted all
 * that it had. To be called while no workerd runs on them. Answers how many there were.
 */
export function sweepObjects(objectsDir: string): number {
  let removed = 0;
  for (const namespace of readdirSync(objectsDir, { withFileTypes: true })) {
    if (!namespace.isDirectory()) continue;
    const folder = join(objectsDir, namespace.name);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (!OBJECT.test(name) || statSync(path).size > EMPTY_BYTES || !isEmpty(path)) continue;
      for (const suffix of ['-wal', '-shm', '']) rmSync(path + suffix, { force: true });
      removed++;
    }
  }
  return removed;
}

/** What a crash has left in the log beside the file counts too: SQLite reads both. */
function isEmpty(path: string): boolean {
  try {
    const database = new DatabaseSync(path);
    try {
      return database.prepare('SELECT count(*) AS tables FROM sqlite_master').get()!.tables === 0;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}
