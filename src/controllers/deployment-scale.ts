/** How many pods a rollout may add, take away, or give to each set. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { KubeObject } from '../resources/object.ts';

/** `25%` of `total`, or the number itself. */
export function scaled(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const part = (Number.parseInt(value, 10) * total) / 100;
  return roundUp ? Math.ceil(part) : Math.floor(part);
}

const isRolling = (deployment: KubeObject): boolean => deployment.spec.strategy?.type !== 'Recreate';

export function maxSurge(deployment: KubeObject): number {
  if (!isRolling(deployment)) return 0;
  return scaled(deployment.spec.strategy?.rollingUpdate?.maxSurge, deployment.spec.replicas ?? 1, true);
}

export function maxUnavailable(deployment: KubeObject): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment) || replicas === 0) return 0;
  const unavailable = scaled(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, replicas, false);
  // Rounding may leave no room at all, and then nothing could ever roll.
  if (unavailable === 0 && maxSurge(deployment) === 0) return Math.min(1, replicas);
  return Math.min(unavailable, replicas);
}

/** The size of the new set: as large as the surge allows. */
export function newReplicas(deployment: KubeObject, all: KubeObject[], current: KubeObject): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment)) return replicas;
  const total = all.reduce((count, set) => count + (set.spec.replicas ?? 0), 0);
  const limit = replicas + maxSurge(deployment);
  const own: number = current.spec.replicas ?? 0;
  if (total >= limit) return own;
  return own + Math.min(limit - total, replicas - own);
}

/** A set's share of `missing` pods, of which `added` are given away already; negative when pods are to go. */
export function proportion(
  set: KubeObject,
  deployment: KubeObject,
  missing: number,
  added: number,
  maxReplicas: string | undefined,
): number {
  const own: number = set.spec.replicas ?? 0;
  if (own === 0 || missing === 0 || missing === added) return 0;
  const share = fraction(own, deployment, maxReplicas);
  const left = missing - added;
  return missing > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(own: number, deployment: KubeObject, maxReplicas: string | undefined): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (replicas === 0) return -own;
  const before = Number(maxReplicas) || deployment.status?.replicas || replicas;
  const size = (own * (replicas + maxSurge(deployment))) / before;
  return Math.round(size) - own;
}
