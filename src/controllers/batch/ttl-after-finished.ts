/** Deletes finished Jobs when their time to live is over. Source: pkg/controller/ttlafterfinished. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf } from '../../objects/conditions.ts';
import { milliseconds } from '../../objects/time.ts';
import { keyOf, parseKey } from '../owners.ts';

export const ttlAfterFinishedController = (): ClusterReconciler => ({
  name: 'ttl-after-finished-controller',
  manager: 'kube-controller-manager',
  reads: ['jobs.batch'],
  watches: [
    {
      resource: 'jobs.batch',
      keys: ({ new: job }) => (job?.spec.ttlSecondsAfterFinished !== undefined ? [keyOf(job)] : []),
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const job = reader.get('jobs.batch', namespace, name);
    if (!job || job.metadata.deletionTimestamp || job.spec.ttlSecondsAfterFinished == null) return { writes: [] };
    const ended = ['Complete', 'Failed'].map((type) => conditionOf(job, type)).find((c) => c?.status === 'True');
    if (!ended) return { writes: [] };
    const due = milliseconds(ended.lastTransitionTime) + job.spec.ttlSecondsAfterFinished * 1000;
    if (due > now) return { writes: [], requeueAt: due };
    const uid = job.metadata.uid as string;
    return {
      writes: [{ verb: 'delete', resource: 'jobs.batch', namespace, name, uid, propagationPolicy: 'Foreground' }],
    };
  },
});
