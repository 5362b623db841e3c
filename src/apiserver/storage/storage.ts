/**
 * What the API server asks of etcd. In the Worker it is RPC to the cluster's Durable Object; in tests and in the pump it is the
 * store itself. The request path needs one `read` and, where nobody comes in between, at most one `propose`.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type {
  Compare,
  Mark,
  RangeRequest,
  RangeResponse,
  RequestOp,
  WatchBatch,
  WatchRequest,
} from '../../etcd/types.ts';
import type { ClientRequest } from '../../simulation/cause.ts';
import type { Draws } from '../../simulation/draws.ts';
import type { Holding } from '../../simulation/held-bytes.ts';

export interface ReadResult {
  /** The store's revision, the same for all responses. */
  revision: number;
  /** The cluster's own time, milliseconds since 1970. */
  now: number;
  /** Of the catalog that the cluster has: `Catalog.revision`. */
  catalogRevision: number;
  responses: RangeResponse[];
  /** Of the roles and bindings that there are at this instant; absent where nobody keeps one. */
  policy?: Mark;
  /** The same of admission policies, their bindings and webhooks; null where there are none at all. */
  admission?: Mark | null;
}

/** What a writer decided on what it has read. */
export interface Proposal {
  /** What was read, to be read again if it is no longer so. */
  ranges: RangeRequest[];
  compare: Compare[];
  /** Each gets a revision of its own; all are made or none. */
  steps: RequestOp[][];
  /** For what chance was drawn on; of two for the same only the first is committed. */
  draw?: string;
  /** The writer's turn, if it has one. */
  turn?: number;
  /** The request that it is made for; absent where the API server writes of itself. */
  request?: ClientRequest;
}

/**
 * `revision`: it is committed, this is the last step's. `turn`: it is not, and nobody new changes what is `again` read for as long
 * as the writer may be expected to propose anew. `busy`: too many wait for their turn.
 */
export type Outcome = { revision: number } | { again: ReadResult; turn: number } | { busy: true };

export interface WatchStream extends AsyncIterable<WatchBatch> {
  close(): void;
  /** Asks for an empty batch, whose revision tells how far the watch has come. */
  requestProgress(): void;
  /** Fulfilled if the stream was ended because its reader took nothing for too long. */
  readonly tooSlow: Promise<void>;
}

export interface Storage {
  /** Nothing can be proposed. */
  readonly isReadOnly?: boolean;
  /** The kinds that the cluster has, as far as is known. */
  readonly catalog: Catalog;
  /** Makes `catalog` the one that a read has told of. @throws StatusError 503 for one that cannot be known here */
  renewCatalog(revision: number): Promise<void>;
  /** Several ranges of one instant. Throws `EtcdError` (compacted, future revision). */
  read(ranges: RangeRequest[]): Promise<ReadResult>;
  /** This range is read next but once: the next read may bring it, so that both are of one instant and cost one call. */
  foresee?(range: RangeRequest): void;
  /** Waits for the writer's turn if it was overtaken. */
  propose(proposal: Proposal): Promise<Outcome>;
  /** Gives a turn back that is not needed. */
  release(turn: number): Promise<void>;
  /** Who draws what at the moment. */
  readonly draws: Draws;
  watch(request: WatchRequest): Promise<WatchStream>;
  /** What the one who reads holds for its client; absent where nobody counts. */
  readonly held?: Holding;
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
  /** Whether what is asked of it is kept in an audit log. */
  audit?: boolean;
}

/** Which of the control plane's parts run; `profile` chooses a set, `components` changes one by one. */
export interface Components {
  scheduler: boolean;
  kubelet: boolean;
  kubeProxy: boolean;
  /** Controllers by their kube-controller-manager names, e.g. `deployment`, `garbage-collector`. */
  controllers: Record<string, boolean>;
  /** As `--disable-admission-plugins` names them. */
  disabledAdmissionPlugins?: AdmissionPlugin[];
}

/** Those that can be switched off. */
export type AdmissionPlugin = 'ServiceAccount';
