/** Every namespace has a `default` service account. Source: pkg/controller/serviceaccount/serviceaccounts_controller.go. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';

const DEFAULT = 'default';

export const serviceAccountController = (): ClusterReconciler => ({
  name: 'serviceaccount-controller',
  manager: 'kube-controller-manager',
  reads: [],
  watches: [
    { resource: 'namespaces', keys: ({ new: namespace }) => (namespace ? [namespace.metadata.name] : []) },
    {
      resource: 'serviceaccounts',
      keys: ({ old, new: account }) => (old && !account ? [old.metadata.namespace as string] : []),
    },
  ],
  reconcile(reader, namespace) {
    const object = reader.get('namespaces', undefined, namespace);
    if (!object || object.metadata.deletionTimestamp || reader.get('serviceaccounts', namespace, DEFAULT)) {
      return { writes: [] };
    }
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: DEFAULT, namespace } };
    return { writes: [{ verb: 'create', object: account, ignoreExisting: true }] };
  },
});
