/** A cluster in this process for the contract: store and API server; the clock moves only when told to. */
import { ADMIN } from '../../src/apiserver/authentication.ts';
import type { Timers } from '../../src/apiserver/pipeline.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import type { ClusterConfig } from '../../src/apiserver/storage.ts';
import { constantBase } from '../../src/etcd/base.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { baseLayer } from '../../src/resources/base-layer.ts';

export interface ContractCluster {
  /** `headers` with null take a default away. */
  fetch(method: string, path: string, headers: Record<string, string | null>, body: unknown): Promise<Response>;
  /** Lets the cluster's time pass, with all that is due in it. */
  advance(milliseconds: number): Promise<void>;
  close(): void;
}

const START = Date.parse('2026-01-05T10:00:00Z');

export async function createContractCluster(_area: string): Promise<ContractCluster> {
  const config: ClusterConfig = {
    id: 'contract',
    seed: 'contract',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767],
    components: { scheduler: false, kubelet: false, kubeProxy: false, controllers: {} },
  };
  const clock = new SteppedClock(START);
  const sql = nodeSql();
  const base = constantBase(
    baseLayer({ serviceCIDR: config.serviceCIDR, createdAt: '2026-01-05T10:00:00Z', seed: config.seed, rootCA: PEM }),
  );
  const store = new Store(sql, { base });
  const server = createApiServer({ storage: storeStorage(store, () => clock.now), config, timers: clock });
  return {
    async fetch(method, path, headers, body) {
      const sent = new Headers({ accept: 'application/json' });
      for (const [name, value] of Object.entries(headers))
        if (value === null) sent.delete(name);
        else sent.set(name, value);
      const text =
        body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      if (text !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
      const request = new Request(`http://cluster${path}`, {
        method,
        headers: sent,
        ...(text === undefined ? {} : { body: text }),
      });
      // Without a body the client sends no type; fetch would add none either.
      return server.handle(request, ADMIN);
    },
    advance: (milliseconds) => clock.advance(milliseconds),
    close: () => sql.close(),
  };
}

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Time and timers that move by hand. */
class SteppedClock implements Timers {
  now: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(start: number) {
    this.now = start;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      this.#timers = this.#timers.filter((t) => t !== due);
      due.callback();
      await settle();
    }
    this.now = end;
    await settle();
  }
}

/** Lets everything that waits for a promise run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
