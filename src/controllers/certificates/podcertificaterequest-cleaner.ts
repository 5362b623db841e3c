/** Deletes pods' certificate requests some time after they were made, answered or not. Models pkg/controller/certificates/cleaner/pcrcleaner.go. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { milliseconds } from '../../objects/time.ts';
import { keyOf, parseKey } from '../owners.ts';

const REQUESTS = 'podcertificaterequests.certificates.k8s.io';
/** All that is done with a request is done sooner. */
const KEPT_MS = 15 * 60_000;

export const podCertificateCleanerController = (): ClusterReconciler => ({
  name: 'podcertificaterequest-cleaner-controller',
  manager: 'kube-controller-manager',
  reads: ['podcertificaterequests.certificates.k8s.io'],
  watches: [{ resource: REQUESTS, keys: ({ old, new: request }) => (request && !old ? [keyOf(request)] : []) }],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const request = reader.get(REQUESTS, namespace, name);
    if (!request) return { writes: [] };
    const { creationTimestamp, uid } = request.metadata;
    const end = milliseconds(creationTimestamp) + KEPT_MS;
    if (now < end) return { writes: [], requeueAt: end };
    return { writes: [{ verb: 'delete', resource: REQUESTS, namespace, name, uid: uid! }] };
  },
});
