/** What controllers ask of a pod. Source: k8s.io/kubernetes/pkg/api/v1/pod/util.go and pkg/controller/controller_utils.go. */

import { conditionOf } from '../objects/conditions.ts';
import type { Pod, PodCondition, PodTemplateSpec } from '../objects/generated/core-v1.gen.ts';
import { nameless } from '../objects/nameless.ts';
import type { KubeObject } from '../objects/object.ts';
import { milliseconds, timestamp } from '../objects/time.ts';
import type { Write } from '../simulation/reconciler.ts';
import { controllerReference } from './owners.ts';

export const isReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True';

/** When the pod will have been ready long enough; undefined while it isn't ready. */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return minReadySeconds === 0 ? 0 : milliseconds(ready.lastTransitionTime) + minReadySeconds * 1000;
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
}

export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Neither finished nor being deleted. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;

export const isTerminating = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;

/**
 * A pod from a template, controlled by `owner`. `name`: its own; otherwise one is generated from the owner's. Whatever is below its spec's
 * fields is the template's: a write makes its own copy, and a template may be large and its pods many.
 */
export function podFromTemplate(template: Partial<PodTemplateSpec>, owner: KubeObject, name?: string): Pod {
  const metadata = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: nameless({
      ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : { name }),
      namespace: owner.metadata.namespace,
      ...(metadata.labels ? { labels: { ...metadata.labels } } : {}),
      ...(metadata.annotations ? { annotations: { ...metadata.annotations } } : {}),
      ...(metadata.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    }),
    spec: { ...template.spec! },
    status: {},
  };
}

export const deletePod = (pod: Pod): Write<KubeObject> => ({
  verb: 'delete',
  resource: 'pods',
  namespace: pod.metadata.namespace as string,
  name: pod.metadata.name,
  uid: pod.metadata.uid as string,
});

/** What says that a pod ends because something else wants it to, and not by itself. */
export const disruptionTarget = (pod: Pod, reason: string, message: string, now: number): PodCondition => ({
  type: 'DisruptionTarget',
  observedGeneration: pod.metadata.generation ?? 1,
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: timestamp(now),
  reason,
  message,
});
