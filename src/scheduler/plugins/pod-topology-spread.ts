import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { type LabelSelector, matchesLabelMap, matchesLabelSelector } from '../../objects/selectors.ts';
import { sizeOf, type WorkBudget } from '../../simulation/work-budget.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Cycle, MAX_NODE_SCORE, type Plugin, type PreFilterResult } from '../plugin.ts';
import { type PodInfo, rulesOf } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { unresolvable, unschedulable } from '../status.ts';
import { leastOf, type PodQuestion, type Tally } from '../tallies.ts';
import { matchesRequiredNodeAffinity, narrowsNodes } from './node-affinity.ts';
import { comparisons, keepsOut, toleratesTaint } from './taint-toleration.ts';

interface Constraint {
  maxSkew: number;
  topologyKey: string;
  /** All must match; none: no pod counts. */
  selectors: LabelSelector[];
  minDomains: number;
  honorAffinity: boolean;
  honorTaints: boolean;
  /** Which pods count for it, and the question's name. */
  question: PodQuestion;
  name: string;
  /** Steps that it takes to compare it with a pod. */
  size: number;
}

const NAME = 'PodTopologySpread';
const HOSTNAME = 'kubernetes.io/hostname';
const MISMATCH = "node(s) didn't match pod topology spread constraints";

/** What pods without constraints of their own are spread by, softly. */
const DEFAULTS = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
];

function constraintsOf({ pod, snapshot }: Cycle, action: 'DoNotSchedule' | 'ScheduleAnyway'): Constraint[] {
  return (pod.pod.spec?.topologySpreadConstraints ?? [])
    .filter((c) => (c.whenUnsatisfiable ?? 'DoNotSchedule') === action)
    .map((c): Constraint => {
      const keys = (c.matchLabelKeys ?? []).filter((key) => pod.labels[key] !== undefined);
      const same = Object.fromEntries(keys.map((key) => [key, pod.labels[key] ?? '']));
      const selectors = c.labelSelector ? [c.labelSelector, ...(keys.length ? [{ matchLabels: same }] : [])] : [];
      return {
        size: sizeOf(c),
        maxSkew: c.maxSkew ?? 1,
        topologyKey: c.topologyKey ?? '',
        selectors,
        ...questionOf(selectors, pod.namespace, snapshot),
        minDomains: c.minDomains ?? 1,
        honorAffinity: (c.nodeAffinityPolicy ?? 'Honor') === 'Honor',
        honorTaints: c.nodeTaintsPolicy === 'Honor',
      };
    });
}

/** By the services, and the controller, that the pod belongs to. */
function defaultConstraints({ pod, snapshot }: Cycle): Constraint[] {
  const selectors: LabelSelector[] = [];
  for (const service of snapshot.list('services', pod.namespace)) {
    const selector = service.spec?.selector;
    if (selector && matchesLabelMap(selector, pod.labels)) selectors.push({ matchLabels: selector });
  }
  const owned = controllerSelector(pod.pod, snapshot);
  if (owned) selectors.push(owned);
  if (selectors.every(isEmpty)) return [];
  const size = sizeOf(selectors);
  const question = questionOf(selectors, pod.namespace, snapshot);
  return DEFAULTS.map((d) => ({
    ...d,
    selectors,
    ...question,
    minDomains: 1,
    honorAffinity: true,
    honorTaints: false,
    size,
  }));
}

/** The selector of the controller that the pod belongs to. */
function controllerSelector(pod: Pod, snapshot: Snapshot): LabelSelector | undefined {
  const owner = pod.metadata.ownerReferences?.find((o) => o.controller);
  const { namespace = 'default' } = pod.metadata;
  switch (owner && `${owner.apiVersion}/${owner.kind}`) {
    case 'v1/ReplicationController': {
      const matchLabels = snapshot.get('replicationcontrollers', namespace, owner!.name)?.spec?.selector;
      return matchLabels && { matchLabels };
    }
    case 'apps/v1/ReplicaSet':
      return snapshot.get('replicasets.apps', namespace, owner!.name)?.spec?.selector;
    case 'apps/v1/StatefulSet':
      return snapshot.get('statefulsets.apps', namespace, owner!.name)?.spec?.selector;
    default:
      return undefined;
  }
}

