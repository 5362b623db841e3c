/** The local server's door with TLS, in a thread of its own: whoever started the server may stand still while a client waits. */
import { openSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { KeyedCertificate } from '../../src/resources/certificates/x509/authority.ts';
import { TLS_DOOR } from './installation.ts';
import { EndedAtStart } from './workerd-process.ts';

/** Where workerd takes what came over TLS, in the state folder: the bytes as they are, and requests with what is known of the client. */
export const TLS_SOCKET = 'tls.socket';
export const PEERS_SOCKET = 'peers.socket';

/** What a socket's path may have on every system, bytes. */
const MAX_PATH = 100;

/** The folder of the sockets by a path that is short enough to reach them; undefined where there is none, or no such sockets. */
export function socketFolder(stateDir: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const paths = [relative(process.cwd(), stateDir) || '.', stateDir];
  const short = paths.find((path) => Buffer.byteLength(join(path, PEERS_SOCKET)) <= MAX_PATH);
  return short ?? (process.platform === 'linux' ? `/proc/self/fd/${openSync(stateDir, 'r')}` : undefined);
}

export interface TlsDoorOptions {
  host: string;
  port: number;
  server: KeyedCertificate;
  /** Where the two sockets are, by a path that reaches them. */
  folder: string;
  /** PEM; clients are asked for certificates of an authority of this name. */
  clientAuthority: string;
}

export interface TlsDoor {
  /** Fulfilled when it listens. */
  ready: Promise<void>;
  /** Fulfilled when its port is free again. */
  close(): Promise<void>;
}

export function openTlsDoor(options: TlsDoorOptions): TlsDoor {
  const thread = new Worker(TLS_DOOR, { workerData: options });
  const ready = new Promise<void>((fulfil, reject) => {
    thread.once('message', () => fulfil());
    // A port may have become somebody else's since it was chosen.
    thread.once('error', ({ message }) => reject(new EndedAtStart(message)));
    thread.once('exit', () => reject(new EndedAtStart('the door with TLS was closed')));
  });
  // Nobody need wait for it.
  ready.catch(() => undefined);
  thread.unref();
  return { ready, close: async () => void (await thread.terminate()) };
}
