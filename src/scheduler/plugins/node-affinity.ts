import type { NodeSelector, NodeSelectorTerm, Pod } from '../../objects/generated/core-v1.gen.ts';
import { matchesLabelMap } from '../../objects/selectors.ts';
import { matchesNodeSelector, matchesTerm } from '../../resources/core/node-selector-matching.ts';
import type { NodeInfo } from '../node-info.ts';
import { normalizeToMax, type Plugin, type PreFilterResult } from '../plugin.ts';
import { unresolvable } from '../status.ts';

const requiredOf = (pod: Pod): NodeSelector | undefined =>
  pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;

/** Whether there are nodes that its own rules might rule out. */
export const narrowsNodes = (pod: Pod): boolean =>
  pod.spec?.nodeSelector !== undefined || requiredOf(pod) !== undefined;

/** The pod's nodeSelector and required node affinity together. */
export function matchesRequiredNodeAffinity(pod: Pod, node: NodeInfo): boolean {
  if (!matchesLabelMap(pod.spec?.nodeSelector, node.labels)) return false;
  const required = requiredOf(pod);
  return !required || matchesNodeSelector(required, node);
}

/** Nodes named by `metadata.name` in every term; undefined when a term leaves it open. */
function namedNodes(terms: NodeSelectorTerm[]): Set<string> | undefined {
  const names = new Set<string>();
  for (const term of terms) {
    const lists = (term.matchFields ?? [])
      .filter((r) => r.key === 'metadata.name' && r.operator === 'In')
      .map((r) => r.values ?? []);
    const [first, ...others] = lists;
    if (!first) return undefined;
    for (const name of first) if (others.every((list) => list.includes(name))) names.add(name);
  }
  return names;
}

/** nodeSelector and node affinity: required terms filter, preferred ones score by their weights. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  preFilter({ pod }): PreFilterResult | undefined {
    const required = requiredOf(pod.pod);
    if (!required && !pod.pod.spec?.nodeSelector) return { skip: true };
    const terms = required?.nodeSelectorTerms ?? [];
    if (terms.length === 0) return undefined;
    const nodeNames = namedNodes(terms);
    if (!nodeNames) return undefined;
    return nodeNames.size === 0 ? { status: unresolvable('pod affinity terms conflict') } : { nodeNames };
  },
  filter({ pod }, node) {
    return matchesRequiredNodeAffinity(pod.pod, node)
      ? undefined
      : unresolvable("node(s) didn't match Pod's node affinity/selector");
  },
  preScore({ pod }) {
    return !pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
  },
  score({ pod }, node) {
    const preferred = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    let score = 0;
    for (const { weight, preference } of preferred)
      if (weight && matchesTerm(preference ?? {}, node.labels, node.name)) score += weight;
    return score;
  },
  normalize(_cycle, scores) {
    normalizeToMax(scores, false);
  },
};
