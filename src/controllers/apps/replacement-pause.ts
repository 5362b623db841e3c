/**
 * How long after pods that failed the next is made. The real controllers make it at once, and the API's and the kubelet's own pace keep
 * what fails again and again to a few pods a second; here a pod may fail in no time.
 */
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';

/** So many failures are replaced at once. */
export const FREE_FAILURES = 3;
const PAUSE_BASE_MS = 1000;
export const PAUSE_LIMIT_MS = 300_000;

/** `failures`: how many there were of late; `last`: the instant of the last one, milliseconds. 0: at once. */
export function replacementDue(failures: number, last: number): number {
  if (failures <= FREE_FAILURES) return 0;
  return last + Math.min(PAUSE_LIMIT_MS, PAUSE_BASE_MS * 2 ** (failures - FREE_FAILURES - 1));
}

export const newestOf = (pods: Pod[]): number =>
  Math.max(0, ...pods.map((pod) => milliseconds(pod.metadata.creationTimestamp)));
