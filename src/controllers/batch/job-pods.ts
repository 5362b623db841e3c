/** What a Job sees in its pods: how they ended, and which rule of its failure policy that breaks. Source: pkg/controller/job. */

import { conditionOf } from '../../objects/conditions.ts';
import type { Job, PodFailurePolicy, PodFailurePolicyRule } from '../../objects/generated/batch-v1.gen.ts';
import type { Container, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { milliseconds } from '../../objects/time.ts';
import { INDEX_KEY } from '../../resources/batch/job-indexes.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { keyOf } from '../owners.ts';

/** Tells a container of an indexed Job which index it has. */
export function withIndex(container: Container): Container {
  const name = 'JOB_COMPLETION_INDEX';
  if (container.env?.some((variable) => variable.name === name)) return container;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${INDEX_KEY}']` } };
  return { ...container, env: [...(container.env ?? []), { name, valueFrom }] };
}

/** Restarts of all containers. */
export const restartsOf = (pods: Pod[]): number =>
  pods
    .flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])])
    .reduce((total, container) => total + (container.restartCount ?? 0), 0);

/** When the pod ended, milliseconds: with its last container, or as near as its status tells. Models getFinishedTime in backoff_utils.go. */
export function finishedAt(pod: Pod): number {
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name),
  );
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []).filter((c) => sidecars.has(c.name)),
  ];
  const ends = statuses.map((c) => milliseconds(c.state?.terminated?.finishedAt));
  if (ends.length > 0 && ends.every((end) => end > 0)) return Math.max(...ends);
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return milliseconds(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  if (deletionTimestamp) return milliseconds(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return milliseconds(creationTimestamp);
}

export const JOB_FINALIZER = 'batch.kubernetes.io/job-tracking';

/** Whether the pod has not been counted yet. */
export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(JOB_FINALIZER) ?? false;

export function untrack(pod: Pod): Write<KubeObject> {
  const finalizers = pod.metadata.finalizers?.filter((finalizer) => finalizer !== JOB_FINALIZER) ?? [];
  return { verb: 'update', object: { ...pod, metadata: { ...pod.metadata, finalizers } } };
}

/** A pod that is being deleted has failed, unless the Job wants to see it end first. */
export const hasFailed = (job: Job, pod: Pod): boolean =>
  pod.status?.phase === 'Failed' ||
  (job.spec.podReplacementPolicy !== 'Failed' &&
    pod.metadata.deletionTimestamp !== undefined &&
    pod.status?.phase !== 'Succeeded');

export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';

interface Ruling {
  /** FailJob, FailIndex, Ignore or Count. */
  action: string;
  message: string;
}

/** What the Job's failure policy says of a failed pod; without a rule for it, it counts. */
export function rulingOf(policy: PodFailurePolicy | undefined, pod: Pod): Ruling {
  for (const [i, rule] of (policy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod);
    if (match) return { action: rule.action, message: `${match} matching ${rule.action} rule at index ${i}` };
  }
  return { action: 'Count', message: '' };
}

/** Failures of the pod's index up to and with this pod. */
export const indexFailures = (policy: PodFailurePolicy | undefined, pod: Pod): number =>
  Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0) + (rulingOf(policy, pod).action === 'Ignore' ? 0 : 1);

/** What of the pod a rule matches, as the message begins; undefined: nothing. */
function matchOf(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
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
  const conditions = pod.status?.conditions ?? [];
  const found = conditions.find((condition) =>
    rule.onPodConditions?.some((p) => p.type === condition.type && (p.status ?? 'True') === condition.status),
  );
  return found && `Pod ${keyOf(pod)} has condition ${found.type}`;
}
