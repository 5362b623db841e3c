/**
 * What the built-in admission plugins make of a new pod: ServiceAccount, Priority, DefaultTolerationSeconds.
 * Source: k8s.io/kubernetes/plugin/pkg/admission.
 */

import type { StageContext } from '../catalog/strategy.ts';
import type { KubeObject } from '../objects/object.ts';
import { forbidden, type StatusError } from '../objects/status.ts';

const PODS = { group: '', resource: 'pods' };
const MIRROR = 'kubernetes.io/config.mirror';
const TOKEN_VOLUME = 'kube-api-access-';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** One hour and a little, by which the API server knows that it chose the time itself. */
const TOKEN_SECONDS = 3607;
const TOLERATION_SECONDS = 300;

const refuse = (pod: KubeObject, words: string): StatusError => forbidden(PODS, pod.metadata.name ?? '', words);

function tokenVolume(name: string): unknown {
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

function mountToken(spec: any, context: StageContext): void {
  const existing = spec.volumes?.find((v: any) => v.name?.startsWith(TOKEN_VOLUME));
  const name: string = existing?.name ?? `${TOKEN_VOLUME}${context.random.suffix(5)}`;
  let needed = false;
  for (const list of [spec.initContainers, spec.containers])
    for (const container of list ?? []) {
      if (container.volumeMounts?.some((m: any) => m.mountPath === TOKEN_PATH)) continue;
      container.volumeMounts ??= [];
      container.volumeMounts.push({ name, readOnly: true, mountPath: TOKEN_PATH });
      needed = true;
    }
  if (existing || !needed) return;
  spec.volumes ??= [];
  spec.volumes.push(tokenVolume(name));
}

export function admitServiceAccount(pod: KubeObject, context: StageContext): void {
  const { spec } = pod;
  if (pod.metadata.annotations?.[MIRROR] !== undefined) {
    if (spec.serviceAccountName) throw refuse(pod, 'a mirror pod may not reference service accounts');
    return;
  }
  if (!spec.serviceAccountName) {
    spec.serviceAccountName = 'default';
    spec.serviceAccount = 'default';
  }
  const name = spec.serviceAccountName;
  const account = context.view.get('serviceaccounts', context.namespace, name);
  if (!account)
    throw refuse(
      pod,
      `error looking up service account ${context.namespace}/${name}: serviceaccount "${name}" not found`,
    );
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, context);
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
    spec.imagePullSecrets = account.imagePullSecrets.map((secret: any) => ({ name: secret.name }));
}

export function admitPriority(pod: KubeObject, context: StageContext): void {
  const { spec } = pod;
  let value = 0;
  let policy: string | undefined = 'PreemptLowerPriority';
  let found: KubeObject | undefined;
  if (spec.priorityClassName) {
    found = context.view.get('priorityclasses.scheduling.k8s.io', undefined, spec.priorityClassName);
    if (!found) throw refuse(pod, `no PriorityClass with name ${spec.priorityClassName} was found`);
  } else
    for (const candidate of context.view.list('priorityclasses.scheduling.k8s.io'))
      if (candidate.globalDefault && (!found || found.value > candidate.value)) found = candidate;
  if (found) {
    spec.priorityClassName = found.metadata.name;
    value = found.value ?? 0;
    policy = found.preemptionPolicy;
  }
  if (spec.priority !== undefined && spec.priority !== value)
    throw refuse(
      pod,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  spec.priority = value;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw refuse(
      pod,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  spec.preemptionPolicy = policy;
}

const NODE_TROUBLES = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Also on updates: a client that leaves them out keeps them. */
export function admitTolerations(pod: KubeObject): void {
  const before: any[] = pod.spec.tolerations ?? [];
  const missing = NODE_TROUBLES.filter(
    (key) => !before.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')),
  );
  if (missing.length === 0) return;
  pod.spec.tolerations = [
    ...before,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
}
