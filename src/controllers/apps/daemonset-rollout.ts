/** Which daemon pods make way for new ones, and where a new one comes first. Models rollingUpdate in pkg/controller/daemon/update.go. */
import type { DaemonSet } from '../../objects/generated/apps-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { scaled } from './deployment-scale.ts';

export interface NodePods {
  node: string;
  /** Whether a daemon pod is wanted there. */
  run: boolean;
  /** Those of the set that are not being deleted. */
  pods: Pod[];
}

export interface Rollout {
  remove: Pod[];
  /** Nodes that get a new pod beside the old one. */
  createOn: string[];
}

export interface PodTests {
  isNew(pod: Pod): boolean;
  isAvailable(pod: Pod): boolean;
}

/** Whether new pods come before old ones go. */
export const surges = (set: DaemonSet): boolean =>
  set.spec.updateStrategy?.type !== 'OnDelete' &&
  scaled(set.spec.updateStrategy?.rollingUpdate?.maxSurge, 100, true) > 0;

interface OnNode extends NodePods {
  fresh: Pod | undefined;
  old: Pod | undefined;
  /** There are more pods than there should be: that is put right first. */
  excess: boolean;
}

export function rollout(set: DaemonSet, nodes: NodePods[], tests: PodTests): Rollout {
  const desired = nodes.filter(({ run }) => run).length;
  const { maxSurge, maxUnavailable } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, desired, true);
  const unavailable = scaled(maxUnavailable ?? 1, desired, true);
  const all = nodes
    .filter(({ run, pods }) => run || pods.length > 0)
    .map((on): OnNode => {
      const fresh = on.pods.filter(tests.isNew);
      const old = on.pods.filter((pod) => !tests.isNew(pod));
      return { ...on, fresh: fresh[0], old: old[0], excess: fresh.length > 1 || old.length > 1 };
    });
  if (surge > 0) return surging(all, surge, desired, tests);
  return replacing(all, unavailable > 0 ? unavailable : 1, tests);
}

/** Old pods go, as many as may be unavailable at once; new ones follow where they were. */
function replacing(nodes: OnNode[], limit: number, { isAvailable }: PodTests): Rollout {
  let unavailable = 0;
  const remove: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { fresh, old, excess } of nodes) {
    if (excess || Boolean(fresh) === Boolean(old)) unavailable++;
    else if (fresh) unavailable += isAvailable(fresh) ? 0 : 1;
    else if (old && !isAvailable(old)) {
      // It serves nobody: replacing it costs nothing.
      remove.push(old);
      unavailable++;
    } else if (old) candidates.push(old);
  }
  return { remove: [...remove, ...candidates.slice(0, Math.max(0, limit - unavailable))], createOn: [] };
}

/** New pods come beside the old ones, so many at a time; an old one goes when its successor is available. */
function surging(nodes: OnNode[], limit: number, desired: number, { isAvailable }: PodTests): Rollout {
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const createOn: string[] = [];
  const candidates: string[] = [];
  let surge = 0;
  let available = 0;
  for (const { node, run, fresh, old, excess } of nodes) {
    if (excess) {
      surge++;
      continue;
    }
    const serving = old ?? fresh;
    if (serving && isAvailable(serving)) available++;
    if (!old) continue;
    if (fresh) {
      if (isAvailable(fresh)) remove.push(old);
      else surge++;
    } else if (!isAvailable(old)) {
      if (run) createOn.push(node);
      else remove.push(old);
    } else if (run) candidates.push(node);
    else unwanted.push(old);
  }
  return {
    remove: [...remove, ...unwanted.slice(0, Math.max(0, available - desired))],
    createOn: [...createOn, ...candidates.slice(0, Math.max(0, limit - surge))],
  };
}
