/** Whether a Job is over, and why. Source: k8s.io/kubernetes/pkg/controller/job/job_controller.go, success_policy.go. */

import { conditionOf } from '../../objects/conditions.ts';
import type { Job, JobStatus } from '../../objects/generated/batch-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import { indexSet } from '../../resources/batch/job-indexes.ts';
import { hasFailed, restartsOf, rulingOf } from './job-pods.ts';

export interface Verdict {
  type: 'SuccessCriteriaMet' | 'FailureTarget';
  reason: string;
  message: string;
}

export const DEFAULT_BACKOFF_LIMIT = 6;
/** The largest int32: what the limit is when each index has one of its own. */
const NO_LIMIT = 2147483647;

const failure = (reason: string, message: string): Verdict => ({ type: 'FailureTarget', reason, message });

export interface Standing {
  /** With the pods that have just finished counted in. */
  status: JobStatus;
  /** Failures that are known and wait to be counted. */
  uncounted: number;
  pods: Pod[];
  active: Pod[];
}

/** A verdict once given stays. */
export function verdictOf(job: Job, standing: Standing, now: number): Verdict | undefined {
  const { status, uncounted, pods, active } = standing;
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const given = conditionOf(job, type);
    if (given?.status === 'True') return { type, reason: given.reason ?? '', message: given.message ?? '' };
  }
  const { spec } = job;
  for (const pod of pods) {
    if (!hasFailed(job, pod)) continue;
    const { action, message } = rulingOf(spec.podFailurePolicy, pod);
    if (action === 'FailJob') return failure('PodFailurePolicy', message);
  }
  const limit: number = spec.backoffLimit ?? (spec.backoffLimitPerIndex == null ? DEFAULT_BACKOFF_LIMIT : NO_LIMIT);
  const restarts = spec.template.spec.restartPolicy === 'OnFailure' ? restartsOf(active) : 0;
  if ((status.failed ?? 0) + uncounted > limit || (restarts > 0 && restarts >= limit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const deadline = deadlineOf(job, status);
  if (deadline !== undefined && now >= deadline) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return successOf(job, status, active) ?? failedIndexes(job, status);
}

/** When the Job has been active for too long; undefined: never. */
export function deadlineOf({ spec }: Job, status: JobStatus): number | undefined {
  if (spec.activeDeadlineSeconds == null || !status.startTime || spec.suspend) return undefined;
  return milliseconds(status.startTime) + spec.activeDeadlineSeconds * 1000;
}

function successOf({ spec }: Job, status: JobStatus, active: Pod[]): Verdict | undefined {
  const type = 'SuccessCriteriaMet';
  const completed = indexSet(status.completedIndexes);
  const matched = (spec.successPolicy?.rules ?? []).findIndex((rule) => {
    const required = rule.succeededIndexes == null ? undefined : indexSet(rule.succeededIndexes);
    const counted = required ? [...required].filter((index) => completed.has(index)).length : completed.size;
    return completed.size > 0 && counted >= (rule.succeededCount ?? required?.size ?? NO_LIMIT);
  });
  if (matched >= 0) return { type, reason: 'SuccessPolicy', message: `Matched rules at index ${matched}` };
  const succeeded: number = status.succeeded ?? 0;
  const enough = spec.completions == null ? succeeded > 0 && active.length === 0 : succeeded >= spec.completions;
  return enough
    ? { type, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

function failedIndexes({ spec }: Job, status: JobStatus): Verdict | undefined {
  if (spec.backoffLimitPerIndex == null) return undefined;
  const failed = indexSet(status.failedIndexes).size;
  if (failed > (spec.maxFailedIndexes ?? NO_LIMIT)) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', message);
  }
  if (failed === 0 || failed + (status.succeeded ?? 0) < (spec.completions ?? 0)) return undefined;
  return failure('FailedIndexes', 'Job has failed indexes');
}
