/** Runs the plugins of the profile at each extension point. */
import type { NodeInfo } from './node-info.ts';
import type { Cycle, Plugin } from './plugin.ts';
import { type PodInfo, rulesOf } from './pod-info.ts';
import { PLUGINS } from './profile.ts';
import { Snapshot } from './snapshot.ts';
import { type Status, unresolvable } from './status.ts';

export interface Attempt extends Cycle {
  /** Plugins with a filter that has something to check. */
  filters: Plugin[];
  /** Steps that it takes to look at one node. */
  steps: number;
}

export interface PreFilterOutcome {
  attempt: Attempt;
  /** No node will do. */
  status?: Status;
  /** Only these can do; undefined: all. */
  nodeNames?: Set<string>;
  /** Who narrowed the nodes down. */
  narrowedBy: string[];
}

export function runPreFilter(pod: PodInfo, snapshot: Snapshot): PreFilterOutcome {
  const attempt: Attempt = { pod, snapshot, state: new Map(), filters: [], steps: rulesOf(pod) };
  const narrowedBy: string[] = [];
  let nodeNames: Set<string> | undefined;
  let failed: Status | undefined;
  for (const plugin of PLUGINS) {
    const result = plugin.preFilter?.(attempt);
    if (result?.skip) continue;
    if (plugin.filter) attempt.filters.push(plugin);
    if (result?.status) {
      failed = { ...result.status, plugin: plugin.name };
      if (failed.code === 'UnschedulableAndUnresolvable') return { attempt, status: failed, narrowedBy };
    }
    if (!result?.nodeNames) continue;
    narrowedBy.push(plugin.name);
    const before = nodeNames;
    nodeNames = before ? new Set([...result.nodeNames].filter((n) => before.has(n))) : result.nodeNames;
    if (nodeNames.size === 0) return { attempt, status: nothingLeft(narrowedBy), narrowedBy };
  }
  return { attempt, ...(failed ? { status: failed } : {}), ...(nodeNames ? { nodeNames } : {}), narrowedBy };
}

function nothingLeft(plugins: string[]): Status {
  const names = [...plugins].sort();
  return unresolvable(
    names.length === 1
      ? `node(s) didn't satisfy plugin ${names[0]}`
      : `node(s) didn't satisfy plugin(s) [${names.join(' ')}] simultaneously`,
  );
}

/** The first plugin that refuses the node says why. */
function runFilters(attempt: Attempt, node: NodeInfo): Status | undefined {
  attempt.snapshot.work.spend(attempt.filters.length + attempt.steps);
  for (const plugin of attempt.filters) {
    const status = plugin.filter?.(attempt, node);
    if (!status) continue;
    status.plugin = plugin.name;
    return status;
  }
  return undefined;
}

/** What a node is, rather than what runs on it or elsewhere, decides these. */
const NODE_PLUGINS = ['NodeName', 'NodeUnschedulable', 'TaintToleration', 'NodeAffinity', 'NodeResourcesFit'];

/** Whether the pod could run on the node if it were empty: when not, no change elsewhere makes the node do. */
export const couldRunOn = (pod: PodInfo, empty: NodeInfo): boolean => {
  const snapshot = Snapshot.of({ revision: 0, get: () => undefined, list: () => [] });
  const filters = PLUGINS.filter((plugin) => NODE_PLUGINS.includes(plugin.name));
  return !runFilters({ pod, snapshot, state: new Map(), filters, steps: 0 }, empty);
};

const STEPS_OF_COPYING_A_NODE = 4;

/** The same attempt in a cluster where one node has other pods. */
export function withNode(attempt: Attempt, node: NodeInfo): Attempt {
  // Those that look at one node need to know nothing of the others.
  if (!attempt.filters.some((plugin) => plugin.countsPods)) return attempt;
  attempt.snapshot.work.spend(STEPS_OF_COPYING_A_NODE * attempt.snapshot.size);
  const changed: Attempt = { ...attempt, snapshot: attempt.snapshot.with(node), state: new Map(attempt.state) };
  for (const plugin of changed.filters) if (plugin.countsPods) plugin.preFilter?.(changed);
  return changed;
}

/** A node must do both with and without the pods that wait for it. */
export function runFiltersWithNominated(attempt: Attempt, node: NodeInfo): Status | undefined {
  const nominated = attempt.snapshot.nominatedFor(node.name, attempt.pod);
  if (nominated.length > 0) {
    const fuller = node.clone();
    for (const pod of nominated) fuller.add(pod);
    const status = runFilters(withNode(attempt, fuller), fuller);
    if (status) return status;
  }
  return runFilters(attempt, node);
}

export interface PluginScores {
  plugin: string;
  /** As the plugin counts; a node each. */
  raw: number[];
  /** 0–100, times the weight. */
  weighted: number[];
}

export interface Scores {
  nodes: NodeInfo[];
  totals: number[];
  plugins: PluginScores[];
}

export function runScores(cycle: Cycle, nodes: NodeInfo[]): Scores {
  const totals = nodes.map(() => 0);
  const plugins: PluginScores[] = [];
  for (const { name, weight = 1, ...plugin } of SCORING) {
    cycle.snapshot.work.spend(nodes.length + rulesOf(cycle.pod));
    if (plugin.preScore?.(cycle, nodes)) continue;
    const raw = nodes.map((node) => plugin.score(cycle, node));
    const weighted = [...raw];
    plugin.normalize?.(cycle, weighted, nodes);
    for (let i = 0; i < weighted.length; i++) {
      weighted[i]! *= weight;
      totals[i]! += weighted[i]!;
    }
    plugins.push({ plugin: name, raw, weighted });
  }
  return { nodes, totals, plugins };
}

const scores = (plugin: Plugin): plugin is Plugin & Required<Pick<Plugin, 'score'>> => plugin.score !== undefined;
const SCORING = PLUGINS.filter(scores);
