/** Conditions of a pod that the scheduler sets. Source: k8s.io/kubernetes/pkg/api/v1/pod. */
import type { KubeObject } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';

export interface PodCondition {
  type: string;
  observedGeneration?: number;
  status: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export const conditionOf = (pod: KubeObject, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((c: PodCondition) => c.type === type);

/** The pod's status with the condition set; its time moves only when its status does. */
export function withCondition(pod: KubeObject, condition: PodCondition, now: number): any {
  const old = conditionOf(pod, condition.type);
  const { type, observedGeneration, status, ...why } = condition;
  const set: PodCondition = {
    type,
    ...(observedGeneration ? { observedGeneration } : {}),
    status,
    lastProbeTime: null,
    lastTransitionTime: (old?.status === status && old?.lastTransitionTime) || timestamp(now),
    ...why,
  };
  const conditions: PodCondition[] = pod.status?.conditions ?? [];
  return {
    ...pod.status,
    conditions: old ? conditions.map((c) => (c === old ? set : c)) : [...conditions, set],
  };
}
