/** A cluster without a server, in the process of the test. */
import { sqlite } from '../../scripts/local/sqlite.ts';
import { loadInProcess } from './in-process-loader.ts';
import type { ClusterClient, ClusterOptions } from './options.ts';
import { bodyOf, contentOf } from './requests.ts';

export interface InProcessCluster extends ClusterClient {
  readonly id: string;
  /** The token of its admin. */
  readonly token: string;
}

/**
 * A cluster in this process, over Node's SQLite in memory: no server, no port, no other process. Its time stands still but for `advance`, and
 * when a request is answered all that it brings about at that time has happened. Only this object's `fetch` and `request` reach it: for kubectl
 * and client libraries there is `createCluster`.
 * @throws Error on a Node without SQLite (older than 22.13), and for options that cannot be
 */
export async function createInProcess(options: ClusterOptions = {}): Promise<InProcessCluster> {
  if (!sqlite)
    throw new Error(`createInProcess needs the SQLite of Node 22.13 or newer; this is Node ${process.versions.node}`);
  const { makeInProcess } = await loadInProcess();
  const cluster = await makeInProcess(options);
  const clock = async () => {
    const time = new Date(cluster.now).toISOString();
    return { time, speed: 1, paused: true, done: true, settled: true };
  };
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers({ accept: 'application/json', authorization: `Bearer ${cluster.token}` });
    new Headers(init.headers).forEach((value, name) => {
      headers.set(name, value);
    });
    const response = await cluster.handle(new Request(`http://cluster${path}`, { ...init, headers }));
    await cluster.advance(0);
    return response;
  };
  return {
    id: cluster.id,
    token: cluster.token,
    fetch: send,
    async request(method, path, body, contentType) {
      return contentOf(await send(path, bodyOf(method, body, contentType)), `${method} ${path}`);
    },
    clock,
    async advance(seconds) {
      await cluster.advance(seconds * 1000);
      return clock();
    },
    async delete() {
      cluster.close();
    },
  };
}
