/** A cluster on a server: made for a test, used in it, and deleted after it. */
import type { ClockState, ClusterClient, ClusterOptions } from './options.ts';
import { bodyOf, contentOf, sendUntilTaken } from './requests.ts';

const DEFAULT_SERVER = 'http://localhost:8787';

export interface CreateOptions extends ClusterOptions {
  /** Where to make it: what `startServer` answers, or a URL; by default the variable DIORAMA_SERVER, or http://localhost:8787. */
  server?: string | { url: string };
}

export interface Cluster extends ClusterClient {
  readonly id: string;
  readonly name: string;
  /** The address of its Kubernetes API, over plain http from a local server. */
  readonly server: string;
  /** The token of its admin. */
  readonly token: string;
  /** Until when it lives, RFC 3339. */
  readonly expiresAt: string;
  /** A kubeconfig, for kubectl and for client libraries. */
  kubeconfig(): Promise<string>;
  /** Its time stands still. */
  pause(): Promise<ClockState>;
  /** Its time goes on. */
  resume(): Promise<ClockState>;
}

/** Makes a cluster on a server, ready for use. @throws ApiError for options that cannot be */
export async function createCluster({ server, ...options }: CreateOptions = {}): Promise<Cluster> {
  const given = typeof server === 'object' ? server.url : server;
  const platform = (given ?? process.env.DIORAMA_SERVER ?? DEFAULT_SERVER).replace(/\/+$/, '');
  const url = `${platform}/v1/clusters`;
  const response = await sendUntilTaken(() => fetch(url, bodyOf('POST', options)));
  const made: Made = await contentOf(response, `POST ${url}`);
  const cluster = new ServedCluster(platform, made);
  const refused = made.manifests?.failed[0];
  if (!refused) return cluster;
  await cluster.delete();
  throw new Error(`manifests/${refused.index}: ${refused.message}`);
}

interface Made {
  id: string;
  name: string;
  server: string;
  token: string;
  expiresAt: string;
  manifests?: { failed: { index: number; message: string }[] };
}

class ServedCluster implements Cluster {
  readonly id: string;
  readonly name: string;
  readonly server: string;
  readonly token: string;
  readonly expiresAt: string;
  readonly #platform: string;

  constructor(platform: string, { id, name, server, token, expiresAt }: Made) {
    this.#platform = `${platform}/v1/clusters/${id}`;
    this.id = id;
    this.name = name;
    this.server = server;
    this.token = token;
    this.expiresAt = expiresAt;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return this.#send(this.server + path, init);
  }

  async request(method: string, path: string, body?: unknown, contentType?: string): Promise<any> {
    return contentOf(await this.fetch(path, bodyOf(method, body, contentType)), `${method} ${path}`);
  }

  kubeconfig(): Promise<string> {
    return this.#ask('GET', '/kubeconfig');
  }

  clock(): Promise<ClockState> {
    return this.#ask('GET', '/clock');
  }

  async advance(seconds: number): Promise<ClockState> {
    let clock = await this.#changeClock({ advance: seconds });
    // A long step goes on after its answer.
    while (!clock.done) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      clock = await this.clock();
    }
    return clock;
  }

  pause(): Promise<ClockState> {
    return this.#changeClock({ paused: true });
  }

  resume(): Promise<ClockState> {
    return this.#changeClock({ paused: false });
  }

  async delete(): Promise<void> {
    await this.#ask('DELETE', '');
  }

  #changeClock(change: object): Promise<ClockState> {
    return this.#ask('PATCH', '/clock', change);
  }

  async #ask(method: string, path: string, body?: unknown): Promise<any> {
    const response = await this.#send(this.#platform + path, bodyOf(method, body, 'application/json'));
    return contentOf(response, `${method} ${this.#platform}${path}`);
  }

  #send(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    // A body that is a stream is gone when it was sent.
    const once = init.body !== undefined && typeof init.body !== 'string';
    const send = () => fetch(url, { ...init, headers });
    return once ? send() : sendUntilTaken(send);
  }
}
