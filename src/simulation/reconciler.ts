/**
 * What the pump runs. A reconciler is a pure function of what it reads: no memory, no clock, no chance but the context's.
 */
import type { Group } from './groups.ts';
import type { Random } from './random.ts';

export interface Reader<Object> {
  readonly revision: number;
  get(resource: string, namespace: string | undefined, name: string): Object | undefined;
  list(resource: string, namespace?: string): Object[];
  /** The resources of which there is at least one object. */
  resources?(): string[];
  /** The objects that name this uid as an owner's. */
  dependents?(uid: string): { resource: string; object: Object }[];
  /** Whether there is such an object among them; without a copy of them all. */
  someDependent?(uid: string, which: (object: Object) => boolean): boolean;
  /** The objects that are counted at a place, by what they are counted as. */
  groups?(place: string): Group<Object>[];
  /** Whether the namespace, or the cluster, has something that nobody can read. */
  unreadable?(namespace?: string): boolean;
}

export interface ReconcileContext {
  /** The cluster's time in milliseconds since 1970. */
  now: number;
  random: Random;
  /** The instant that this key's last reconcile asked to be run again at, if it did. */
  requeueAt?: number;
}

interface Refusable<Object> {
  /** Not an error when it is refused, e.g. an event in a namespace that is going away. */
  bestEffort?: boolean;
  /** What to write when it is refused, e.g. an event that says so; the key is retried all the same. */
  refused?(message: string): Write<Object>[];
}

/** One write, applied in order through the API server's own stages. A write that conflicts makes the key be retried. */
export type Write<Object> = Refusable<Object> &
  (
    | {
        verb: 'create';
        object: Object;
        /** Not an error when it is there already. */
        ignoreExisting?: boolean;
        /** What to write when it is made, knowing the name that it got, e.g. an event that says so. */
        created?(object: Object): Write<Object>[];
      }
    | { verb: 'update'; object: Object; subresource?: string }
    | {
        verb: 'delete';
        resource: string;
        namespace?: string;
        name: string;
        uid?: string;
        resourceVersion?: string;
        propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
        gracePeriodSeconds?: number;
      }
  );

export interface ReconcileResult<Object> {
  writes: Write<Object>[];
  /** Run this key again at this instant (milliseconds) even if nothing changes. */
  requeueAt?: number;
  /** Something failed that a retry with backoff may mend. */
  error?: string;
}

export interface Reconciler<Object> {
  /** As kube-controller-manager names it, e.g. `deployment-controller`; for managedFields and events. */
  name: string;
  /** The `manager` in managedFields and the user agent it writes as, e.g. `kube-controller-manager`. */
  manager: string;
  /**
   * It concludes nothing from what is missing, and goes on beside what nobody can read. For all others reading such a thing throws, and
   * they hold still until it can be read: it is not a deleted object.
   */
  ignoresUnreadable?: boolean;
  /**
   * The resources (`pods`, `deployments.apps`) of which it looks at more than names and metadata in lists, dependents and changes. Those
   * objects are kept in memory whole; what else it looks into, one object at a time that it has got by its name, is read for it.
   */
  reads: readonly string[];
  /** Which changes concern it, and the keys (usually `namespace/name`) that they put on its queue. */
  watches: {
    /** `*`: every resource. */
    resource: string;
    keys(change: { resource: string; old?: Object; new?: Object }, reader: Reader<Object>): string[];
  }[];
  reconcile(reader: Reader<Object>, key: string, context: ReconcileContext): ReconcileResult<Object>;
}
