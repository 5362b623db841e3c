/** How many pods a rollout may add, take away, or give to each set. Source: pkg/controller/deployment/util/deployment_util.go. */
import type { Deployment, ReplicaSet } from '../../objects/generated/apps-v1.gen.ts';

/** The annotation in which a set remembers how many pods its Deployment could have had. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** `25%` of `total`, or the number itself. */
export function scaled(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const part = (Number.parseInt(value, 10) * total) / 100;
  return roundUp ? Math.ceil(part) : Math.floor(part);
}

const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate';

export function maxSurge(deployment: Deployment): number {
  if (!isRolling(deployment)) return 0;
  return scaled(deployment.spec.strategy?.rollingUpdate?.maxSurge, deployment.spec.replicas ?? 1, true);
}

export function maxUnavailable(deployment: Deployment): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment) || replicas === 0) return 0;
  const unavailable = scaled(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, replicas, false);
  // Rounding may leave no room at all, and then nothing could ever roll.
  if (unavailable === 0 && maxSurge(deployment) === 0) return Math.min(1, replicas);
  return Math.min(unavailable, replicas);
}

/** The size of the new set: as large as the surge allows. */
export function newReplicas(deployment: Deployment, all: ReplicaSet[], current: ReplicaSet): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (!isRolling(deployment)) return replicas;
  const total = all.reduce((count, set) => count + (set.spec.replicas ?? 0), 0);
  const limit = replicas + maxSurge(deployment);
  const own: number = current.spec.replicas ?? 0;
  if (total >= limit) return own;
  return own + Math.min(limit - total, replicas - own);
}

/** What each old set is to shrink to: by `room` pods that serve nobody, then by as many available ones as there are to spare. */
export function scaleDownTargets(old: ReplicaSet[], room: number, spare: number): Map<string, number> {
  const targets = new Map<string, number>();
  let cleaned = 0;
  for (const set of old) {
    const size: number = set.spec.replicas ?? 0;
    const unhealthy = Math.max(0, Math.min(room - cleaned, size - (set.status?.availableReplicas ?? 0)));
    targets.set(set.metadata.name, size - unhealthy);
    cleaned += unhealthy;
  }
  let left = spare;
  for (const [name, target] of targets) {
    const down = Math.max(0, Math.min(target, left));
    targets.set(name, target - down);
    left -= down;
  }
  return targets;
}

/** What each of several active sets is to be of, when the Deployment changes its size in the middle of a rollout. */
export function proportionalSizes(active: ReplicaSet[], deployment: Deployment): Map<ReplicaSet, number> {
  const replicas: number = deployment.spec.replicas ?? 1;
  const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 0;
  const total = active.reduce((count, set) => count + sizeOf(set), 0);
  const missing = (replicas > 0 ? replicas + maxSurge(deployment) : 0) - total;
  const newerFirst = missing > 0 ? -1 : 1;
  const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '');
  const sorted = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || newerFirst * byAge(a, b));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of sorted) {
    const share = proportion(set, deployment, missing, added);
    added += share;
    sizes.set(set, sizeOf(set) + share);
  }
  // What rounding has left over goes to the largest.
  const [largest] = sorted;
  if (largest && missing !== 0) sizes.set(largest, Math.max(0, sizes.get(largest)! + missing - added));
  return sizes;
}

/** A set's share of `missing` pods, of which `added` are given away already; negative when pods are to go. */
function proportion(set: ReplicaSet, deployment: Deployment, missing: number, added: number): number {
  const own: number = set.spec.replicas ?? 0;
  if (own === 0 || missing === 0 || missing === added) return 0;
  const share = fraction(own, deployment, set.metadata.annotations?.[MAX_REPLICAS]);
  const left = missing - added;
  return missing > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(own: number, deployment: Deployment, maxReplicas: string | undefined): number {
  const replicas: number = deployment.spec.replicas ?? 1;
  if (replicas === 0) return -own;
  const before = Number(maxReplicas) || deployment.status?.replicas || replicas;
  const size = (own * (replicas + maxSurge(deployment))) / before;
  return Math.round(size) - own;
}
