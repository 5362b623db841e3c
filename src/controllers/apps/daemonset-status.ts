/** What a DaemonSet's status tells of its pods. Source: k8s.io/kubernetes/pkg/controller/daemon, updateDaemonSetStatus. */
import type { DaemonSet, DaemonSetStatus } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { isReady } from '../pods.ts';

/** A node, with the set's pods on it, the oldest first. */
interface OnNode {
  /** Whether there is to be one. */
  run: boolean;
  pods: Pod[];
}

interface Looks {
  collisionCount: number | undefined;
  isNew(pod: Pod): boolean;
  isAvailable(pod: Pod): boolean;
}

export function daemonSetStatus(set: DaemonSet, nodes: OnNode[], looks: Looks): DaemonSetStatus {
  let desired = 0;
  let current = 0;
  let misscheduled = 0;
  let ready = 0;
  let available = 0;
  let updated = 0;
  for (const { run, pods } of nodes) {
    if (!run) {
      if (pods.length > 0) misscheduled++;
      continue;
    }
    desired++;
    const [pod] = pods;
    if (!pod) continue;
    current++;
    if (looks.isNew(pod)) updated++;
    if (!isReady(pod)) continue;
    ready++;
    if (looks.isAvailable(pod)) available++;
  }
  const { conditions } = set.status ?? {};
  const { collisionCount } = looks;
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(desired > available ? { numberUnavailable: desired - available } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions ? { conditions } : {}),
  };
}