const isEmpty = (s: LabelSelector): boolean =>
  Object.keys(s.matchLabels ?? {}).length === 0 && (s.matchExpressions ?? []).length === 0;

const selects = (selectors: LabelSelector[], labels: Record<string, string>): boolean =>
  selectors.length > 0 && selectors.every((s) => matchesLabelSelector(s, labels));

const NOBODY: PodQuestion = { counts: () => false };

/** One for the pods of a namespace that the same selectors select, whichever pod asks. */
function questionOf(selectors: LabelSelector[], namespace: string, snapshot: Snapshot) {
  if (selectors.every(isEmpty)) return { name: NAME, question: NOBODY };
  const name = `${NAME}\0${namespace}\0${JSON.stringify(selectors)}`;
  const question = snapshot.question(name, {
    counts: (p) => p.namespace === namespace && !p.pod.metadata.deletionTimestamp && selects(selectors, p.labels),
  });
  return { name, question };
}

function countMatching(node: NodeInfo, { question, size }: Constraint, work: WorkBudget): number {
  work.spend((1 + node.pods.length) * size);
  return node.count(question);
}

/** Whether a node's pods count for a constraint: by default if the pod could go there by its affinity. */
function included(c: Constraint, info: PodInfo, node: NodeInfo, work: WorkBudget): boolean {
  const { pod } = info;
  work.spend((c.honorAffinity ? rulesOf(info) : 0) + (c.honorTaints ? comparisons(pod, node) : 0));
  if (c.honorAffinity && !matchesRequiredNodeAffinity(pod, node)) return false;
  return !c.honorTaints || node.taints.every((taint) => !keepsOut(taint) || toleratesTaint(pod, taint));
}

const hasAllKeys = (constraints: Constraint[], node: NodeInfo): boolean =>
  constraints.every((c) => node.labels[c.topologyKey] !== undefined);

/** How many pods count for a constraint in each domain. */
type Domains = Pick<Tally, 'of' | 'domains' | 'least'>;

interface FilterState {
  constraints: Constraint[];
  domains: Domains[];
  /** Of each the least that there is, or would be in a domain that is not there yet. */
  least: number[];
  /** Of each, how many more there would be with the pod. */
  self: number[];
}

const asDomains = (counts: Map<string, number>): Domains => ({
  of: (value) => counts.get(value) ?? 0,
  domains: counts.size,
  least: () => leastOf(counts),
});

/** Whether every node's pods count for them: then they are counted already. */
const countsAll = (constraints: Constraint[], { pod }: PodInfo, snapshot: Snapshot): boolean =>
  constraints.every(
    (c) =>
      !c.honorTaints &&
      (!c.honorAffinity || !narrowsNodes(pod)) &&
      (constraints.length === 1 || snapshot.isEverywhere(c.topologyKey)),
  );

function domainsOf(constraints: Constraint[], pod: PodInfo, snapshot: Snapshot): Domains[] {
  if (countsAll(constraints, pod, snapshot)) {
    snapshot.work.spend(snapshot.size * constraints.length);
    return constraints.map(({ name, question, topologyKey }) => snapshot.tally(name, question, topologyKey));
  }
  const counts = constraints.map(() => new Map<string, number>());
  for (const node of snapshot.nodes) {
    if (!hasAllKeys(constraints, node)) continue;
    for (const [i, c] of constraints.entries()) {
      if (!included(c, pod, node, snapshot.work)) continue;
      const value = node.labels[c.topologyKey] ?? '';
      counts[i]!.set(value, (counts[i]!.get(value) ?? 0) + countMatching(node, c, snapshot.work));
    }
  }
  return counts.map(asDomains);
}

/** What stands for the least where there is no domain: more than any skew. */
const NO_DOMAIN = 2 ** 31 - 1;

interface ScoreState {
  constraints: Constraint[];
  counts: Map<string, number>[];
  weights: number[];
  ignored: Set<string>;
}

