/** A Deployment's status and its conditions. Source: pkg/controller/deployment/{progress,sync}.go. */

import { type Condition, conditionOf } from '../../objects/conditions.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';
import { milliseconds, timestamp } from '../../objects/time.ts';
import { maxUnavailable } from './deployment-scale.ts';

type Status = DeploymentStatus;
/** What is counted of all its sets. */
type Counted = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';
type Progress = Exclude<Counted, 'terminatingReplicas'> | 'updatedReplicas';

const NO_DEADLINE = 2147483647;

const deadlineOf = (deployment: Deployment): number => deployment.spec.progressDeadlineSeconds ?? NO_DEADLINE;

/** A condition that says the same leaves the status alone; one that changes moves to the end. */
export function setDeploymentCondition(
  status: Status,
  condition: { type: string; status: string; reason: string; message: string },
  now: number,
): Status {
  const conditions: Condition[] = status.conditions ?? [];
  const old = conditions.find((c) => c.type === condition.type);
  if (old && old.status === condition.status && old.reason === condition.reason) return status;
  const at = timestamp(now);
  const made: Condition = {
    type: condition.type,
    status: condition.status,
    lastUpdateTime: at,
    lastTransitionTime: old?.status === condition.status ? (old.lastTransitionTime ?? at) : at,
    reason: condition.reason,
    message: condition.message,
  };
  return { ...status, conditions: [...conditions.filter((c) => c.type !== condition.type), made] };
}

const withoutConditionOf = (status: Status, type: string): Status => {
  if (!(status.conditions as Condition[] | undefined)?.some((c) => c.type === type)) return status;
  return { ...status, conditions: (status.conditions as Condition[]).filter((c) => c.type !== type) };
};

/** Every pod is of the current template and available, and the latest spec has been seen. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const replicas = deployment.spec.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

const total = (sets: ReplicaSet[], field: Counted): number =>
  sets.reduce((count, set) => count + (set.status?.[field] ?? 0), 0);

/** Counts, and whether enough pods are available. */
export function statusOfSets(
  all: ReplicaSet[],
  current: ReplicaSet | undefined,
  deployment: Deployment,
  now: number,
): Status {
  const available = total(all, 'availableReplicas');
  const wanted = all.reduce((count, set) => count + (set.spec.replicas ?? 0), 0);
  const counts: Record<string, number> = {
    replicas: total(all, 'replicas'),
    updatedReplicas: current ? total([current], 'replicas') : 0,
    readyReplicas: total(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
  };
  for (const field in counts) if (counts[field] === 0) delete counts[field];
  const { collisionCount, conditions } = deployment.status ?? {};
  const status: Status = {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...counts,
    terminatingReplicas: total(all, 'terminatingReplicas'),
    ...(conditions ? { conditions } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  const enough = available >= (deployment.spec.replicas ?? 1) - maxUnavailable(deployment);
  return setDeploymentCondition(
    status,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
  );
}

/** The counts, and how the rollout is coming along. */
export function rolloutStatus(
  all: ReplicaSet[],
  current: ReplicaSet | undefined,
  deployment: Deployment,
  now: number,
): Status {
  let status = statusOfSets(all, current, deployment, now);
  const before = conditionOf(deployment, 'Progressing');
  const hasDeadline = deadlineOf(deployment) !== NO_DEADLINE;
  if (!hasDeadline) status = withoutConditionOf(status, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable';
  if (hasDeadline && !settled) status = withProgress(status, current, deployment, before, now);
  const failure = [...(current ? [current] : []), ...all]
    .map((set) => conditionOf(set, 'ReplicaFailure'))
    .find(Boolean);
  if (!failure) return withoutConditionOf(status, 'ReplicaFailure');
  return setDeploymentCondition(
    status,
    {
      type: 'ReplicaFailure',
      status: failure.status,
      reason: failure.reason ?? '',
      message: failure.message ?? '',
    },
    now,
  );
}

function withProgress(
  status: Status,
  current: ReplicaSet | undefined,
  deployment: Deployment,
  before: Condition | undefined,
  now: number,
): Status {
  const who = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const type = 'Progressing';
  if (isComplete(deployment, status)) {
    const condition = {
      type,
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${who} has successfully progressed.`,
    };
    return setDeploymentCondition(status, condition, now);
  }
  if (progressed(deployment.status ?? {}, status)) {
    const made: Condition = {
      type,
      status: 'True',
      lastUpdateTime: timestamp(now),
      lastTransitionTime: (before?.status === 'True' && before.lastTransitionTime) || timestamp(now),
      reason: 'ReplicaSetUpdated',
      message: `${who} is progressing.`,
    };
    const rest = withoutConditionOf(status, type);
    return { ...rest, conditions: [...(rest.conditions ?? []), made] };
  }
  if (timedOut(deployment, before, now)) {
    const condition = {
      type,
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `${who} has timed out progressing.`,
    };
    return setDeploymentCondition(status, condition, now);
  }
  return status;
}

function progressed(before: Status, after: Status): boolean {
  const count = (status: Status, field: Progress): number => status[field] ?? 0;
  const oldPods = (status: Status): number => count(status, 'replicas') - count(status, 'updatedReplicas');
  return (
    count(after, 'updatedReplicas') > count(before, 'updatedReplicas') ||
    oldPods(after) < oldPods(before) ||
    count(after, 'readyReplicas') > count(before, 'readyReplicas') ||
    count(after, 'availableReplicas') > count(before, 'availableReplicas')
  );
}

function timedOut(deployment: Deployment, condition: Condition | undefined, now: number): boolean {
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return milliseconds(condition.lastUpdateTime as string) + deadlineOf(deployment) * 1000 < now;
}

/** When the rollout is to be looked at again, in case nothing has moved by then. */
export function progressDue(deployment: Deployment, now: number): number | undefined {
  const condition = conditionOf(deployment, 'Progressing');
  if (deadlineOf(deployment) === NO_DEADLINE || !condition || deployment.spec.paused) return undefined;
  if (isComplete(deployment, deployment.status ?? {}) || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  if (condition.reason === 'NewReplicaSetAvailable') return undefined;
  const due = milliseconds(condition.lastUpdateTime as string) + deadlineOf(deployment) * 1000 + 1000;
  return Math.max(due, now + 1000);
}
