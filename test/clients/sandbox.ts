/** A server of a test's own, and clusters in it. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const RAM_DISK = '/dev/shm';

export interface Sandbox {
  server: LocalServer;
  /** A folder that goes with the sandbox. */
  folder: string;
  createCluster(spec: unknown): Promise<{ id: string; server: string; token: string }>;
  /** The same state behind a new process and the same port, after a crash if the old one was killed. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openSandbox(): Promise<Sandbox> {
  const root = await stat(RAM_DISK).then((s) => (s.isDirectory() ? RAM_DISK : tmpdir()), tmpdir);
  const folder = await mkdtemp(join(root, 'diorama-test-'));
  const stateDir = join(folder, 'state');
  const sandbox: Sandbox = {
    server: await startServer({ stateDir }),
    folder,
    async createCluster(spec) {
      const made = await fetch(`${sandbox.server.url}/v1/clusters`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(spec),
      });
      if (made.status !== 201) throw new Error(`creating a cluster answered ${made.status}: ${await made.text()}`);
      return made.json() as Promise<{ id: string; server: string; token: string }>;
    },
    async restart() {
      const port = Number(new URL(sandbox.server.url).port);
      const httpsPort = Number(new URL(sandbox.server.httpsUrl).port);
      sandbox.server = await startServer({ stateDir, port, httpsPort, bundled: true });
    },
    async close() {
      await sandbox.server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return sandbox;
}
