/**
 * One attempt to place one pod: filter the nodes, score those that are left, or say why none is and what preemption could do.
 * Pure: the snapshot is what the cluster is, `random` settles ties.
 */
import type { Random } from '../simulation/random.ts';
import { fitMessage } from './fit-error.ts';
import {
  type Attempt,
  type PreFilterOutcome,
  runFiltersWithNominated,
  runPreFilter,
  runScores,
  type Scores,
} from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { type Preemption, preempt } from './plugins/default-preemption.ts';
import type { PodInfo } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';
import { type Status, unresolvable } from './status.ts';

export interface Scheduled {
  node: string;
  /** Why nodes that were looked at don't do. */
  statuses: Map<string, Status>;
  /** Undefined when only one node was left. */
  scores: Scores | undefined;
}

export interface Refused {
  node: undefined;
  /** `0/2 nodes are available: …`. */
  message: string;
  statuses: Map<string, Status>;
  preemption: Preemption;
}

const NO_PREEMPTION: Preemption = { message: '', clear: true };

/** A cycle that ends before the plugins have all looked has nothing that the post-filters could read, and says so. */
const POST_FILTER_WITHOUT_STATE = 'not found';

export function schedule(pod: PodInfo, snapshot: Snapshot, random: Random): Scheduled | Refused {
  const total = snapshot.nodes.length;
  const statuses = new Map<string, Status>();
  if (total === 0)
    return { node: undefined, message: 'no nodes available to schedule pods', statuses, preemption: NO_PREEMPTION };
  const outcome = runPreFilter(pod, snapshot);
  if (outcome.status) return refusedByPreFilter(outcome, outcome.status, total, random);
  const feasible = feasibleNodes(outcome, statuses, random);
  if (feasible.length === 0) {
    for (const node of snapshot.nodes)
      if (!statuses.has(node.name)) statuses.set(node.name, notNamed(outcome.narrowedBy));
    const preemption = preempt(outcome.attempt, statuses, random);
    const message = fitMessage(total, { statuses: statuses.values() }, preemption.message);
    return { node: undefined, message, statuses, preemption };
  }
  if (feasible.length === 1) return { node: (feasible[0] as NodeInfo).name, statuses, scores: undefined };
  const scores = runScores(outcome.attempt, feasible);
  return { node: best(scores, random), statuses, scores };
}

const notNamed = (plugins: string[]): Status =>
  unresolvable(`node(s) didn't satisfy plugin(s) [${[...plugins].sort().join(' ')}]`);

function refusedByPreFilter(outcome: PreFilterOutcome, status: Status, total: number, random: Random): Refused {
  const statuses = new Map(outcome.attempt.snapshot.nodes.map((n) => [n.name, status]));
  const preemption =
    status.code === 'Unschedulable'
      ? preempt(outcome.attempt, statuses, random)
      : { message: POST_FILTER_WITHOUT_STATE, clear: false };
  const preFilter = status.reasons.join(', ');
  return {
    node: undefined,
    message: fitMessage(total, { preFilter, statuses: [] }, preemption.message),
    statuses,
    preemption,
  };
}

/** A nominated node that fits is enough; else look through the nodes until there are enough to choose from. */
function feasibleNodes(outcome: PreFilterOutcome, statuses: Map<string, Status>, random: Random): NodeInfo[] {
  const { attempt, nodeNames } = outcome;
  const { pod, snapshot } = attempt;
  const nominated = snapshot.node(pod.pod.status?.nominatedNodeName ?? '');
  if (nominated && !check(attempt, nominated, statuses)) return [nominated];
  const nodes = nodeNames ? snapshot.nodes.filter((n) => nodeNames.has(n.name)) : snapshot.nodes;
  const enough = feasibleNodesToFind(nodes.length);
  const offset = enough < nodes.length ? random.integer(nodes.length) : 0;
  const feasible: NodeInfo[] = [];
  for (let i = 0; i < nodes.length && feasible.length < enough; i++) {
    const node = nodes[(offset + i) % nodes.length] as NodeInfo;
    if (!check(attempt, node, statuses)) feasible.push(node);
  }
  return feasible;
}

function check(attempt: Attempt, node: NodeInfo, statuses: Map<string, Status>): Status | undefined {
  const status = runFiltersWithNominated(attempt, node);
  if (status) statuses.set(node.name, status);
  return status;
}

export const MIN_FEASIBLE_NODES = 100;
export const MIN_FEASIBLE_PERCENTAGE = 5;

/** Of many nodes, a share that shrinks as they get more: `percentageOfNodesToScore` left to the scheduler. */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes;
  const percentage = Math.max(MIN_FEASIBLE_PERCENTAGE, 50 - Math.trunc(nodes / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodes * percentage) / 100));
}

function best({ nodes, totals }: Scores, random: Random): string {
  let most = Number.NEGATIVE_INFINITY;
  let equal: number[] = [];
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! > most) {
      most = totals[i]!;
      equal = [i];
    } else if (totals[i] === most) equal.push(i);
  }
  const chosen = equal.length > 1 ? random.integer(equal.length) : 0;
  return nodes[equal[chosen]!]!.name;
}
