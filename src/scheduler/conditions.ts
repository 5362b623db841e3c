/** Conditions of a pod that the scheduler sets. Source: k8s.io/kubernetes/pkg/api/v1/pod. */
import { type Condition, withCondition } from '../objects/conditions.ts';
import type { KubeObject } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';

/** The pod's status with the condition set; its time moves only when its status does. */
export function statusWithCondition(pod: KubeObject, condition: Condition, now: number): any {
  const { type, observedGeneration, status, ...why } = condition;
  const set: Condition = {
    type,
    ...(observedGeneration ? { observedGeneration } : {}),
    status,
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    ...why,
  };
  return { ...pod.status, conditions: withCondition(pod.status?.conditions, set) };
}
