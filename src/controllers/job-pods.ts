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

/** What of the pod a rule matches, as the message begins; undefined: nothing. */
function matchesRule(rule: any, pod: KubeObject): string | undefined {
  const exits = rule.onExitCodes;
  if (exits) {
    for (const container of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
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
    if (status === pattern.status) return `Pod ${keyOf(pod)} has condition ${pattern.type}`;
  }
  return undefined;
}

/** The message of the first rule that fails the Job because of a pod; undefined: none does. */
export function brokenRule(policy: { rules?: any[] } | undefined, pods: KubeObject[]): string | undefined {
  for (const pod of pods.filter((p) => p.status?.phase === 'Failed')) {
    for (const [i, rule] of (policy?.rules ?? []).entries()) {
      const match = matchesRule(rule, pod);
      if (match === undefined) continue;
      if (rule.action !== 'FailJob') break;
      return `${match} matching FailJob rule at index ${i}`;
    }
  }
  return undefined;
}
