/**
 * Signs what a joining machine reads of the cluster before it trusts it, with each bootstrap token that may sign: the machine knows the
 * token too. Models pkg/controller/bootstrap/bootstrapsigner.go and k8s.io/cluster-bootstrap/token/jws.
 */
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { Secret } from '../../objects/generated/core-v1.gen.ts';
import { encodeBase64url } from '../../simulation/base64.ts';
import { keyOf } from '../owners.ts';
import { type BootstrapToken, isBootstrapToken, signingToken, TOKEN_NAMESPACE } from './bootstrap-token.ts';

export const BOOTSTRAP_SIGNER = 'bootstrap-signer-controller';

const CONFIG_MAPS = 'configmaps';
const NAMESPACE = 'kube-public';
const NAME = 'cluster-info';
const KEY = `${NAMESPACE}/${NAME}`;
const KUBECONFIG = 'kubeconfig';
const SIGNATURE = 'jws-kubeconfig-';

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A JSON Web Signature without what it signs: `header..signature`. */
function signature(content: string, { id, secret }: BootstrapToken): string {
  const header = encodeBase64url(encoded(`{"alg":"HS256","kid":${JSON.stringify(id)}}`));
  const signed = encoded(`${header}.${encodeBase64url(encoded(content))}`);
  return `${header}..${encodeBase64url(hmac(sha256, encoded(secret), signed))}`;
}

export const bootstrapSigner = (): ClusterReconciler => ({
  name: BOOTSTRAP_SIGNER,
  manager: 'kube-controller-manager',
  reads: ['secrets'],
  watches: [
    {
      resource: CONFIG_MAPS,
      keys: ({ new: configMap }) => (configMap && keyOf(configMap) === KEY ? [KEY] : []),
    },
    {
      resource: 'secrets',
      keys: ({ old, new: secret }) => (isToken(old) || isToken(secret) ? [KEY] : []),
    },
  ],
  reconcile(reader, _key, { now }) {
    const configMap = reader.get(CONFIG_MAPS, NAMESPACE, NAME);
    const content: string | undefined = configMap?.data?.[KUBECONFIG];
    if (!configMap || content === undefined) return { writes: [] };
    const others = Object.entries(configMap.data ?? {}).filter(([name]) => !name.startsWith(SIGNATURE));
    const signatures = reader
      .list('secrets', TOKEN_NAMESPACE)
      .flatMap((secret) => signingToken(secret, now) ?? [])
      .map((token) => [SIGNATURE + token.id, signature(content, token)]);
    const data = Object.fromEntries([...others, ...signatures]);
    return { writes: sameData(data, configMap.data ?? {}) ? [] : [{ verb: 'update', object: { ...configMap, data } }] };
  },
});

const isToken = (secret: Secret | undefined): boolean => secret !== undefined && isBootstrapToken(secret);
