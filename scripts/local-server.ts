/**
 * The local server: workerd itself on the built bundle, with all state in one folder.
 *
 *     const server = await startServer({stateDir: folder});
 *     await fetch(`${server.url}/v1/clusters`, …);
 *     await server.stop();
 */
import { chmodSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { addressesOf, bracketed } from './local/addresses.ts';
import { localCertificates } from './local/certificates.ts';
import { clusterHostsResolve } from './local/cluster-hosts.ts';
import { keepHeavyProcess } from './local/heavy-process.ts';
import { D1_WORKER, writeWorker } from './local/installation.ts';
import { sweepObjects } from './local/object-sweep.ts';
import { workerdBinary } from './local/platform.ts';
import { openStateFolder } from './local/state-folder.ts';
import { lockState, type StateLock } from './local/state-lock.ts';
import { openTlsDoor, PEERS_SOCKET, socketFolder, TLS_SOCKET } from './local/tls-door.ts';
import { startWebhookService } from './local/webhook-service.ts';
import { CLUSTERS_SOCKET, HAS_HEAVY_PROCESS, workerdConfig } from './local/workerd-config.ts';
import { EndedAtStart, listening, spawnWorkerd } from './local/workerd-process.ts';

export interface ServerOptions {
  /** A free one by default, as is `httpsPort`. */
  port?: number;
  httpsPort?: number;
  /** The name or address to listen at; loopback by default. */
  host?: string;
  stateDir: string;
  /** Whether an earlier start's bundle in `stateDir` is to be used again. */
  bundled?: boolean;
  /** ADDRESS:PORT at which debuggers and profilers reach the server's process; nowhere unless said. */
  inspector?: string;
  /** MB of JavaScript's objects that the server's process may have; see workerd-config.ts. */
  heapMB?: number;
  /** Bindings of the Worker: `HOSTS`, `LIMITS`, `LOCAL_CLUSTER_HOSTS`, `TRUST_FORWARDED_FOR`; see src/platform/. */
  settings?: Record<string, string>;
}

export interface LocalServer {
  /** `http://localhost:PORT`, or the host that it listens at; and its twin with TLS. */
  url: string;
  httpsUrl: string;
  /** The URLs, with and without TLS, by which other machines reach it, if any do. */
  reachedAt: { url: string; httpsUrl: string }[];
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

const SERVER_CONFIG = 'workerd.capnp';

/** How often other ports are looked for: one that was free may be somebody else's before workerd has it. */
const PORT_ATTEMPTS = 3;

/** @throws StateTaken if another server has the folder. */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await startOnce(options);
    } catch (error) {
      const chooses = !options.port || !options.httpsPort;
      if (!(error instanceof EndedAtStart && chooses) || attempt === PORT_ATTEMPTS) throw error;
    }
}

async function startOnce(options: ServerOptions): Promise<LocalServer> {
  // Where there is no workerd, that is said before anything is made.
  workerdBinary();
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
  const host = (options.host ?? '127.0.0.1').replace(/^\[|\]$/g, '');
  const addresses = addressesOf(host);
  sweepObjects(objectsDir, databaseDir, Date.now());
  const [port, httpsPort] = [await claimPort(options.port ?? 0, host), await claimPort(options.httpsPort ?? 0, host)];
  const bundle = join(stateDir, 'worker.js');
  const [{ ca, clients, server }, clusterHosts] = await Promise.all([
    localCertificates(stateDir, addresses.certified),
    clusterHostsResolve(),
    options.bundled || writeWorker(bundle),
  ]);
  const database = join(stateDir, 'd1.worker.js');
  copyFileSync(D1_WORKER, database);
  chmodSync(database, 0o600);
  const sockets = socketFolder(stateDir);
  const settings = { ...(clusterHosts ? { LOCAL_CLUSTER_HOSTS: 'true' } : {}), ...options.settings };
  const config = workerdConfig({
    host: bracketed(host),
    localHost: addresses.local,
    port,
    httpsPort,
    tlsDoor: sockets !== undefined,
    ca,
    server,
    objectsDir,
    databaseDir,
    heapMB: options.heapMB,
    settings,
  });
  writeFileSync(join(stateDir, SERVER_CONFIG), config, { mode: 0o600 });
  rmSync(join(stateDir, CLUSTERS_SOCKET), { force: true });
  // A server that others reach calls nothing of its own network for them; no other calls what does not say that it is there.
  const reach = addresses.reached.length === 0 ? 'named' : 'public';
  const webhooks = HAS_HEAVY_PROCESS ? await startWebhookService(stateDir, reach) : undefined;
  for (const socket of [CLUSTERS_SOCKET, TLS_SOCKET, PEERS_SOCKET]) rmSync(join(stateDir, socket), { force: true });
  const child = spawnWorkerd(stateDir, SERVER_CONFIG, options.inspector);
  const childExited = new Promise<void>((fulfil) =>
    child.once('exit', () => {
      lock.release();
      fulfil();
    }),
  );
  if (child.pid !== undefined) lock.serves(child.pid, `http://${addresses.local}:${port}`);
  const heavy = HAS_HEAVY_PROCESS ? keepHeavyProcess(stateDir, (pid) => lock.works(pid)) : undefined;
  // Whoever comes before workerd listens is turned away, as before the start.
  const tls = { host, port: httpsPort, server, clientAuthority: clients };
  const door = sockets === undefined ? undefined : openTlsDoor({ ...tls, folder: sockets });
  const leaveNothing = () => {
    child.kill('SIGKILL');
    heavy?.end();
    door?.close();
  };
  process.once('exit', leaveNothing);
  // The next server may have the same ports.
  const exited = childExited.then(async () => {
    heavy?.end();
    webhooks?.close();
    process.off('exit', leaveNothing);
    await door?.close();
  });
  const doors = [...(sockets ? ['tls', 'peers'] : ['https']), ...(heavy ? ['clusters'] : [])];
  try {
    await Promise.all([listening(child, ['http', ...doors]), heavy?.ready, door?.ready]);
  } catch (error) {
    leaveNothing();
    throw error;
  }
  for (const socket of [...(heavy ? [CLUSTERS_SOCKET] : []), ...(sockets ? [TLS_SOCKET, PEERS_SOCKET] : [])])
    chmodSync(join(stateDir, socket), 0o600);

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
    await exited;
    clearTimeout(timer);
  };
  return {
    url: `http://${addresses.local}:${port}`,
    httpsUrl: `https://${addresses.local}:${httpsPort}`,
    reachedAt: addresses.reached.map((name) => ({
      url: `http://${name}:${port}`,
      httpsUrl: `https://${name}:${httpsPort}`,
    })),
    ca,
    pid: child.pid!,
    heavyPid: () => heavy?.pid(),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    exited,
  };
}
