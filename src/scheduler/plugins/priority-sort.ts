import type { PodInfo } from '../pod-info.ts';

/** The order of lists: by namespace and name. */
export function inListOrder(a: PodInfo, b: PodInfo): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** The order of the queue: the more important first, then the older. */
export function priorityOrder(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [x, y] = [a.pod.metadata.creationTimestamp ?? '', b.pod.metadata.creationTimestamp ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}
