/** What a cluster's store answers to a read. */
import type { ReadResult } from '../apiserver/storage/storage.ts';
import { readWithin } from '../etcd/bounded-read.ts';
import type { RangeRequest, RangeResponse } from '../etcd/types.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export const resultOf = (cluster: SimulatedCluster, responses: RangeResponse[]): ReadResult => ({
  revision: cluster.store.revision,
  now: cluster.now(Date.now()),
  catalogRevision: cluster.catalog.revision,
  responses,
  policy: cluster.policy.value,
  admission: cluster.admission.value,
});

/** What the ranges hold, up to what an answer may hold. */
export const readOf = (cluster: SimulatedCluster, ranges: RangeRequest[]): ReadResult =>
  resultOf(
    cluster,
    readWithin((range) => cluster.store.range(range), ranges),
  );
