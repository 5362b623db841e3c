import { matchesLabelSelector } from '../../objects/selectors.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin, type PreFilterResult } from '../plugin.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Status, unresolvable, unschedulable } from '../status.ts';

const NAME = 'InterPodAffinity';
/** What a required rule of a pod that is there already counts for when scoring. */
const HARD_AFFINITY_WEIGHT = 1;

/** By `key\0value` of a topology: how many matches it holds. */
type Counts = Map<string, number>;

interface FilterState {
  /** Pods there whose anti-affinity the pod would break. */
  existingAnti: Counts;
  affinity: Counts;
  anti: Counts;
}

function matchesTerm(term: AffinityTerm, pod: PodInfo, snapshot: Snapshot): boolean {
  snapshot.work.spend(term.size);
  const inNamespace =
    term.namespaces.includes(pod.namespace) ||
    (term.namespaceSelector !== undefined &&
      matchesLabelSelector(term.namespaceSelector, snapshot.namespaceLabels(pod.namespace)));
  return inNamespace && matchesLabelSelector(term.selector, pod.labels);
}

const topology = (key: string, value: string): string => `${key}\0${value}`;

function record(counts: Counts, node: NodeInfo, key: string, amount: number): void {
  const value = node.labels[key];
  if (value === undefined) return;
  counts.set(topology(key, value), (counts.get(topology(key, value)) ?? 0) + amount);
}

const holds = (counts: Counts, node: NodeInfo, key: string): boolean =>
  (counts.get(topology(key, node.labels[key] ?? '')) ?? 0) > 0;

const matchesAll = (terms: AffinityTerm[], pod: PodInfo, snapshot: Snapshot): boolean =>
  terms.length > 0 && terms.every((t) => matchesTerm(t, pod, snapshot));

/** A node must have every topology key; each must hold a pod that matches all terms, or the pod is the first of its own kind. */
function affinityHolds(pod: PodInfo, counts: Counts, node: NodeInfo, snapshot: Snapshot): boolean {
  const terms = pod.requiredAffinity;
  if (terms.some((t) => node.labels[t.topologyKey] === undefined)) return false;
  if (terms.every((t) => holds(counts, node, t.topologyKey))) return true;
  return counts.size === 0 && matchesAll(terms, pod, snapshot);
}

function refusal(pod: PodInfo, state: FilterState, node: NodeInfo, snapshot: Snapshot): Status | undefined {
  if (!affinityHolds(pod, state.affinity, node, snapshot))
    return unresolvable("node(s) didn't match pod affinity rules");
  const broken = (t: AffinityTerm): boolean =>
    node.labels[t.topologyKey] !== undefined && holds(state.anti, node, t.topologyKey);
  if (pod.requiredAntiAffinity.some(broken)) return unschedulable("node(s) didn't match pod anti-affinity rules");
  snapshot.work.spend(node.labelCount);
  for (const key in node.labels)
    if (holds(state.existingAnti, node, key))
      return unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
  return undefined;
}

/** Rules between pods, by topology: required ones filter; preferred ones of both sides score. */
export const interPodAffinity: Plugin = {
  name: NAME,
  weight: 2,
  countsPods: true,

  preFilter({ pod, snapshot, state }): PreFilterResult | undefined {
    const existingAnti: Counts = new Map();
    const affinity: Counts = new Map();
    const anti: Counts = new Map();
    const hasTerms = pod.requiredAffinity.length + pod.requiredAntiAffinity.length > 0;
    for (const node of snapshot.nodes) {
      snapshot.work.spend(node.pods.length);
      for (const other of node.podsWithAffinity)
        for (const term of other.requiredAntiAffinity)
          if (matchesTerm(term, pod, snapshot)) record(existingAnti, node, term.topologyKey, 1);
      if (!hasTerms) continue;
      for (const other of node.pods) {
        if (matchesAll(pod.requiredAffinity, other, snapshot))
          for (const term of pod.requiredAffinity) record(affinity, node, term.topologyKey, 1);
        for (const term of pod.requiredAntiAffinity)
          if (matchesTerm(term, other, snapshot)) record(anti, node, term.topologyKey, 1);
      }
    }
    if (!hasTerms && existingAnti.size === 0) return { skip: true };
    state.set(NAME, { existingAnti, affinity, anti } satisfies FilterState);
    return undefined;
  },

  filter({ pod, snapshot, state }, node) {
    return refusal(pod, state.get(NAME) as FilterState, node, snapshot);
  },

  preScore({ pod, snapshot, state }) {
    const counts: Counts = new Map();
    const wantsAll = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0;
    const apply = (terms: AffinityTerm[], target: PodInfo, node: NodeInfo, factor: number, fixed?: number): void => {
      for (const term of terms)
        if (matchesTerm(term, target, snapshot))
          record(counts, node, term.topologyKey, factor * (fixed ?? term.weight));
    };
    for (const node of snapshot.nodes) {
      for (const other of wantsAll ? node.pods : node.podsWithAffinity) {
        apply(pod.preferredAffinity, other, node, 1);
        apply(pod.preferredAntiAffinity, other, node, -1);
        apply(other.requiredAffinity, pod, node, 1, HARD_AFFINITY_WEIGHT);
        apply(other.preferredAffinity, pod, node, 1);
        apply(other.preferredAntiAffinity, pod, node, -1);
      }
    }
    state.set(`${NAME}/score`, counts);
    return counts.size === 0;
  },

  score({ snapshot, state }, node) {
    const counts = state.get(`${NAME}/score`) as Counts;
    snapshot.work.spend(counts.size);
    let score = 0;
    for (const [pair, amount] of counts) {
      const separator = pair.indexOf('\0');
      if (node.labels[pair.slice(0, separator)] === pair.slice(separator + 1)) score += amount;
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
