/**
 * Where the parts of a local server lie, and how it is called: here, in a checkout. The package `kube-diorama` is built with
 * packages/kube-diorama/installation.ts in the place of this file.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with `wrangler.toml`, `migrations/` and `package.json`. */
export const PARTS: string = join(import.meta.dirname, '../..');
/** The Worker that is the local server's D1. */
export const D1_WORKER: string = join(import.meta.dirname, 'd1.worker.js');
/** What the thread of the door with TLS runs. */
export const TLS_DOOR: string = join(import.meta.dirname, 'tls-door-thread.ts');
/** The command line, for Node to run. */
export const CLI: string = join(PARTS, 'src/cli/main.js');
/** Where a server keeps its state unless told otherwise. */
export const STATE_DIR: string = join(PARTS, '.state');
/** What a user types to start a server. */
export const UP = 'npm start --';

/** etcd's services, as .proto files. */
export const etcdProtos = (): string =>
  fileURLToPath(new URL('proto/rpc.proto', new URL('../', import.meta.resolve('etcd3'))));

/** Puts the Worker, in one file, to where a server's configuration is. */
export async function writeWorker(outfile: string): Promise<void> {
  const { bundleWorker } = await import('./bundle.ts');
  await bundleWorker(join(PARTS, 'src/worker.ts'), outfile);
  chmodSync(outfile, 0o600);
}
