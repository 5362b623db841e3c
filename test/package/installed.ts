/** The package as its users get it: packed, and installed from the tarball in an empty folder, for the Nodes that this machine has. */
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildPackage } from '../../packages/kube-diorama/build.ts';
import { type Result, type RunOptions, runProgram } from '../etcd-clients/program.ts';

/** What npm says when it is the network that is not there. */
export const OFFLINE = /\b(ENOTFOUND|ENOTCACHED|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/;
const INSTALL_SECONDS = 300;

export interface InstalledPackage {
  tarball: string;
  /** Bytes of the tarball. */
  size: number;
  /** How long npm took, seconds. */
  seconds: number;
  /** The folder in which it is installed. */
  folder: string;
  /** Runs a program there, with a home of its own. */
  run(node: Node, program: string, args: string[], options?: RunOptions): Promise<Result>;
  /** Starts a program there, until it has printed what matches. */
  start(node: Node, command: string[], printed: RegExp): Promise<Started>;
  /** `npx kube-diorama up`, on a free port and with a temporary state unless `args` say otherwise. */
  up(node: Node, args?: string[]): Promise<Started>;
  remove(): void;
}

export interface Started {
  /** What the first group of the pattern has matched. */
  found: string;
  /** From the command to then, seconds. */
  seconds: number;
  /** Ends its input, and itself. Fulfilled when it and all that it has started have ended. */
  stop(): Promise<void>;
}

/** A Node of this machine. */
export interface Node {
  version: string;
  /** A PATH on which it is the first. */
  path: string;
}

const isOurs = (folder: string): boolean => folder.includes('node_modules');

/** The one that runs this test, and the first on the PATH that is not of this repository, if that is another. */
export function findNodes(): Node[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder && !isOurs(folder));
  const found = folders.find((folder) => isExecutable(join(folder, 'node')));
  const paths = [[dirname(process.execPath), ...folders], ...(found ? [folders] : [])];
  const nodes = paths.map((path) => ({ path: path.join(delimiter), version: versionOf(path.join(delimiter)) }));
  return nodes.filter(({ version }, i) => nodes.findIndex((node) => node.version === version) === i);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const versionOf = (path: string): string =>
  execFileSync('node', ['--version'], { env: { ...process.env, PATH: path }, encoding: 'utf8' }).trim();

/** Undefined, after a line that says so, where npm reaches no registry and has not kept what it needs. */
export async function installPackage(node: Node): Promise<InstalledPackage | undefined> {
  const root = mkdtempSync(join(tmpdir(), 'diorama-package-'));
  const folder = join(root, 'user');
  const home = join(root, 'home');
  for (const made of [folder, home]) mkdirSync(made);
  const tarball = await buildPackage(root);
  const begun = performance.now();
  const environment = ({ path }: Node) => ({
    PATH: path,
    XDG_STATE_HOME: join(home, 'state'),
    NO_UPDATE_NOTIFIER: '1',
  });
  const installed = await runProgram('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    cwd: folder,
    env: environment(node),
    seconds: INSTALL_SECONDS,
  });
  if (installed.code !== 0) {
    rmSync(root, { recursive: true, force: true });
    if (!OFFLINE.test(installed.stderr)) throw new Error(`npm install failed: ${installed.stderr}`);
    console.log('The package is not tested: npm reaches no registry, and workerd is not in its cache.');
    return undefined;
  }
  const start = (of: Node, command: string[], printed: RegExp) =>
    startProgram(command, { cwd: folder, env: { ...process.env, ...environment(of) } }, printed);
  return {
    tarball,
    size: statSync(tarball).size,
    seconds: (performance.now() - begun) / 1000,
    folder,
    run: (of, program, args, options) =>
      runProgram(program, args, { cwd: folder, ...options, env: { ...environment(of), ...options?.env } }),
    start,
    up: (of, args = ['--temporary']) =>
      start(of, ['npx', 'kube-diorama', 'up', '--port', '0', '--until-input-ends', ...args], /Diorama is at (\S+)/),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function startProgram(
  [program, ...args]: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  printed: RegExp,
): Promise<Started> {
  const begun = performance.now();
  const child = spawn(program!, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = new Promise<void>((fulfil) => child.once('close', () => fulfil()));
  const stop = (): Promise<void> => {
    child.stdin.end();
    // npx would go alone, and leave what it runs; that sees its input end.
    if (program !== 'npx') child.kill('SIGTERM');
    return closed;
  };
  let text = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk;
        const found = printed.exec(text)?.[1];
        if (found) resolve({ found, seconds: (performance.now() - begun) / 1000, stop });
      });
    closed.then(() => reject(new Error(`it ended after printing: ${text}`)));
  });
}
