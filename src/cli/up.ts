/** `kube-diorama up`, which is also `npm start`: the whole of Diorama on this machine. */
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { STATE_DIR, UP } from '../../scripts/local/installation.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { defineCommand, UsageError } from './command.ts';

const PORT = 8787;
const HTTPS_PORT = 8788;

export const up = defineCommand({
  name: 'up',
  about: 'Run all of Diorama on this machine.',
  options: {
    port: { type: 'string', value: 'PORT', about: `By default the variable PORT, or ${PORT}; 0 takes a free one.` },
    'https-port': {
      type: 'string',
      value: 'PORT',
      about: 'For kubectl; by default the variable HTTPS_PORT, or the next one.',
    },
    host: {
      type: 'string',
      value: 'HOST',
      about: 'The address to listen at; 0.0.0.0 is all. By default this machine alone.',
    },
    state: { type: 'string', value: 'FOLDER', about: `Where clusters are kept; by default ${STATE_DIR}.` },
    temporary: { type: 'boolean', about: 'Keep clusters in a new folder, which goes when the server ends.' },
    hosts: {
      type: 'string',
      value: 'HOST,…',
      about: 'Host names under which the server is reached; also the variable HOSTS.',
    },
    limits: { type: 'string', value: 'JSON', about: 'How much clients may ask; also the variable LIMITS.' },
    'trust-forwarded-for': { type: 'boolean', about: "Take a client's address from a proxy of yours." },
    json: { type: 'boolean', about: 'Print where it is as one line of JSON: url, httpsUrl, ca, pid.' },
    'until-input-ends': { type: 'boolean', about: 'End when the input ends, as it does when whoever started it does.' },
  },
  async run(values) {
    const port = portNumber(values.port ?? process.env.PORT ?? String(PORT));
    const nextPort = port === 0 ? 0 : port === PORT ? HTTPS_PORT : port + 1;
    const httpsText = values['https-port'] ?? process.env.HTTPS_PORT;
    const httpsPort = httpsText === undefined ? nextPort : portNumber(httpsText);
    const { hosts = process.env.HOSTS, limits = process.env.LIMITS } = values;
    const settings = {
      ...(hosts ? { HOSTS: hosts } : {}),
      ...(limits ? { LIMITS: await checked(limits) } : {}),
      ...(values['trust-forwarded-for'] ? { TRUST_FORWARDED_FOR: 'true' } : {}),
    };
    if (values.temporary && values.state !== undefined)
      throw new UsageError('--temporary and --state exclude each other');
    const stateDir = values.temporary ? temporaryFolder() : resolve(values.state ?? STATE_DIR);
    const host = values.host ? { host: values.host } : {};
    try {
      await serve({ port, httpsPort, ...host, stateDir, settings }, values);
    } finally {
      // An input that is still open would keep a process that has failed.
      if (values['until-input-ends']) process.stdin.destroy();
    }
  },
});

interface Manner {
  json?: boolean;
  'until-input-ends'?: boolean;
}

/** Until a signal comes or the server ends. */
async function serve(options: Parameters<typeof startServer>[0], manner: Manner): Promise<void> {
  let stop = (): void => process.exit();
  const end = (): void => stop();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  if (manner['until-input-ends']) process.stdin.resume().once('end', end).once('error', end);
  const server = await startServer(options).catch(throwPlainly);
  let isStopped = false;
  stop = () => {
    isStopped = true;
    void server.stop();
  };
  const { url, httpsUrl, ca } = server;
  console.log(manner.json ? JSON.stringify({ url, httpsUrl, ca, pid: process.pid }) : banner(server, options.stateDir));
  await server.exited;
  if (!isStopped) throw new Error('the server has ended by itself');
  process.exit(0);
}

/** Where many clusters are made and gone in seconds, and nothing need be there after a crash. Of Linux. */
const RAM_DISK = '/dev/shm';
/** Containers have a small one, that a few hundred clusters would fill. */
export const MIN_FREE_BYTES = 1024 ** 3;

/** As long as this process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(hasRoom(RAM_DISK) && !process.env.TMPDIR ? RAM_DISK : tmpdir(), 'kube-diorama-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `free`: what the file system says of the folder. */
export function hasRoom(
  folder: string,
  free: (folder: string) => { bavail: number; bsize: number } = statfsSync,
): boolean {
  try {
    const { bavail, bsize } = free(folder);
    accessSync(folder, constants.W_OK);
    return bavail * bsize >= MIN_FREE_BYTES;
  } catch {
    return false;
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`${text} is not a port`);
  return port;
}

async function checked(limits: string): Promise<string> {
  const { checkedLimits } = await import('../../scripts/local/checked-limits.ts');
  try {
    return checkedLimits(limits);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function throwPlainly(error: NodeJS.ErrnoException & { port?: number; address?: string; hostname?: string }): never {
  if (error.code === 'EADDRINUSE')
    throw new Error(`Port ${error.port} is taken. Choose others: ${UP} --port 9000 (https then uses 9001).`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    throw new Error(`--host ${error.address ?? error.hostname} is no address of this machine.`);
  throw error;
}

function banner({ url, httpsUrl, reachedAt }: LocalServer, stateDir: string): string {
  const others = reachedAt.map((at) => `Others reach it at ${at.url} (kubectl uses ${at.httpsUrl}).\n`).join('');
  return `
Diorama is at ${url} (kubectl uses ${httpsUrl}). Its state is kept in ${stateDir}.
${others}
Make a cluster; the answer has its ID and TOKEN:
  curl -sX POST ${url}/v1/clusters -H 'content-type: application/json' -d '{"nodes":3}'

Use it:
  curl -s ${url}/v1/clusters/ID/kubeconfig -H "authorization: Bearer TOKEN" > kc
  kubectl --kubeconfig kc create deployment web --image=nginx --replicas=3
  kubectl --kubeconfig kc rollout status deployment/web
  kubectl --kubeconfig kc get pods -o wide -w

Or open ${url} in a browser. Ctrl-C ends it.
`;
}
