/** Events live for an hour after they were last written, as kube-apiserver's `--event-ttl` has it; they go minute by minute. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { Event } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';

const TTL_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The minute, counted from 1970, by whose end the event is over. */
const lastMinute = ({ metadata, lastTimestamp }: Event): number =>
  Math.ceil((Math.max(milliseconds(metadata.creationTimestamp), milliseconds(lastTimestamp)) + TTL_MS) / MINUTE_MS);

/** A key is such a minute: however many events there are, each minute is one piece of waiting work. */
export const eventTtl = (): ClusterReconciler => ({
  name: 'event-ttl',
  manager: 'kube-apiserver',
  reads: [],
  watches: [{ resource: 'events', keys: ({ new: event }) => (event ? [String(lastMinute(event))] : []) }],
  reconcile(reader, key, { now }) {
    const due = Number(key) * MINUTE_MS;
    if (now < due) return { writes: [], requeueAt: due };
    const over = reader.list('events').filter((event) => lastMinute(event) <= Number(key));
    return {
      writes: over.map(({ metadata }) => ({
        verb: 'delete',
        resource: 'events',
        namespace: metadata.namespace as string,
        name: metadata.name,
      })),
    };
  },
});
