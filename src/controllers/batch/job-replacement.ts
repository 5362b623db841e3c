/** Which pods a Job has too many, when it may make the next, and what that is. Models manageJob and backoff_utils.go in pkg/controller/job. */

import type { Job } from '../../objects/generated/batch-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { INDEX_KEY, indexOf } from '../../resources/batch/job-indexes.ts';
import { podsToDelete } from '../apps/replicaset.ts';
import { podFromTemplate } from '../pods.ts';
import { isIndexed, isIndexInRange } from './job-count.ts';
import { finishedAt, hasFailed, INDEX_FAILURES, indexFailures, JOB_FINALIZER, withIndex } from './job-pods.ts';

/** A failed pod is replaced after 10 s, the next one after 20 s, up to ten minutes. */
const BACKOFF_BASE_MS = 10_000;
export const BACKOFF_LIMIT_MS = 600_000;

/** When failures in a row allow the next pod. `heldUntil`: an instant known from before, of pods that may be gone. */
export function nextCreation(job: Job, pods: Pod[], heldUntil: number): number {
  const successes = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAt);
  const lastSuccess = Math.max(0, ...successes);
  const ends = pods.filter((pod) => hasFailed(job, pod)).map(finishedAt);
  const failures = ends.filter((at) => at > lastSuccess);
  if (failures.length === 0) return lastSuccess > 0 ? 0 : heldUntil;
  const delay = Math.min(BACKOFF_LIMIT_MS, BACKOFF_BASE_MS * 2 ** (failures.length - 1));
  return Math.max(heldUntil, Math.max(...failures) + delay);
}

/** At least `count` pods that are missed least; of an indexed Job also those without an index of their own. */
export function surplusPods(job: Job, active: Pod[], count: number, now: number): Pod[] {
  if (!isIndexed(job)) return podsToDelete(active, [], count, now);
  const kept = new Map<number, Pod>();
  const extra: Pod[] = [];
  for (const pod of active) {
    const index = indexOf(pod);
    if (!isIndexInRange(job, index) || kept.has(index!)) extra.push(pod);
    else kept.set(index!, pod);
  }
  const rest = Math.max(0, count - extra.length);
  return [...extra, ...podsToDelete([...kept.values()], [], rest, now)];
}

/** `index`: which of an indexed Job it is; `pods`: those there are, whose failures it goes on counting. */
export function jobPod(job: Job, pods: Pod[], index: number | undefined): Pod {
  const pod = podFromTemplate(job.spec.template, job);
  pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), JOB_FINALIZER];
  if (index === undefined) return pod;
  pod.metadata.generateName = `${job.metadata.name}-${index}-`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX_KEY]: String(index) };
  pod.metadata.labels = { ...pod.metadata.labels, [INDEX_KEY]: String(index) };
  if (job.spec.backoffLimitPerIndex != null)
    pod.metadata.annotations[INDEX_FAILURES] = String(failuresOf(job, pods, index));
  pod.spec.hostname = `${job.metadata.name}-${index}`;
  if (pod.spec.initContainers) pod.spec.initContainers = pod.spec.initContainers.map(withIndex);
  pod.spec.containers = pod.spec.containers.map(withIndex);
  return pod;
}

function failuresOf(job: Job, pods: Pod[], index: number): number {
  const failed = pods.filter((pod) => indexOf(pod) === index && hasFailed(job, pod));
  return Math.max(0, ...failed.map((pod) => indexFailures(job.spec.podFailurePolicy, pod)));
}
