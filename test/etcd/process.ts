/** etcd in this process: the store over SQLite in memory, and the gateway's handler with a clock that the test moves. */
import { createHash } from 'node:crypto';
import {
  createGatewayBackend,
  type Digest,
  type GatewayBackend,
  type GatewaySocket,
} from '../../src/etcd/gateway/backend.ts';
import { handleGateway } from '../../src/etcd/gateway/gateway.ts';
import { MembersConsensus } from '../../src/etcd/members/consensus.ts';
import { foundEtcdMembers } from '../../src/etcd/members/founding.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store, type StoreOptions } from '../../src/etcd/store.ts';

/** Both ends of a WebSocket. */
export class FakeSocket implements GatewaySocket {
  readonly received: string[] = [];
  closed = false;
  readonly #listeners: ((event: { data: unknown }) => void)[] = [];
  readonly #closing: (() => void)[] = [];

  send(text: string): void {
    if (!this.closed) this.received.push(text);
  }

  close(): void {
    this.closed = true;
    for (const listener of this.#closing) listener();
  }

  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    if (type === 'message') this.#listeners.push(listener);
    else if (type === 'close') this.#closing.push(listener as () => void);
  }

  /** What the client sends. */
  deliver(text: string): void {
    for (const listener of this.#listeners) listener({ data: text });
  }
}

export function nodeDigest(): Digest {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), finish: () => new Uint8Array(hash.digest()) };
}

export class EtcdProcess {
  now = Date.UTC(2026, 0, 1);
  readonly store: Store;
  readonly backend: GatewayBackend;
  readonly consensus: MembersConsensus | undefined;
  socket: FakeSocket | undefined;
  #random = 1;

  /** `members`: with how many; what waits for them lets the clock go on. */
  constructor(options?: StoreOptions, members = 1) {
    this.store = new Store(nodeSql(), options);
    if (members > 1) this.consensus = this.#consensusOf(members);
    this.store.consensus = this.consensus;
    this.backend = createGatewayBackend(this.store, 'test', {
      ...(this.consensus ? { consensus: this.consensus } : {}),
      now: () => this.now,
      randomBytes: (length) => Uint8Array.from({ length }, () => this.#nextByte()),
      newDigest: nodeDigest,
      acceptWebSocket: () => {
        this.socket = new FakeSocket();
        // A Response can't be made with status 101 outside a Worker.
        return { socket: this.socket, response: { status: 101 } as Response };
      },
    });
  }

  #consensusOf(count: number): MembersConsensus {
    const founders = Array.from({ length: count }, (_, i) => ({
      name: `etcd-${i}`,
      peerURL: `http://10.0.0.${i + 1}:2380`,
      clientURL: `http://10.0.0.${i + 1}:2379`,
    }));
    return new MembersConsensus(foundEtcdMembers({ name: 'test', founders, now: this.now, seed: 1 }), {
      now: () => this.now,
      wait: async (milliseconds) => {
        this.now += milliseconds;
      },
    });
  }

  #nextByte(): number {
    this.#random = (Math.imul(this.#random, 1103515245) + 12345) & 0x7fffffff;
    return (this.#random >> 16) & 0xff;
  }

  advance(seconds: number): void {
    this.now += seconds * 1000;
    this.store.expireLeases(this.now);
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(`http://etcd${path}`, { method: 'POST', ...init });
    return handleGateway(request, this.backend, path);
  }

  /** A WebSocket at `path`, open. */
  async connect(path: string, headers: Record<string, string>): Promise<FakeSocket> {
    await this.fetch(path, { method: 'GET', headers: { ...headers, upgrade: 'websocket' } });
    return this.socket!;
  }
}
