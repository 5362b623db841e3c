import type { LabelSelector, LabelSelectorRequirement } from './generated/meta-v1.gen.ts';

/**
 * Matching: LabelSelector objects, and the text forms `labelSelector` and `fieldSelector` of requests are read in label-selector.ts and
 * field-selector.ts. Source: k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go.
 */

/** Its operator, in an object: In, NotIn, Exists, DoesNotExist. */
export type SelectorRequirement = LabelSelectorRequirement;

export type { LabelSelector };

export type Labels = Readonly<Record<string, string>>;

const own = (labels: Labels | undefined, key: string): string | undefined =>
  labels && Object.hasOwn(labels, key) ? labels[key] : undefined;

/** Whether labels meet a LabelSelector. An absent selector matches nothing, an empty one everything. */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false;
  for (const key in selector.matchLabels) if (own(labels, key) !== selector.matchLabels[key]) return false;
  for (const r of selector.matchExpressions ?? []) if (!matchesRequirement(r, labels)) return false;
  return true;
}

/** Whether labels contain every pair of a plain map, as Service and ReplicationController selectors are. An empty one matches all. */
export function matchesLabelMap(selector: Labels | undefined, labels: Labels | undefined): boolean {
  for (const key in selector) if (own(labels, key) !== selector[key]) return false;
  return true;
}

function matchesRequirement(r: SelectorRequirement, labels: Labels | undefined): boolean {
  const value = own(labels, r.key);
  switch (r.operator) {
    case 'In':
      return value !== undefined && (r.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(r.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** The selector as `kubectl` and status fields print it: `a=b,c in (d,e),!f`. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const terms: { key: string; text: string }[] = [];
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) terms.push({ key, text: `${key}=${value}` });
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = `(${[...(values ?? [])].sort().join(',')})`;
    const text = { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` }[
      operator
    ];
    if (text !== undefined) terms.push({ key, text });
  }
  terms.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return terms.map((t) => t.text).join(',');
}
