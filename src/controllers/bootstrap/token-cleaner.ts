/** Deletes bootstrap tokens whose time is over. Models pkg/controller/bootstrap/tokencleaner.go. */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { keyOf, parseKey } from '../owners.ts';
import { expirationOf, isBootstrapToken } from './bootstrap-token.ts';

export const TOKEN_CLEANER = 'token-cleaner-controller';

export const tokenCleaner = (): ClusterReconciler => ({
  name: TOKEN_CLEANER,
  manager: 'kube-controller-manager',
  reads: [],
  watches: [
    {
      resource: 'secrets',
      keys: ({ new: secret }) => (secret && isBootstrapToken(secret) ? [keyOf(secret)] : []),
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const secret = reader.get('secrets', namespace, name);
    const expiration = secret && isBootstrapToken(secret) ? expirationOf(secret) : undefined;
    if (expiration === undefined) return { writes: [] };
    if (now < expiration) return { writes: [], requeueAt: expiration };
    const { uid } = secret!.metadata;
    return { writes: [{ verb: 'delete', resource: 'secrets', namespace, name, ...(uid ? { uid } : {}) }] };
  },
});
