/** When no node fits: which less important pods of which node would have to go. */

import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { PodDisruptionBudget } from '../../objects/generated/policy-v1.gen.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';
import type { Random } from '../../simulation/random.ts';
import { sizeOf } from '../../simulation/work-budget.ts';
import { fitMessage } from '../fit-error.ts';
import { type Attempt, runFiltersWithNominated, withNode } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Status, unresolvable } from '../status.ts';

export interface Preemption {
  /** What the pod's message says of it. */
  message: string;
  nomination?: { node: string; victims: PodInfo[] };
  /** An earlier nomination is void. */
  clear: boolean;
}

interface Candidate {
  node: string;
  /** The most important first. */
  victims: PodInfo[];
  violations: number;
}

/** At least so many nodes are tried, and this share of all. */
export const MIN_CANDIDATES = 100;
export const MIN_CANDIDATES_PERCENTAGE = 10;
const BUDGETS = 'poddisruptionbudgets.policy';

export function preempt(attempt: Attempt, statuses: Map<string, Status>, random: Random): Preemption {
  const refusal = ineligible(attempt, statuses);
  if (refusal) return { message: `preemption: ${refusal}`, clear: false };
  const nodes = attempt.snapshot.nodes;
  const potential = nodes.filter((n) => statuses.get(n.name)?.code === 'Unschedulable');
  const failures = new Map<string, Status>();
  const candidates = findCandidates(attempt, potential, failures, random);
  const best = pickCandidate(candidates);
  if (!best) {
    const unhelpful = unresolvable('Preemption is not helpful for scheduling');
    const all = nodes.map((n) => failures.get(n.name) ?? unhelpful);
    return { message: `preemption: ${fitMessage(nodes.length, { statuses: all })}`, clear: true };
  }
  const message = `preemption: found a potential placement for pod on node ${best.node}, preempting ${best.victims.length} victims`;
  return { message, nomination: { node: best.node, victims: best.victims }, clear: false };
}

function ineligible({ pod, snapshot }: Attempt, statuses: Map<string, Status>): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.pod.status?.nominatedNodeName;
  if (!nominated || statuses.get(nominated)?.code === 'UnschedulableAndUnresolvable') return undefined;
  const leaving = snapshot
    .node(nominated)
    ?.pods.some((p) => p.priority < pod.priority && terminatingByPreemption(p.pod));
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

const terminatingByPreemption = (pod: Pod): boolean =>
  Boolean(pod.metadata.deletionTimestamp) &&
  (pod.status?.conditions ?? []).some(
    (c) => c.type === 'DisruptionTarget' && c.status === 'True' && c.reason === 'PreemptionByScheduler',
  );

function findCandidates(
  attempt: Attempt,
  potential: NodeInfo[],
  failures: Map<string, Status>,
  random: Random,
): Candidate[] {
  if (potential.length === 0) return [];
  const share = Math.trunc((potential.length * MIN_CANDIDATES_PERCENTAGE) / 100);
  const enough = Math.min(potential.length, Math.max(share, MIN_CANDIDATES));
  const offset = potential.length > enough ? random.integer(potential.length) : 0;
  const budgets = attempt.snapshot.list(BUDGETS);
  const steps = sizeOf(budgets.map((budget) => budget.spec?.selector));
  const candidates: Candidate[] = [];
  for (let i = 0; i < potential.length; i++) {
    const node = potential[(offset + i) % potential.length] as NodeInfo;
    const found = selectVictims(attempt, node, { budgets, steps });
    if ('code' in found) failures.set(node.name, found);
    else candidates.push(found);
    if (candidates.length >= enough && candidates.some((c) => c.violations === 0)) break;
  }
  return candidates;
}

interface Budgets {
  budgets: PodDisruptionBudget[];
  /** What it takes to hold all of them against one pod. */
  steps: number;
}

/** The fewest pods to remove: all lesser ones go, then each comes back if the pod still fits. */
function selectVictims(attempt: Attempt, node: NodeInfo, { budgets, steps }: Budgets): Candidate | Status {
  const lesser = node.pods.filter((p) => p.priority < attempt.pod.priority);
  if (lesser.length === 0) return unresolvable('No preemption victims found for incoming pod');
  const { work } = attempt.snapshot;
  work.spend(node.pods.length * (1 + lesser.length));
  const emptier = node.clone();
  for (const pod of lesser) emptier.remove(pod);
  const refusal = runFiltersWithNominated(withNode(attempt, emptier), emptier);
  if (refusal) return refusal;
  lesser.sort(moreImportant);
  work.spend(lesser.length * steps);
  const { violating, others } = splitByBudget(lesser, budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  for (const pod of [...violating, ...others]) {
    work.spend(node.pods.length + violating.length);
    emptier.add(pod);
    if (!runFiltersWithNominated(withNode(attempt, emptier), emptier)) continue;
    emptier.remove(pod);
    victims.push(pod);
    if (violating.includes(pod)) violations++;
  }
  return { node: node.name, victims: victims.sort(moreImportant), violations };
}

const startOf = (pod: PodInfo): string => pod.pod.status?.startTime ?? '9999';

function moreImportant(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

function splitByBudget(pods: PodInfo[], budgets: PodDisruptionBudget[]): { violating: PodInfo[]; others: PodInfo[] } {
  if (budgets.length === 0) return { violating: [], others: pods };
  const left = new Map(budgets.map((b) => [b, b.status?.disruptionsAllowed ?? 0]));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const budget of budgets) {
      if (budget.metadata.namespace !== pod.namespace || !Object.keys(pod.labels).length) continue;
      if (!matchesLabelSelector(budget.spec?.selector, pod.labels)) continue;
      if (budget.status?.disruptedPods?.[pod.name]) continue;
      const allowed = (left.get(budget) ?? 0) - 1;
      left.set(budget, allowed);
      if (allowed < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

const PRIORITY_OFFSET = 2 ** 31;

/** Each rule only among those that the rules before left equal; the smallest wins. */
const RULES: ((c: Candidate) => number)[] = [
  (c) => c.violations,
  (c) => c.victims[0]?.priority ?? 0,
  (c) => c.victims.reduce((sum, p) => sum + p.priority + PRIORITY_OFFSET, 0),
  (c) => c.victims.length,
];

function pickCandidate(candidates: Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const rule of RULES) {
    const values = left.map(rule);
    const best = Math.min(...values);
    left = left.filter((_c, i) => values[i] === best);
    if (left.length <= 1) return left[0];
  }
  return latestStarted(left);
}

/** Of the most important victims' earliest start times, the latest. */
function latestStarted(candidates: Candidate[]): Candidate | undefined {
  const earliest = (c: Candidate): string =>
    c.victims
      .filter((p) => p.priority === c.victims[0]?.priority)
      .map(startOf)
      .sort()[0] ?? '';
  return candidates.reduce((best, c) => (earliest(c) > earliest(best) ? c : best));
}
