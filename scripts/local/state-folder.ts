/** The folder with all state of a local server: nobody else's to read. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What stands in a state folder: a server's files, wrangler's and the benchmark's. */
const OURS =
  /^(authority\.json|worker\.js|d1\.worker\.js|workerd\.capnp|heavy\.capnp|(heavy|clusters|webhooks|tls|peers)\.socket|server\.json(\.new)?|lock\.sqlite.*|v3|tmp|bench\.json)$/;

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
