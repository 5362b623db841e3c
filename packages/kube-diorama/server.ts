/** A server for tests, in processes of its own that end with the test's, however that ends. */
import { spawn } from 'node:child_process';
import { CLI } from '../../scripts/local/installation.ts';

export interface ServerOptions {
  /** A free one by default, as is `httpsPort`. */
  port?: number;
  httpsPort?: number;
  /** The address to listen at; this machine alone by default. */
  host?: string;
  /** Where clusters are kept; by default in a folder that goes with the server. */
  stateDir?: string;
  /** How much clients may ask, e.g. `{creations: {perSecond: 100, burst: 1000}}`. */
  limits?: Record<string, { perSecond: number; burst: number }>;
}

export interface Server {
  /** `http://localhost:PORT`. */
  readonly url: string;
  /** The same with TLS, which is what kubectl needs. */
  readonly httpsUrl: string;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
  /** Ends it, and removes what it kept if that was temporary. */
  stop(): Promise<void>;
}

/** @throws Error that says why it could not start: a port that is taken, a machine that workerd does not run on */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const args = ['up', '--json', '--until-input-ends', ...argumentsOf(options)];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // Its input ends with this process, and so does it.
  child.stdin!.on('error', () => {});
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4000);
  });
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('error', reject);
    ended.then(() => reject(new Error(said.trim().replace(/^kube-diorama: /, '') || 'the server ended at its start')));
  });
  const { url, httpsUrl, ca } = JSON.parse(line) as Server;
  // A test runner may end when only the server is left.
  const handles = [child, child.stdin, child.stdout, child.stderr] as { ref?(): void; unref?(): void }[];
  for (const handle of handles) handle.unref?.();
  return {
    url,
    httpsUrl,
    ca,
    stop() {
      for (const handle of handles) handle.ref?.();
      child.stdin!.end();
      return ended;
    },
  };
}

function argumentsOf({ port = 0, httpsPort = 0, host, stateDir, limits }: ServerOptions): string[] {
  return [
    `--port=${port}`,
    `--https-port=${httpsPort}`,
    ...(host === undefined ? [] : [`--host=${host}`]),
    stateDir === undefined ? '--temporary' : `--state=${stateDir}`,
    ...(limits === undefined ? [] : [`--limits=${JSON.stringify(limits)}`]),
  ];
}
