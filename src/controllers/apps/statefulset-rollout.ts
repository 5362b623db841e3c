/** Which pods of an old revision go. Models updateStatefulSetAfterInvariantEstablished in pkg/controller/statefulset/stateful_set_control.go. */
import type { StatefulSet } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { scaled } from './deployment-scale.ts';

interface Tests {
  /** Not of the revision that the set is to have. */
  isOld(pod: Pod): boolean;
  /** Ready for long enough, and not on its way out. */
  isAvailable(pod: Pod): boolean;
}

/** `slots`: the pods in the order of their ordinals, one for each that there should be. The highest go first. */
export function podsToReplace(
  set: StatefulSet,
  slots: readonly (Pod | undefined)[],
  { isOld, isAvailable }: Tests,
): Pod[] {
  const { partition = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const limit = Math.max(1, scaled(maxUnavailable, slots.length, false));
  const unavailable = slots.filter((pod) => !pod || !isAvailable(pod)).length;
  const isStaying = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined;
  const old = slots
    .slice(partition)
    .toReversed()
    .filter((pod) => pod !== undefined && isOld(pod) && isStaying(pod)) as Pod[];
  const room = Math.max(0, limit - unavailable);
  if (set.spec.podManagementPolicy !== 'Parallel') return old.slice(0, room);
  // Those that serve nobody go at once; of the others as many as may still be away.
  return [...old.filter((pod) => !isAvailable(pod)), ...old.filter(isAvailable).slice(0, room)];
}
