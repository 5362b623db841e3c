import type { KubeObject } from '../../resources/object.ts';
import { matchesLabelMap } from '../../resources/selectors.ts';
import type { NodeInfo } from '../node-info.ts';
import { normalizeToMax, type Plugin, type PreFilterResult } from '../plugin.ts';
import { unresolvable } from '../status.ts';

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

interface Term {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

function meets({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const limit = values[0] ?? '';
      if (value === undefined || !isInteger(value) || !isInteger(limit)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
    }
    default:
      return false;
  }
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text);

/** An empty term matches nothing. */
function matchesTerm(term: Term, labels: Record<string, string>, name: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((r) => meets(r, labels[r.key])) &&
    fields.every((r) => meets(r, r.key === 'metadata.name' ? name : undefined))
  );
}

/** A NodeSelector: one of its terms must match. */
export const matchesNodeSelector = (
  selector: { nodeSelectorTerms?: Term[] },
  node: { labels: Record<string, string>; name: string },
): boolean => (selector.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node.labels, node.name));

const requiredOf = (pod: KubeObject): { nodeSelectorTerms?: Term[] } | undefined =>
  pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;

/** The pod's nodeSelector and required node affinity together. */
export function matchesRequiredNodeAffinity(pod: KubeObject, node: NodeInfo): boolean {
  if (!matchesLabelMap(pod.spec?.nodeSelector, node.labels)) return false;
  const required = requiredOf(pod);
  return !required || matchesNodeSelector(required, node);
}

/** Nodes named by `metadata.name` in every term; undefined when a term leaves it open. */
function namedNodes(terms: Term[]): Set<string> | undefined {
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
