/** A cluster's state as one cluster hands it to another or to a file: page by page, at one revision. */
import type { KeyValue, RangeRequest, RangeResponse } from '../../etcd/types.ts';
import type { ClusterSpec } from '../clusters/cluster-spec.ts';
import { MAX_PAGE_BYTES } from '../limits.ts';

/** What makes such a cluster again, without what is one cluster's own. */
export type Making = Omit<ClusterSpec, 'id' | 'createdAt' | 'expiresAt' | 'adminTokenHashes' | 'nodes'>;

/** What of a cluster's making may be changed later; times as everywhere in milliseconds since 1970. */
export interface ClusterChange {
  name?: string;
  expiresAt?: number;
}

/** What an object that is no cluster, or no longer one, throws by; a class would be lost on the way. */
export const NO_CLUSTER = 'there is no such cluster';

/** A cluster's state at one revision, page by page. */
export interface StatePage {
  /** Which life of the cluster it is of: another has other revisions. */
  epoch: string;
  revision: number;
  time: number;
  kvs: KeyValue[];
  /** Where the next page starts; absent after the last. */
  next?: string;
}

/** With `busyMs`: the object has done more than its budget, and is to be let alone for so long. */
export type Spent<T> = T & { busyMs?: number };

/** Why a copy does not go on: its object has forgotten it, or has all that it may hold, or the key at this place has come before. */
export type CopyRefusal = { ended: true } | { full: true } | { repeated: number };

/** The page of a store that a range answers. */
export const pageRange = (at: number, from: string, limit: number): RangeRequest => ({
  key: from || '\0',
  rangeEnd: '\0',
  limit,
  maxBytes: MAX_PAGE_BYTES,
  ...(at ? { revision: at } : {}),
});

/** A page; why there is none. `ended`: the life that was asked is over. */
export type PageAnswer = Spent<StatePage | { error: string } | { ended: true }>;

export const pageOf = (response: RangeResponse, at: number, time: number): Omit<StatePage, 'epoch'> => {
  const last = response.kvs.at(-1);
  return {
    revision: at || response.revision,
    time,
    kvs: response.kvs,
    ...(response.more && last ? { next: `${last.key}\0` } : {}),
  };
};
