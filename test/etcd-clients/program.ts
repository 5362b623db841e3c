/** Programs that this machine may have, and the command line of our own. */
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

export const CLI = join(import.meta.dirname, '../../src/cli/main.js');

/** Where the first of the names is on the PATH. */
export function findProgram(...names: string[]): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(':').filter(Boolean)) {
    for (const name of names) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  seconds?: number;
}

/** Never throws: a program that fails has a code. */
export function runProgram(path: string, args: string[], options: RunOptions = {}): Promise<Result> {
  const { cwd, env, stdin = '', seconds = 30 } = options;
  return new Promise((resolve) => {
    const settings = { cwd, env: { ...process.env, ...env }, timeout: seconds * 1000, maxBuffer: 64 << 20 };
    const child = execFile(path, args, settings, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

export const runCli = (args: string[], options?: RunOptions): Promise<Result> =>
  runProgram(process.execPath, [CLI, ...args], options);

export interface Bridge {
  /** `http://127.0.0.1:PORT`. */
  endpoint: string;
  stop(): Promise<void>;
}

/** The bridge as a user starts it, on a free port. */
export function startBridge(cluster: { server: string; token: string }): Promise<Bridge> {
  const args = ['bridge', 'etcd', '--cluster', cluster.server, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [CLI, ...args, '--watch-progress-notify-interval', '0.2'], {
    env: { ...process.env, DIORAMA_TOKEN: cluster.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((fulfil) => child.once('exit', () => fulfil()));
  return new Promise((resolve, reject) => {
    exited.then(() => reject(new Error('the bridge ended at its start')));
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const endpoint = / is at (http:\S+)\./.exec(text)?.[1];
      if (!endpoint) return;
      resolve({
        endpoint,
        async stop() {
          child.kill('SIGTERM');
          await exited;
        },
      });
    });
  });
}
