/** Which nodes a NodeSelector means. Source: k8s.io/component-helpers/scheduling/corev1/nodeaffinity. */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../objects/generated/core-v1.gen.ts';

function meets({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
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
export function matchesTerm(term: NodeSelectorTerm, labels: Record<string, string>, name: string): boolean {
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
  selector: NodeSelector,
  node: { labels: Record<string, string>; name: string },
): boolean => (selector.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node.labels, node.name));
