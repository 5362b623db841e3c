/**
 * Fills Secrets that are to hold a service account's token, and deletes those whose account is not there.
 * Models pkg/controller/serviceaccount/tokens_controller.go.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { Secret, ServiceAccount } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { ASK_AGAIN_MS, type Notary } from '../../simulation/notary.ts';
import type { ReconcileResult } from '../../simulation/reconciler.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
const NAME = 'serviceaccount-token-controller';

const isToken = (secret: Secret): boolean => secret.type === TYPE;
const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

/** `rootCA`: PEM, '' for none. */
export const serviceAccountTokenController = (rootCA: string, notary: Notary): ClusterReconciler => ({
  name: NAME,
  manager: 'kube-controller-manager',
  reads: ['serviceaccounts'],
  watches: [
    {
      resource: 'secrets',
      keys: ({ old, new: secret }) => [secret ?? old].filter((s) => s && isToken(s)).map((s) => keyOf(s!)),
    },
    {
      resource: 'serviceaccounts',
      keys: ({ old, new: account }, reader) => {
        if (account && old?.metadata.uid === account.metadata.uid) return [];
        const { namespace, name } = (account ?? old)!.metadata;
        return reader
          .list('secrets', namespace)
          .filter(isToken)
          .map(({ metadata }) => reader.get('secrets', namespace, metadata.name) as KubeObject)
          .filter((secret) => accountOf(secret) === name)
          .map(keyOf);
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const [namespace = '', name = ''] = key.split('/');
    const secret = reader.get('secrets', namespace, name);
    if (!secret) return withoutReference(reader, namespace, name);
    if (!isToken(secret) || secret.metadata.deletionTimestamp) return { writes: [] };
    const account = reader.get('serviceaccounts', namespace, accountOf(secret));
    const uid = secret.metadata.annotations?.[ACCOUNT_UID];
    if (!account || (uid && uid !== account.metadata.uid))
      return { writes: [{ verb: 'delete', resource: 'secrets', namespace, name, uid: secret.metadata.uid! }] };
    return fill({ secret, account, rootCA, notary, now });
  },
});

const accountOf = (secret: Secret): string => secret.metadata.annotations?.[ACCOUNT_NAME] ?? '';

function withoutReference(reader: View, namespace: string, name: string): ReconcileResult<KubeObject> {
  const owners = reader.list('serviceaccounts', namespace).filter((a) => a.secrets?.some((s) => s.name === name));
  return {
    writes: owners.map((account) => ({
      verb: 'update',
      object: { ...account, secrets: account.secrets?.filter((s) => s.name !== name) },
    })),
  };
}

interface Filling {
  secret: Secret;
  account: ServiceAccount;
  rootCA: string;
  notary: Notary;
  now: number;
}

function fill({ secret, account, rootCA, notary, now }: Filling): ReconcileResult<KubeObject> {
  const { metadata } = secret;
  const data: Record<string, string> = { ...secret.data };
  const ca = btoa(rootCA);
  const needsToken = !data.token || isForeign(atob(data.token), notary.tokenKid());
  const needsCA = rootCA !== '' && data['ca.crt'] !== ca;
  if (!needsToken && !needsCA && data.namespace) return { writes: [] };
  if (needsCA) data['ca.crt'] = ca;
  if (!data.namespace) data.namespace = btoa(metadata.namespace!);
  if (needsToken) {
    const owner = { name: account.metadata.name, uid: account.metadata.uid! };
    const request = { namespace: metadata.namespace!, account: owner, secret: metadata.name };
    const signed = notary.secretToken(request, { reconciler: NAME, key: keyOf(secret) });
    if (!signed) return { writes: [], requeueAt: now + ASK_AGAIN_MS };
    if ('error' in signed) return { writes: [], error: signed.error };
    data.token = btoa(signed.value);
  }
  const annotations = {
    ...metadata.annotations,
    [ACCOUNT_NAME]: account.metadata.name,
    [ACCOUNT_UID]: account.metadata.uid!,
  };
  return { writes: [{ verb: 'update', object: { ...secret, metadata: { ...metadata, annotations }, data } }] };
}

/** Whether this is a token that another cluster's key has signed, as in a copy of that cluster. */
function isForeign(token: string, kid: string | undefined): boolean {
  try {
    const header = JSON.parse(atob(token.split('.')[0]!.replaceAll('-', '+').replaceAll('_', '/')));
    return header.alg === 'RS256' && header.kid !== kid;
  } catch {
    return false;
  }
}
