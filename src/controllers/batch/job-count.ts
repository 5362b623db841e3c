/** Which pods of a Job have ended since it last looked, and how. Models trackJobStatusAndRemoveFinalizers in pkg/controller/job. */

import type { Job } from '../../objects/generated/batch-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { formatIndexes, indexOf, indexSet } from '../../resources/batch/job-indexes.ts';
import { finishedAt, hasFailed, indexFailures, isTracked, rulingOf } from './job-pods.ts';

export interface Count {
  /** Of the Job's status: what changes. */
  counts: Record<string, unknown>;
  /** Pods that are counted now. */
  counted: Pod[];
  /** Failures that count, and will be counted later. */
  uncounted: number;
}

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';

export const isIndexInRange = (job: Job, index: number | undefined): boolean =>
  index !== undefined && index < (job.spec.completions ?? 0);

/** Whether the pod's failure is one of the Job's. */
export function countsAsFailure(job: Job, pod: Pod): boolean {
  if (isIndexed(job) && !isIndexInRange(job, indexOf(pod))) return false;
  return rulingOf(job.spec.podFailurePolicy, pod).action !== 'Ignore';
}

export function countPods(job: Job, pods: Pod[], active: Pod[]): Count {
  const { podFailurePolicy, backoffLimitPerIndex } = job.spec;
  const tracked = pods.filter(isTracked);
  const successes = tracked.filter((pod) => pod.status?.phase === 'Succeeded');
  const failures = tracked.filter((pod) => pod.status?.phase !== 'Succeeded' && hasFailed(job, pod));
  const completed = indexSet(job.status?.completedIndexes);
  const failed = indexSet(job.status?.failedIndexes);
  for (const index of successes.map(indexOf)) if (isIndexInRange(job, index)) completed.add(index!);
  if (backoffLimitPerIndex != null)
    for (const pod of failures) {
      const { action } = rulingOf(podFailurePolicy, pod);
      const exhausted = action === 'FailIndex' || indexFailures(podFailurePolicy, pod) > backoffLimitPerIndex;
      if (exhausted && isIndexInRange(job, indexOf(pod))) failed.add(indexOf(pod)!);
    }
  const later = neededLater(job, failures, active, new Set([...completed, ...failed]));
  const now = failures.filter((pod) => !later.has(pod));
  const failedCount = (job.status?.failed ?? 0) + now.filter((pod) => countsAsFailure(job, pod)).length;
  const succeeded = isIndexed(job) ? completed.size : (job.status?.succeeded ?? 0) + successes.length;
  return {
    counts: {
      ...(failedCount > 0 ? { failed: failedCount } : {}),
      ...(succeeded > 0 ? { succeeded } : {}),
      ...(isIndexed(job) && completed.size > 0 ? { completedIndexes: formatIndexes(completed) } : {}),
      ...(backoffLimitPerIndex == null ? {} : { failedIndexes: formatIndexes(failed) }),
    },
    counted: [...successes, ...now],
    uncounted: [...later].filter((pod) => countsAsFailure(job, pod)).length,
  };
}

/** An index that is tried again hands its failures on to the next pod: until that is there, the last one is kept. */
function neededLater(job: Job, failures: Pod[], active: Pod[], settled: Set<number>): Set<Pod> {
  if (job.spec.backoffLimitPerIndex == null) return new Set();
  const running = new Set(active.map(indexOf));
  const last = new Map<number, Pod>();
  for (const pod of failures) {
    const index = indexOf(pod);
    if (!isIndexInRange(job, index) || settled.has(index!) || running.has(index)) continue;
    const before = last.get(index!);
    if (!before || finishedAt(before) <= finishedAt(pod)) last.set(index!, pod);
  }
  return new Set(last.values());
}
