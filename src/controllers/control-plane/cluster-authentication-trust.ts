/**
 * Keeps the config map from which the other servers of a control plane learn whom the API server trusts: a part of the API server.
 * Models pkg/controlplane/controller/clusterauthenticationtrust.
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';

/** PEM certificates. */
export interface ClientAuthorities {
  clientCA: string;
  frontProxyCA: string;
}

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';

const dataOf = ({ clientCA, frontProxyCA }: ClientAuthorities): Record<string, string> => ({
  'client-ca-file': clientCA,
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-client-ca-file': frontProxyCA,
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-username-headers': '["X-Remote-User"]',
});

export const clusterAuthenticationTrust = (authorities: ClientAuthorities): ClusterReconciler => ({
  name: 'cluster-authentication-trust-controller',
  manager: 'kube-apiserver',
  reads: [],
  watches: [
    {
      resource: 'configmaps',
      keys: ({ old, new: map }) => {
        const { name, namespace } = (map ?? old)!.metadata;
        return name === NAME && namespace === NAMESPACE ? [NAME] : [];
      },
    },
  ],
  reconcile(reader) {
    const data = dataOf(authorities);
    const found = reader.get('configmaps', NAMESPACE, NAME);
    if (!found) {
      const metadata = { name: NAME, namespace: NAMESPACE };
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      return { writes: [{ verb: 'create', object: map, ignoreExisting: true }] };
    }
    if (Object.entries(data).every(([key, value]) => found.data?.[key] === value)) return { writes: [] };
    return { writes: [{ verb: 'update', object: { ...found, data: { ...found.data, ...data } } }] };
  },
});
