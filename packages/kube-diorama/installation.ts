/** The twin of scripts/local/installation.ts in the built package, beside whose parts this code lies: see build.ts. */
import { chmodSync, copyFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = dirname(fileURLToPath(import.meta.url));

export const D1_WORKER: string = join(DIST, 'd1.worker.js');
export const TLS_DOOR: string = join(DIST, 'tls-door-thread.js');
export const PARTS: string = join(DIST, '..');
export const CLI: string = join(DIST, 'cli.js');
export const STATE_DIR: string = join(stateHome(), 'kube-diorama');
export const UP = 'kube-diorama up';

export const etcdProtos = (): string => join(DIST, 'proto/rpc.proto');

export async function writeWorker(outfile: string): Promise<void> {
  copyFileSync(join(DIST, 'worker.js'), outfile);
  chmodSync(outfile, 0o600);
}

/**
 * One place for a user, wherever the command is typed: an update of the package leaves it alone, and nothing of it is ever committed with
 * a project. Source: the XDG base directories, and what macOS and Windows have instead.
 */
function stateHome(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  // A relative path is not valid there, and is to be ignored.
  return XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : join(homedir(), '.local', 'state');
}
