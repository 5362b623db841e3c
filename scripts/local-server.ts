/**
 * The local server: workerd itself on the built bundle, with all state in one folder.
 *
 *     const server = await startServer({stateDir: folder});
 *     await fetch(`${server.url}/v1/clusters`, …);
 *     await server.stop();
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { constants, setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleWorker, ROOT } from './local/bundle.ts';
import { localCertificates } from './local/certificates.ts';
import { clusterHostsResolve } from './local/cluster-hosts.ts';
import { sweepObjects } from './local/object-sweep.ts';
import { openStateFolder, privately } from './local/state-folder.ts';
import { lockState, type StateLock } from './local/state-lock.ts';
import {
  CLUSTERS_SOCKET,
  HAS_HEAVY_PROCESS,
  HEAVY_SOCKET,
  heavyConfig,
  workerdConfig,
} from './local/workerd-config.ts';

export interface ServerOptions {
  /** A free one by default, as is `httpsPort`. */
  port?: number;
  httpsPort?: number;
  /** Where to listen; loopback by default. */
  host?: string;
  stateDir: string;
  /** Whether an earlier start's bundle in `stateDir` is to be used again. */
  bundled?: boolean;
  /** Bindings of the Worker: `HOSTS`, `LIMITS`, `LOCAL_CLUSTER_HOSTS`, `TRUST_FORWARDED_FOR`; see src/platform/. */
  settings?: Record<string, string>;
}

export interface LocalServer {
  /** `http://localhost:PORT`, and its twin with TLS. */
  url: string;
  httpsUrl: string;
  /** PEM of the authority that signed the https door's certificate. */
  ca: string;
  pid: number;
  /** Of the process for heavy work: another one after that has ended; undefined where there is none. */
  heavyPid(): number | undefined;
  /** Ends it in order; with open streams, after two seconds in any case. */
  stop(): Promise<void>;
  /** Ends it on the spot, as a crash would. */
  kill(): Promise<void>;
  /** Fulfilled when the process has ended, by whatever cause. */
  exited: Promise<void>;
}

const START_SECONDS = 30;
const STOP_MILLISECONDS = 2000;

/** Whether the port can be had; port 0 asks for any. Answers the port. */
function claimPort(port: number, host: string): Promise<number> {
  return new Promise((fulfil, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => fulfil(typeof address === 'object' && address ? address.port : port));
    });
  });
}

export function workerdBinary(): string {
  const require = createRequire(import.meta.url);
  const main = require.resolve('workerd');
  return createRequire(main)(main).default;
}

/** Fulfilled when these sockets are open; workerd tells so on its control pipe. */
function listening(child: ChildProcess, sockets: readonly string[]): Promise<void> {
  return new Promise((fulfil, reject) => {
    const open = new Set<string>();
    const timer = setTimeout(
      () => reject(new Error(`workerd did not listen within ${START_SECONDS} s`)),
      START_SECONDS * 1000,
    );
    let text = '';
    child.stdio[3]!.on('data', (chunk: Buffer) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const message = JSON.parse(line) as { event: string; socket?: string };
        if (message.event === 'listen' && message.socket) open.add(message.socket);
      }
      if (sockets.every((name) => open.has(name))) {
        clearTimeout(timer);
        fulfil();
      }
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`workerd ended at its start (${signal ?? code})`));
    });
  });
}

const SERVER_CONFIG = 'workerd.capnp';
const HEAVY_CONFIG = 'heavy.capnp';

/** In the state folder, as the configurations name what is there. */
const spawnWorkerd = (stateDir: string, config: string): ChildProcess =>
  privately(() =>
    spawn(workerdBinary(), ['serve', config, '--control-fd=3'], {
      cwd: stateDir,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    }),
  );

/** Where both want the processor, who waits for something small goes first. */
function runBehind(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not every system lets it be said.
  }
}

/** Milliseconds after which the process for heavy work is started anew when it has ended. */
const RESTART_MS = 200;

