/** ServiceAccount: the account that a pod runs as, and its token. Source: k8s.io/kubernetes/plugin/pkg/admission/serviceaccount. */

import type { StageContext } from '../catalog/strategy.ts';
import type { Pod, PodSpec, Volume } from '../objects/generated/core-v1.gen.ts';
import { refusePod } from './refuse-pod.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const TOKEN_VOLUME = 'kube-api-access-';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** One hour and a little, by which the API server knows that it chose the time itself. */
const TOKEN_SECONDS = 3607;
function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}

function mountToken(spec: PodSpec, context: StageContext): void {
  const existing = spec.volumes?.find((v) => v.name?.startsWith(TOKEN_VOLUME));
  const name: string = existing?.name ?? `${TOKEN_VOLUME}${context.random.suffix(5)}`;
  let needed = false;
  for (const list of [spec.initContainers, spec.containers])
    for (const container of list ?? []) {
      if (container.volumeMounts?.some((m) => m.mountPath === TOKEN_PATH)) continue;
      container.volumeMounts ??= [];
      container.volumeMounts.push({ name, readOnly: true, mountPath: TOKEN_PATH });
      needed = true;
    }
  if (existing || !needed) return;
  spec.volumes ??= [];
  spec.volumes.push(tokenVolume(name));
}

export function admitServiceAccount(pod: Pod, context: StageContext): void {
  const { spec } = pod;
  if (pod.metadata.annotations?.[MIRROR] !== undefined) {
    if (spec.serviceAccountName) throw refusePod(pod, 'a mirror pod may not reference service accounts');
    return;
  }
  if (!spec.serviceAccountName) {
    spec.serviceAccountName = 'default';
    spec.serviceAccount = 'default';
  }
  const name = spec.serviceAccountName;
  const account = context.view.get('serviceaccounts', context.namespace, name);
  if (!account)
    throw refusePod(
      pod,
      `error looking up service account ${context.namespace}/${name}: serviceaccount "${name}" not found`,
    );
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, context);
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
    spec.imagePullSecrets = account.imagePullSecrets.map(({ name: secret }) => ({ name: secret }));
}