/** Spreads pods over topology domains: hard constraints filter by skew, soft ones score. */
export const podTopologySpread: Plugin = {
  name: NAME,
  weight: 2,
  countsPods: true,

  preFilter(cycle): PreFilterResult | undefined {
    const { pod, snapshot, state } = cycle;
    const constraints = constraintsOf(cycle, 'DoNotSchedule');
    if (constraints.length === 0) return { skip: true };
    const domains = domainsOf(constraints, pod, snapshot);
    const least = domains.map((d, i) => (d.domains < constraints[i]!.minDomains ? 0 : Math.min(NO_DOMAIN, d.least())));
    const self = constraints.map(({ selectors }) => (selects(selectors, pod.labels) ? 1 : 0));
    state.set(NAME, { constraints, domains, least, self } satisfies FilterState);
    return undefined;
  },

  filter({ state }, node) {
    const { constraints, domains, least, self } = state.get(NAME) as FilterState;
    for (let i = 0; i < constraints.length; i++) {
      const { topologyKey, maxSkew } = constraints[i]!;
      const value = node.labels[topologyKey];
      if (value === undefined) return unresolvable(`${MISMATCH} (missing required label)`);
      if (domains[i]!.of(value) + self[i]! - least[i]! > maxSkew) return unschedulable(MISMATCH);
    }
    return undefined;
  },

  preScore(cycle, nodes) {
    const { pod, snapshot, state } = cycle;
    const ownRules = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
    const constraints = ownRules ? constraintsOf(cycle, 'ScheduleAnyway') : defaultConstraints(cycle);
    if (constraints.length === 0) return true;
    const ignored = new Set<string>();
    const counts = constraints.map(() => new Map<string, number>());
    for (const node of nodes) {
      if (ownRules && !hasAllKeys(constraints, node)) ignored.add(node.name);
      else
        constraints.forEach((c, i) => {
          if (c.topologyKey !== HOSTNAME) counts[i]?.set(node.labels[c.topologyKey] ?? '', 0);
        });
    }
    const weights = constraints.map((c, i) =>
      Math.log((c.topologyKey === HOSTNAME ? nodes.length - ignored.size : (counts[i]?.size ?? 0)) + 2),
    );
    if (ignored.size === 0 && countsAll(constraints, pod, snapshot))
      for (const [i, { name, question, topologyKey }] of constraints.entries()) {
        if (topologyKey === HOSTNAME) continue;
        snapshot.work.spend(snapshot.size);
        const tally = snapshot.tally(name, question, topologyKey);
        for (const value of counts[i]!.keys()) counts[i]!.set(value, tally.of(value));
      }
    else if (constraints.some((c) => c.topologyKey !== HOSTNAME))
      for (const node of snapshot.nodes) {
        if (ownRules && !hasAllKeys(constraints, node)) continue;
        constraints.forEach((c, i) => {
          const value = node.labels[c.topologyKey];
          // What has no such label is scored by none.
          const before = value === undefined ? undefined : counts[i]?.get(value);
          if (before === undefined || !included(c, pod, node, snapshot.work)) return;
          counts[i]?.set(value!, before + countMatching(node, c, snapshot.work));
        });
      }
    state.set(`${NAME}/score`, { constraints, counts, weights, ignored } satisfies ScoreState);
    return false;
  },

  score({ snapshot, state }, node) {
    const { constraints, counts, weights, ignored } = state.get(`${NAME}/score`) as ScoreState;
    if (ignored.has(node.name)) return 0;
    let score = 0;
    for (const [i, c] of constraints.entries()) {
      const value = node.labels[c.topologyKey];
      if (value === undefined) continue;
      const count = c.topologyKey === HOSTNAME ? countMatching(node, c, snapshot.work) : (counts[i]?.get(value) ?? 0);
      score += count * (weights[i] ?? 0) + (c.maxSkew - 1);
    }
    return Math.round(score);
  },

  normalize({ state }, scores, nodes) {
    const { ignored } = state.get(`${NAME}/score`) as ScoreState;
    const counted = scores.filter((_score, i) => !ignored.has(nodes[i]?.name ?? ''));
    const max = Math.max(0, ...counted);
    const min = Math.min(...counted);
    for (const [i, score] of scores.entries()) {
      if (ignored.has(nodes[i]?.name ?? '')) scores[i] = 0;
      else scores[i] = max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max);
    }
  },
};
