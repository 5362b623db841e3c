/** What a Job sees in its pods: how they ended, and which rule of its failure policy that breaks. Source: pkg/controller/job. */
import type { KubeObject } from '../resources/object.ts';
import { INDEX_KEY } from './job-indexes.ts';
import { keyOf } from './owners.ts';
import { conditionOf } from './pods.ts';
import { milliseconds } from './time.ts';

/** Tells a container of an indexed Job which index it has. */
export function addIndex(container: any): void {
  const name = 'JOB_COMPLETION_INDEX';
  if (container.env?.some((variable: { name: string }) => variable.name === name)) return;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${INDEX_KEY}']` } };
  container.env = [...(container.env ?? []), { name, valueFrom }];
}

/** Restarts of all containers. */
export const restartsOf = (pods: KubeObject[]): number =>
  pods
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .reduce((total, container) => total + (container.restartCount ?? 0), 0);

/** When the pod's last container ended, milliseconds. */
export function finishedAt(pod: KubeObject): number {
  const ends = ((pod.status?.containerStatuses ?? []) as any[]).map((c) =>
    milliseconds(c.state?.terminated?.finishedAt),
  );
  return Math.max(0, ...ends) || milliseconds(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp);
}

export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';

interface Ruling {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  message: string;
}

/** What the Job's failure policy says of a failed pod; without a rule for it, it counts. */
export function rulingOf(policy: { rules?: any[] } | undefined, pod: KubeObject): Ruling {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match) return { action: rule.action, message: `${match} matching ${rule.action} rule at index ${i}` };
  }
  return { action: 'Count', message: '' };
}

/** Failures of the pod's index up to and with this pod. */
export const indexFailures = (policy: { rules?: any[] } | undefined, pod: KubeObject): number =>
  Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) + (rulingOf(policy, pod).action === 'Ignore' ? 0 : 1);

/** What of the pod a rule matches, as the message begins; undefined: nothing. */
function matchOf(rule: any, pod: KubeObject): string | undefined {
  const exits = rule.onExitCodes;
  if (exits) {
    for (const container of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
      const code: number | undefined = container.state?.terminated?.exitCode;
      if (!code || (exits.containerName && exits.containerName !== container.name)) continue;
      if (exits.values.includes(code) === (exits.operator === 'In')) {
        return `Container ${container.name} for pod ${keyOf(pod)} failed with exit code ${code}`;
      }
    }
    return undefined;
  }
  for (const pattern of rule.onPodConditions ?? []) {
    const status = conditionOf(pod, pattern.type)?.status;
    if (status === (pattern.status ?? 'True')) return `Pod ${keyOf(pod)} has condition ${pattern.type}`;
  }
  return undefined;
}
