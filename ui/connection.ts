/**
 * Keeps a store as the cluster has it: a watch over WebSocket for each collection. When one breaks, the cluster itself is asked why, and
 * the end is told in words: a browser does not say with what a WebSocket was refused.
 */
import type { Sandbox } from './address.ts';
import type { Cluster } from './platform.gen.ts';
import { type ApiError, ask, clusterPath, getCluster } from './platform.ts';
import { COLLECTION_NAMES, COLLECTIONS, type CollectionName, type Store, type WatchEvent } from './store.ts';

export type Ending = 'token' | 'other' | 'gone' | 'unreachable';

export interface Listener {
  changed(): void;
  /** `lost`: what is shown may be old; it is being tried again. */
  phase(phase: 'connecting' | 'live' | 'lost'): void;
  /** What the platform says of the cluster. */
  found(cluster: Cluster): void;
  /** Nothing more comes of it. `cluster`: what was last known of it. */
  ended(ending: Ending, message: string, cluster?: Cluster): void;
}

const BEARER = 'base64url.bearer.authorization.k8s.io.';
/** What messages are: text. The server answers with it, as a browser insists that one be answered with. */
const PROTOCOL = 'text.k8s.io';
/** How long to wait before each further try; after the last it ends. */
export const RETRY_MILLISECONDS = [250, 500, 1000, 2000, 4000, 8000];
const MAX_WAIT_MILLISECONDS = 30_000;
/** An answer that takes longer is told as missing. */
const SLOW_MILLISECONDS = 600;

const base64url = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** The path of a collection's watch, in one namespace or in all. */
function watchPath(name: CollectionName, namespace?: string): string {
  const { root, namespaced } = COLLECTIONS[name];
  return `${root}${namespaced && namespace ? `/namespaces/${namespace}` : ''}/${name}`;
}

export class Connection {
  readonly #sandbox: Sandbox;
  readonly #store: Store;
  readonly #listener: Listener;
  readonly #namespace: string | undefined;
  readonly #sockets = new Map<CollectionName, WebSocket>();
  /** Where a watch goes on from; one without begins anew. */
  readonly #from = new Map<CollectionName, string>();
  /** Watches that were refused before anything came of them. */
  readonly #unopened = new Set<CollectionName>();
  #cluster: Cluster | undefined;
  /** Tries since all was well. */
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #over = false;
  /** Over, but for the network: it may come back. */
  #unreachable = false;

  constructor(sandbox: Sandbox, store: Store, listener: Listener, namespace?: string) {
    this.#sandbox = sandbox;
    this.#store = store;
    this.#listener = listener;
    this.#namespace = namespace;
  }

  /** `made`: the cluster, if it was just made, so that there is nothing to be asked first. */
  open(made?: Cluster): void {
    this.#listener.phase('connecting');
    this.#cluster = made;
    if (!made) void this.#check();
    this.#openAll();
    // A socket does not notice for minutes that the network is gone. A server on this machine is there nevertheless, so it is asked.
    addEventListener('offline', () => {
      if (!this.#over && this.#timer === undefined) void this.#check();
    });
    addEventListener('online', () => {
      if (this.#unreachable || this.#timer !== undefined) this.again();
    });
  }

  /** Tries again after an end, or at once while it waits. */
  again(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#over = false;
    this.#unreachable = false;
    this.#tries = 0;
    this.#listener.phase('connecting');
    void this.#check();
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    for (const socket of sockets) socket.close();
  }

  #openAll(): void {
    for (const name of COLLECTION_NAMES)
      if (!this.#sockets.has(name) && !this.#store[name].refused) this.#openOne(name);
  }

  #openOne(name: CollectionName): void {
    const collection = this.#store[name];
    const url = new URL(clusterPath(this.#sandbox, watchPath(name, this.#namespace)), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const from = this.#from.get(name);
    const query: Record<string, string> =
      from === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: from };
    url.search = new URLSearchParams({ watch: 'true', allowWatchBookmarks: 'true', ...query }).toString();
    if (from === undefined) collection.begin();
    const socket = new WebSocket(url, [`${BEARER}${base64url(this.#sandbox.token)}`, PROTOCOL]);
    this.#sockets.set(name, socket);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#told();
    };
    socket.onmessage = ({ data }) => {
      const event: WatchEvent = JSON.parse(data);
      const next = collection.take(event);
      // A watch that fell too far behind starts over.
      if (next === undefined) this.#from.delete(name);
      else if (collection.complete) this.#from.set(name, next);
      if (event.type === 'BOOKMARK') this.#told();
      this.#listener.changed();
    };
    socket.onclose = () => {
      if (this.#sockets.get(name) !== socket) return;
      this.#sockets.delete(name);
      if (!opened) this.#unopened.add(name);
      this.#schedule();
    };
  }

  /** Whether all is here and goes on. */
  #told(): void {
    const well = (name: CollectionName): boolean =>
      this.#store[name].refused ||
      (this.#store[name].complete && this.#sockets.get(name)?.readyState === WebSocket.OPEN);
    if (!COLLECTION_NAMES.every(well)) return;
    this.#tries = 0;
    this.#listener.phase('live');
  }

  /** The first try is made at once: a server ends each watch after a while. */
  #schedule(milliseconds = 0, message = 'The server does not answer.'): void {
    if (this.#timer !== undefined || this.#asking || this.#over) return;
    const pause = this.#tries === 0 ? 0 : RETRY_MILLISECONDS[this.#tries - 1];
    if (pause === undefined) {
      this.#end('unreachable', message);
      return;
    }
    if (this.#tries++ > 0) this.#listener.phase('lost');
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#check();
      },
      Math.min(MAX_WAIT_MILLISECONDS, Math.max(pause, milliseconds)),
    );
  }

  /** Asks whether the cluster is there, and opens what is not open; or waits, or ends. */
  async #check(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const slow = setTimeout(() => this.#listener.phase('lost'), SLOW_MILLISECONDS);
    try {
      this.#cluster = await getCluster(this.#sandbox);
      this.#listener.found(this.#cluster);
      await Promise.all([...this.#unopened].map((name) => this.#askAbout(name)));
      this.#asking = false;
      if (this.#over) return;
      this.#openAll();
      this.#told();
    } catch (error) {
      this.#asking = false;
      if (!this.#over) this.#refused(error as ApiError);
    } finally {
      clearTimeout(slow);
    }
  }

  /** A watch that was refused may be one that the token does not open, with the others well. */
  async #askAbout(name: CollectionName): Promise<void> {
    try {
      await ask(this.#sandbox, 'GET', `${watchPath(name, this.#namespace)}?limit=1`);
      this.#unopened.delete(name);
    } catch (error) {
      if ((error as ApiError).code !== 403) throw error;
      this.#unopened.delete(name);
      this.#store[name].refused = true;
      this.#listener.changed();
    }
  }

  #refused({ code, message, retryAfter }: ApiError): void {
    if (code === 401) this.#end('token', message);
    else if (code === 403) this.#end('other', message);
    else if (code === 404) this.#end('gone', message);
    else this.#schedule(retryAfter * 1000, message);
  }

  #end(ending: Ending, message: string): void {
    this.close();
    this.#unreachable = ending === 'unreachable';
    this.#listener.ended(ending, message, this.#cluster);
  }
}
