/** What `create` and `import` do with a cluster that they have made. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { ask, bearer } from './ask.ts';

/** The platform's answer to a creation. */
export interface MadeCluster {
  id: string;
  name: string;
  /** The address of its Kubernetes API. */
  server: string;
  token: string;
  /** RFC 3339, as is `expiresAt`. */
  createdAt: string;
  expiresAt: string;
}

export const KUBECONFIG = {
  type: 'string',
  value: 'FILE',
  about: "Write the new cluster's kubeconfig to a new file that only you can read.",
} as const;

export const FORCE = { type: 'boolean', about: 'Overwrite FILE if there is one.' } as const;

export async function fetchKubeconfig(server: string, id: string, token: string): Promise<string> {
  const url = `${server}/v1/clusters/${encodeURIComponent(id)}/kubeconfig`;
  return (await ask(url, { headers: bearer(token) })).text();
}

export interface Destination {
  /** The file for the kubeconfig. */
  kubeconfig?: string | undefined;
  force?: boolean | undefined;
}

/**
 * Makes a cluster and prints the server's answer. The file is opened before: a cluster whose kubeconfig has no place is not made, and a
 * kubeconfig that is there, with other clusters in it, is not lost, even where it is to be overwritten and nothing comes of that.
 */
export async function makeCluster(
  server: string,
  { kubeconfig, force }: Destination,
  make: () => Promise<Response>,
): Promise<void> {
  const file = kubeconfig === undefined ? undefined : reserve(kubeconfig, force === true);
  try {
    const made = (await (await make()).json()) as MadeCluster;
    if (file) {
      writeFileSync(file.descriptor, await fetchKubeconfig(server, made.id, made.token));
      if (file.path !== kubeconfig) renameSync(file.path, kubeconfig!);
    }
    console.log(JSON.stringify(made, null, 2));
  } catch (error) {
    if (file) rmSync(file.path, { force: true });
    throw error;
  } finally {
    if (file) closeSync(file.descriptor);
  }
}

/** A new file of its owner's alone: that of this path, or, where one may be there, one beside it that is to take its place. */
function reserve(path: string, force: boolean): { path: string; descriptor: number } {
  if (force && statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${path} is a folder`);
  const own = force ? `${path}.${randomUUID()}` : path;
  try {
    return { path: own, descriptor: openSync(own, 'wx', 0o600) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new Error(`${path} is there already; --force overwrites it`);
    throw error;
  }
}
