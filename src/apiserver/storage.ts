/**
 * What the API server asks of etcd. In the Worker it is RPC to the cluster's Durable Object; in tests and in the pump it is the
 * store itself. The request path needs one `read` and at most one `txn`.
 */
import type { RangeRequest, RangeResponse, TxnRequest, TxnResponse, WatchBatch, WatchRequest } from '../etcd/types.ts';

export interface ReadResult {
  /** The store's revision, the same for all responses. */
  revision: number;
  /** The cluster's own time, milliseconds since 1970. */
  now: number;
  responses: RangeResponse[];
}

export interface WatchStream extends AsyncIterable<WatchBatch> {
  close(): void;
  /** Asks for an empty batch, whose revision tells how far the watch has come. */
  requestProgress(): void;
}

export interface Storage {
  /** Several ranges of one instant. Throws `EtcdError` (compacted, future revision). */
  read(ranges: RangeRequest[]): Promise<ReadResult>;
  txn(request: TxnRequest): Promise<TxnResponse>;
  watch(request: WatchRequest): Promise<WatchStream>;
}

/** What of a cluster's making the API server must know. */
export interface ClusterConfig {
  id: string;
  seed: string;
  serviceCIDR: string;
  podCIDR: string;
  nodePortRange: [number, number];
  /** Whether controllers run that admission relies on, e.g. the service account controller. */
  components: Components;
}

/** Which of the control plane's parts run; `profile` chooses a set, `components` changes one by one. */
export interface Components {
  scheduler: boolean;
  kubelet: boolean;
  kubeProxy: boolean;
  /** Controllers by their kube-controller-manager names, e.g. `deployment`, `garbage-collector`. */
  controllers: Record<string, boolean>;
}
