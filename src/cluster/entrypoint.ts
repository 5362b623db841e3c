/** Clusters as the process for heavy work reaches them: it has no objects of its own. */
import { WorkerEntrypoint } from 'cloudflare:workers';
import type { TokenKey } from '../apiserver/identity/token-key.ts';
import type { Outcome, Proposal } from '../apiserver/storage/storage.ts';
import type { WebhookAnswer, WebhookCall } from '../objects/webhook-call.ts';
import { letAlone } from '../platform/rates/busy-clusters.ts';
import type { Env } from './env.ts';
import type { ClusterStub } from './remote-storage.ts';
import type { Answer, ClusterRpc, Entry, Refused } from './rpc.ts';

/** `ClusterRpc` with the cluster's id before the rest. How long an object is to be let alone is noted on the way. */
export class Clusters extends WorkerEntrypoint<Env> {
  open(id: string): Promise<Entry | Refused | null> {
    return this.#stub(id).open();
  }

  async read(id: string, ...asked: Parameters<ClusterRpc['read']>): ReturnType<ClusterRpc['read']> {
    return noted(id, await this.#stub(id).read(...asked));
  }

  async propose(id: string, epoch: string, proposal: Proposal): Promise<Answer<Outcome>> {
    return noted(id, await this.#stub(id).propose(epoch, proposal));
  }

  release(id: string, epoch: string, turn: number): Promise<void> {
    return this.#stub(id).release(epoch, turn);
  }

  async tokenKey(id: string, epoch: string, make: boolean): Promise<Answer<TokenKey | null>> {
    return noted(id, await this.#stub(id).tokenKey(epoch, make));
  }

  audit(id: string, epoch: string, event: string): Promise<void> {
    return this.#stub(id).audit(epoch, event);
  }

  callWebhook(id: string, epoch: string, call: WebhookCall): Promise<Answer<WebhookAnswer>> {
    return this.#stub(id).callWebhook(epoch, call);
  }

  #stub(id: string): ClusterRpc {
    return this.env.CLUSTER.getByName(id) as unknown as ClusterRpc;
  }
}

function noted<T>(id: string, answer: Answer<T>): Answer<T> {
  if (!('gone' in answer)) letAlone(id, answer.busyMs, Date.now());
  return answer;
}

type ClustersRpc = Pick<Clusters, keyof ClusterRpc>;

/** One cluster by that way, but for its streams. */
export function clusterBy(clusters: ClustersRpc, id: string): ClusterStub {
  return {
    open: () => received(clusters.open(id)),
    read: (...asked) => received(clusters.read(id, ...asked)),
    propose: (epoch, proposal) => received(clusters.propose(id, epoch, proposal)),
    release: (epoch, turn) => clusters.release(id, epoch, turn),
    tokenKey: (epoch, make) => received(clusters.tokenKey(id, epoch, make)),
    audit: (epoch, event) => clusters.audit(id, epoch, event),
    callWebhook: (epoch, call) => received(clusters.callWebhook(id, epoch, call)),
    fetch: () => Promise.reject(new Error('a stream of a cluster begins where its object is')),
  };
}

/** What came is a copy: the other process need not keep anything for it. */
async function received<T>(call: Promise<T>): Promise<T> {
  const result = await call;
  (result as Partial<Disposable> | null)?.[Symbol.dispose]?.();
  return result;
}
