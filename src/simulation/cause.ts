/** What made somebody write: a client's request, or the reconcile of a component and what that was woken by. */

/** One object's change, by which work was put on a queue. */
export interface Woken {
  /** `pods`, `deployments.apps`. */
  resource: string;
  namespace: string | undefined;
  name: string;
  revision: number;
}

/** What of a client's request is kept, as it came. */
export interface ClientRequest {
  method: string;
  /** With its query. */
  path: string;
  user: string;
  userAgent: string;
}

/** One reconcile; the same value for all that it writes. */
export interface Reconcile {
  /** As kube-controller-manager names it. */
  name: string;
  /** What it was of, usually `namespace/name`. */
  key: string;
  /** The `manager` in managedFields. */
  manager: string;
  /** Absent where an instant had come, or an answer that it had waited for. */
  woken?: Woken;
  /** The cluster's time, milliseconds. */
  now: number;
}

/** One request; the same value for all that it writes. */
export interface Requested {
  request: ClientRequest;
  now: number;
}

/** The cluster's making. */
export interface Made {
  made: true;
  now: number;
}

export type Cause = Reconcile | Requested | Made;

/** What is told of a cause that has been kept; the texts may be cut. `unknown`: a client of etcd's own API, or the end of a lease. */
export type KeptCause =
  | { kind: 'request'; at: number; request: ClientRequest }
  | { kind: 'reconcile'; at: number; name: string; key: string; manager: string; woken?: Woken }
  | { kind: 'made'; at: number }
  | { kind: 'unknown' };
