/** What a StatefulSet says of its pods. Models updateStatus and completeRollingUpdate in pkg/controller/statefulset/stateful_set_control.go. */
import type { StatefulSet, StatefulSetStatus } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { isAvailable, isFinished, isReady } from '../pods.ts';
import { REVISION_LABEL, type Revisions } from './revisions.ts';

export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  { revisions, currentName }: { revisions: Revisions; currentName: string },
  now: number,
): StatefulSetStatus {
  const live = pods.filter((pod) => !isFinished(pod));
  const of = (revision: string): number =>
    live.filter((pod) => !pod.metadata.deletionTimestamp && pod.metadata.labels?.[REVISION_LABEL] === revision).length;
  const ready = live.filter(isReady);
  const available = ready.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
  const updateRevision = revisions.update.metadata.name;
  const updated = of(updateRevision);
  // The rollout is over when every pod is of the new revision and ready: then that is the current one.
  const rolled =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === live.length &&
    ready.length === live.length &&
    updated === (set.spec.replicas ?? 1);
  const currentRevision = rolled ? updateRevision : currentName;
  const current = of(currentRevision);
  const { conditions } = set.status ?? {};
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: live.length,
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    ...(current > 0 ? { currentReplicas: current } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    currentRevision,
    updateRevision,
    collisionCount: revisions.collisionCount ?? 0,
    availableReplicas: available.length,
    ...(conditions ? { conditions } : {}),
  };
}
