/** Every namespace has the certificate that its pods trust the API server by. Source: pkg/controller/certificates/rootcacertpublisher. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';

const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** `certificate`: PEM. */
export const rootCACertificatePublisher = (certificate: string): ClusterReconciler => ({
  name: 'root-ca-certificate-publisher-controller',
  manager: 'kube-controller-manager',
  reads: [],
  watches: [
    { resource: 'namespaces', keys: ({ new: namespace }) => (namespace ? [namespace.metadata.name] : []) },
    {
      resource: 'configmaps',
      keys: ({ old, new: map }) => {
        const object = map ?? old;
        return old && object?.metadata.name === NAME ? [object.metadata.namespace as string] : [];
      },
    },
  ],
  reconcile(reader, namespace) {
    const object = reader.get('namespaces', undefined, namespace);
    if (!object || object.metadata.deletionTimestamp) return { writes: [] };
    const found = reader.get('configmaps', namespace, NAME);
    const annotations = { ...found?.metadata.annotations, [DESCRIPTION_ANNOTATION]: DESCRIPTION };
    if (!found) {
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace, annotations } };
      return { writes: [{ verb: 'create', object: { ...map, data: { [KEY]: certificate } }, ignoreExisting: true }] };
    }
    const keys = Object.keys(found.data ?? {});
    const same = keys.length === 1 && found.data?.[KEY] === certificate;
    if (same && found.metadata.annotations?.[DESCRIPTION_ANNOTATION] === DESCRIPTION) return { writes: [] };
    const fixed = { ...found, metadata: { ...found.metadata, annotations }, data: { [KEY]: certificate } };
    return { writes: [{ verb: 'update', object: fixed }] };
  },
});
