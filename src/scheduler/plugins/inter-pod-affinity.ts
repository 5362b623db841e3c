import { matchesLabelSelector } from '../../objects/selectors.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin, type PreFilterResult } from '../plugin.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';
import type { Counts, Tally, TermKind } from '../tallies.ts';

const NAME = 'InterPodAffinity';
/** What a required rule of a pod that is there already counts for when scoring. */
const HARD_AFFINITY_WEIGHT = 1;

/** How many pods matter in each domain of a topology. */
interface Domains {
  topologyKey: string;
  counts: Counts;
}

interface FilterState {
  /** Pods there whose anti-affinity the pod would break. */
  existingAnti: Domains[];
  /** For each required rule of the pod: pods that match all of them, and pods that match the one. */
  affinity: Domains[];
  anti: Domains[];
}

interface Scored extends Domains {
  weight: number;
}

function matchesTerm(term: AffinityTerm, pod: PodInfo, snapshot: Snapshot): boolean {
  snapshot.work.spend(term.size);
  const inNamespace =
    term.namespaces.includes(pod.namespace) ||
    (term.namespaceSelector !== undefined &&
      matchesLabelSelector(term.namespaceSelector, snapshot.namespaceLabels(pod.namespace)));
  return inNamespace && matchesLabelSelector(term.selector, pod.labels);
}

const matchesAll = (terms: AffinityTerm[], pod: PodInfo, snapshot: Snapshot): boolean =>
  terms.length > 0 && terms.every((t) => matchesTerm(t, pod, snapshot));

/** Pods on nodes that match all of these, by the values of a label. */
function matching(terms: AffinityTerm[], key: string, snapshot: Snapshot): Tally {
  // What pods a node has is looked at once; that it may be, is counted each time.
  snapshot.work.spend(snapshot.size);
  const name = `${NAME}\0${terms.map(({ id }) => id).join()}`;
  // Labels of namespaces may change without a pod that does.
  const isPassing = terms.some(({ namespaceSelector }) => namespaceSelector !== undefined);
  const question = snapshot.question(name, { counts: (pod) => matchesAll(terms, pod, snapshot), isPassing });
  return snapshot.tally(name, question, key);
}

const holds = ({ topologyKey, counts }: Domains, node: NodeInfo): boolean => {
  const value = node.labels[topologyKey];
  return value !== undefined && counts.of(value) > 0;
};

/** A node must have every topology key; each must hold a pod that matches all terms, or the pod is the first of its own kind. */
function affinityHolds(pod: PodInfo, affinity: Domains[], node: NodeInfo, snapshot: Snapshot): boolean {
  if (affinity.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return false;
  if (affinity.every((domains) => holds(domains, node))) return true;
  return affinity.every(({ counts }) => counts.total === 0) && matchesAll(pod.requiredAffinity, pod, snapshot);
}

function refusal(pod: PodInfo, state: FilterState, node: NodeInfo, snapshot: Snapshot): Status | undefined {
  snapshot.work.spend(state.affinity.length + state.anti.length + state.existingAnti.length);
  if (!affinityHolds(pod, state.affinity, node, snapshot))
    return unresolvable("node(s) didn't match pod affinity rules");
  const isBroken = (domains: Domains): boolean => holds(domains, node);
  if (state.anti.some(isBroken)) return unschedulable("node(s) didn't match pod anti-affinity rules");
  if (state.existingAnti.some(isBroken))
    return unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
  return undefined;
}

/** For what the rules of pods that are there already count when the pod matches them. */
const weightOf = (kind: TermKind, { weight }: AffinityTerm): number => {
  switch (kind) {
    case 'requiredAffinity':
      return HARD_AFFINITY_WEIGHT;
    case 'preferredAffinity':
      return weight;
    case 'preferredAntiAffinity':
      return -weight;
    case 'requiredAntiAffinity':
      return 0;
    default:
      return kind satisfies never;
  }
};

function scoredDomains(pod: PodInfo, snapshot: Snapshot): Scored[] {
  const scored: Scored[] = [];
  const own = (terms: AffinityTerm[], sign: 1 | -1): void => {
    for (const term of terms) {
      const { topologyKey, weight } = term;
      scored.push({ topologyKey, weight: sign * weight, counts: matching([term], topologyKey, snapshot) });
    }
  };
  own(pod.preferredAffinity, 1);
  own(pod.preferredAntiAffinity, -1);
  for (const { kind, term, counts } of snapshot.held()) {
    const weight = weightOf(kind, term);
    if (weight !== 0 && matchesTerm(term, pod, snapshot))
      scored.push({ topologyKey: term.topologyKey, weight, counts });
  }
  return scored.filter(({ counts }) => counts.total > 0);
}

/** Rules between pods, by topology: required ones filter; preferred ones of both sides score. */
export const interPodAffinity: Plugin = {
  name: NAME,
  weight: 2,
  countsPods: true,

  preFilter({ pod, snapshot, state }): PreFilterResult | undefined {
    const { requiredAffinity, requiredAntiAffinity } = pod;
    const existingAnti: Domains[] = [];
    for (const { kind, term, counts } of snapshot.held())
      if (kind === 'requiredAntiAffinity' && matchesTerm(term, pod, snapshot))
        existingAnti.push({ topologyKey: term.topologyKey, counts });
    if (requiredAffinity.length + requiredAntiAffinity.length + existingAnti.length === 0) return { skip: true };
    const affinity = requiredAffinity.map(({ topologyKey }) => ({
      topologyKey,
      counts: matching(requiredAffinity, topologyKey, snapshot),
    }));
    const anti = requiredAntiAffinity.map((term) => ({
      topologyKey: term.topologyKey,
      counts: matching([term], term.topologyKey, snapshot),
    }));
    state.set(NAME, { existingAnti, affinity, anti } satisfies FilterState);
    return undefined;
  },

  filter({ pod, snapshot, state }, node) {
    return refusal(pod, state.get(NAME) as FilterState, node, snapshot);
  },

  preScore({ pod, snapshot, state }) {
    const scored = scoredDomains(pod, snapshot);
    state.set(`${NAME}/score`, scored);
    return scored.length === 0;
  },

  score({ snapshot, state }, node) {
    const scored = state.get(`${NAME}/score`) as Scored[];
    snapshot.work.spend(scored.length);
    let score = 0;
    for (const { topologyKey, weight, counts } of scored) {
      const value = node.labels[topologyKey];
      if (value !== undefined) score += weight * counts.of(value);
    }
    return score;
  },

  normalize(_cycle, scores) {
    const max = Math.max(...scores);
    const min = Math.min(...scores);
    for (const [i, score] of scores.entries())
      scores[i] = max > min ? Math.trunc(MAX_NODE_SCORE * ((score - min) / (max - min))) : 0;
  },
};
