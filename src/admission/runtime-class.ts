/** RuntimeClass: what a new pod takes over from its class. Source: k8s.io/kubernetes/plugin/pkg/admission/runtimeclass. */
import type { Read, StageContext } from '../catalog/strategy.ts';
import type { KubeObject } from '../objects/object.ts';
import { sameAmounts } from '../objects/quantity.ts';
import { refusePod } from './refuse-pod.ts';

const RUNTIME_CLASSES = 'runtimeclasses.node.k8s.io';

export const runtimeClassReads = ({ spec }: KubeObject): Read[] =>
  spec?.runtimeClassName ? [{ resource: RUNTIME_CLASSES, name: spec.runtimeClassName }] : [];

export function admitRuntimeClass(pod: KubeObject, context: StageContext): void {
  const { spec } = pod;
  const name = spec.runtimeClassName;
  const found = name ? context.view.get(RUNTIME_CLASSES, undefined, name) : undefined;
  if (name && !found) throw refusePod(pod, `pod rejected: RuntimeClass "${name}" not found`);
  const overhead: Record<string, string> | undefined = found?.overhead && (found.overhead.podFixed ?? {});
  if (overhead) {
    if (Object.keys(spec.overhead ?? {}).length > 0 && !sameAmounts(overhead, spec.overhead))
      throw refusePod(pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    spec.overhead = overhead;
  }
  if (found?.scheduling) admitScheduling(pod, found.scheduling);
}

/** Once the pod is known to be valid. */
export function reviewRuntimeClass(pod: KubeObject, context: StageContext): void {
  const name = pod.spec.runtimeClassName;
  const found = name ? context.view.get(RUNTIME_CLASSES, undefined, name) : undefined;
  if (pod.spec.overhead && !found?.overhead)
    throw refusePod(pod, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
}

function admitScheduling(
  pod: KubeObject,
  scheduling: { nodeSelector?: Record<string, string>; tolerations?: Toleration[] },
) {
  const { spec } = pod;
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      throw refusePod(
        pod,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  const tolerations = mergeTolerations([...(spec.tolerations ?? []), ...(scheduling.tolerations ?? [])]);
  if (tolerations.length > 0) spec.tolerations = tolerations;
}

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

/** Of more than so many, none is looked for in the others. */
export const MAX_MERGED_TOLERATIONS = 500;

/** All of them but those that another one covers. */
function mergeTolerations(all: Toleration[]): Toleration[] {
  if (all.length > MAX_MERGED_TOLERATIONS) return all;
  const merged: Toleration[] = [];
  for (const [i, toleration] of all.entries()) {
    const covered =
      merged.some((other) => covers(other, toleration)) ||
      all.slice(i + 1).some((other) => covers(other, toleration) && !covers(toleration, other));
    if (!covered) merged.push(toleration);
  }
  return merged;
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (wide.key && wide.key !== narrow.key) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || wide.tolerationSeconds < narrow.tolerationSeconds) return false;
  }
  if (wide.operator === 'Exists') return true;
  return (
    narrow.operator !== 'Exists' &&
    (wide.key ?? '') === (narrow.key ?? '') &&
    (wide.value ?? '') === (narrow.value ?? '')
  );
}
