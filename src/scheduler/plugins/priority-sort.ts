import type { PodInfo } from '../pod-info.ts';

/** The order of the queue: the more important first, then the older. */
export function priorityOrder(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [x, y] = [a.pod.metadata.creationTimestamp ?? '', b.pod.metadata.creationTimestamp ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}