/** The process for heavy work, for as long as the server lives: what was too much for one is not too much for the next. */
function keepHeavyProcess(
  stateDir: string,
  started: (pid: number) => void,
): { ready: Promise<void>; pid(): number; end(): void } {
  let child: ChildProcess;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const start = (): Promise<void> => {
    rmSync(join(stateDir, HEAVY_SOCKET), { force: true });
    child = spawnWorkerd(stateDir, HEAVY_CONFIG);
    if (child.pid !== undefined) {
      started(child.pid);
      runBehind(child.pid);
    }
    child.once('exit', () => {
      if (!ended) timer = setTimeout(() => start().catch(() => undefined), RESTART_MS);
    });
    return listening(child, ['heavy']).then(() => chmodSync(join(stateDir, HEAVY_SOCKET), 0o600));
  };
  return {
    ready: start(),
    pid: () => child.pid!,
    end() {
      ended = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
    },
  };
}

/** @throws StateTaken if another server has the folder. */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const stateDir = resolve(options.stateDir);
  const objectsDir = join(stateDir, 'v3/do');
  const databaseDir = join(stateDir, 'v3/d1');
  openStateFolder(stateDir, [objectsDir, databaseDir]);
  const lock = await lockState(stateDir);
  try {
    return await serve(options, { stateDir, objectsDir, databaseDir }, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serve(
  options: ServerOptions,
  { stateDir, objectsDir, databaseDir }: { stateDir: string; objectsDir: string; databaseDir: string },
  lock: StateLock,
): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1';
  sweepObjects(objectsDir, databaseDir, Date.now());
  const [port, httpsPort] = [await claimPort(options.port ?? 0, host), await claimPort(options.httpsPort ?? 0, host)];
  const bundle = join(stateDir, 'worker.js');
  const [{ ca, server }, clusterHosts] = await Promise.all([
    localCertificates(stateDir),
    clusterHostsResolve(),
    options.bundled || bundleWorker(join(ROOT, 'src/worker.ts'), bundle).then(() => chmodSync(bundle, 0o600)),
  ]);
  const database = join(stateDir, 'd1.worker.js');
  copyFileSync(join(import.meta.dirname, 'local/d1.worker.js'), database);
  chmodSync(database, 0o600);
  const settings = { ...(clusterHosts ? { LOCAL_CLUSTER_HOSTS: 'true' } : {}), ...options.settings };
  const config = workerdConfig({ host, port, httpsPort, ca, server, objectsDir, databaseDir, settings });
  writeFileSync(join(stateDir, SERVER_CONFIG), config, { mode: 0o600 });
  writeFileSync(join(stateDir, HEAVY_CONFIG), heavyConfig(), { mode: 0o600 });
  rmSync(join(stateDir, CLUSTERS_SOCKET), { force: true });
  const child = spawnWorkerd(stateDir, SERVER_CONFIG);
  const exited = new Promise<void>((fulfil) =>
    child.once('exit', () => {
      lock.release();
      fulfil();
    }),
  );
  if (child.pid !== undefined) lock.serves(child.pid, `http://localhost:${port}`);
  const heavy = HAS_HEAVY_PROCESS ? keepHeavyProcess(stateDir, (pid) => lock.works(pid)) : undefined;
  const leaveNothing = () => {
    child.kill('SIGKILL');
    heavy?.end();
  };
  process.once('exit', leaveNothing);
  exited.then(() => {
    heavy?.end();
    process.off('exit', leaveNothing);
  });
  await Promise.all([listening(child, ['http', 'https', ...(heavy ? ['clusters'] : [])]), heavy?.ready]);
  if (heavy) chmodSync(join(stateDir, CLUSTERS_SOCKET), 0o600);

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
    await exited;
    clearTimeout(timer);
  };
  return {
    url: `http://localhost:${port}`,
    httpsUrl: `https://localhost:${httpsPort}`,
    ca,
    pid: child.pid!,
    heavyPid: () => heavy?.pid(),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    exited,
  };
}
