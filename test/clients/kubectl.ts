/** The real kubectl versions that this machine has, and a way to run one against a cluster. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where a distribution may have put kubectl versions. */
const FOLDERS = [...new Set([...(process.env.PATH ?? '').split(':'), '/usr/lib/google-cloud-sdk/bin'])];
const NAMES = [
  'kubectl',
  'kubectl.1.27',
  'kubectl.1.28',
  'kubectl.1.29',
  'kubectl.1.30',
  'kubectl.1.31',
  'kubectl.1.32',
  'kubectl.1.33',
];

export interface Kubectl {
  name: string;
  path: string;
}

/** Every kubectl found, at most one a name. */
export function findKubectls(): Kubectl[] {
  const found: Kubectl[] = [];
  for (const name of NAMES) {
    const folder = FOLDERS.find((f) => f && existsSync(join(f, name)));
    if (folder) found.push({ name, path: join(folder, name) });
  }
  return found;
}

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

const COMMAND_LIMIT_MS = 30_000;

/** Runs kubectl with a kubeconfig of its own and nothing of the user's. */
export function run(
  kubectl: Kubectl,
  kubeconfig: string,
  home: string,
  args: string[],
  stdin?: string,
): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      kubectl.path,
      ['--kubeconfig', kubeconfig, ...args],
      { env: { HOME: home, PATH: process.env.PATH }, timeout: COMMAND_LIMIT_MS, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end(stdin ?? '');
  });
}
