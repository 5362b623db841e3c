/** The extension points that plugins fill, and the state of one attempt to schedule one pod. */
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';
import type { Status } from './status.ts';

export interface Cycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  /** What a plugin worked out before looking at single nodes, by plugin name. */
  readonly state: Map<string, unknown>;
}

export interface PreFilterResult {
  /** The filter has nothing to do for this pod. */
  skip?: true;
  /** No node will do. */
  status?: Status;
  /** Only these nodes can do. */
  nodeNames?: Set<string>;
}

export interface Plugin {
  /** As in Kubernetes. */
  readonly name: string;
  /** Of its scores; only for plugins with `score`. */
  readonly weight?: number;
  preFilter?(cycle: Cycle): PreFilterResult | undefined;
  /** Whether `preFilter` counts pods, so that it must run again when preemption tries to do without some. */
  readonly countsPods?: true;
  filter?(cycle: Cycle, node: NodeInfo): Status | undefined;
  /** True: has no opinion about this pod. */
  preScore?(cycle: Cycle, nodes: NodeInfo[]): boolean;
  score?(cycle: Cycle, node: NodeInfo): number;
  /** Bring the scores of all nodes to 0–100, in place. */
  normalize?(cycle: Cycle, scores: number[], nodes: NodeInfo[]): void;
}

export const MAX_NODE_SCORE = 100;

/** Scores from 0 up to 0–100; `reverse`: the highest becomes 0. */
export function normalizeToMax(scores: number[], reverse: boolean): void {
  const max = Math.max(0, ...scores);
  for (let i = 0; i < scores.length; i++) {
    const score = max === 0 ? 0 : Math.trunc((MAX_NODE_SCORE * (scores[i] ?? 0)) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - score : max === 0 ? (scores[i] ?? 0) : score;
  }
}
