/** Conditions of a pod that the scheduler sets. Source: k8s.io/kubernetes/pkg/api/v1/pod. */

import { withCondition } from '../objects/conditions.ts';
import type { Pod, PodCondition, PodStatus } from '../objects/generated/core-v1.gen.ts';
import { timestamp } from '../objects/time.ts';

/** The pod's status with the condition set; its time moves only when its status does. */
export function statusWithCondition(pod: Pod, condition: PodCondition, now: number): PodStatus {
  const { type, observedGeneration, status, ...why } = condition;
  const set: PodCondition = {
    type,
    ...(observedGeneration ? { observedGeneration } : {}),
    status,
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    ...why,
  };
  return { ...pod.status, conditions: withCondition(pod.status?.conditions, set) };
}
