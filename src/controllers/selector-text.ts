/** Label selectors in messages. Models the generated String of k8s.io/apimachinery/pkg/apis/meta/v1. */
import type { LabelSelector } from '../objects/selectors.ts';

/** As Go prints a pointer to one. */
export function printSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const requirements = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`;
}

/** As a selector is written in a query: `app=web,tier in (a,b)`, sorted by key. */
export function selectorQuery(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): [string, string] => [
    key,
    `${key}=${value}`,
  ]);
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }): [string, string] => {
    const list = `(${[...values].sort().join(',')})`;
    if (operator === 'Exists') return [key, key];
    if (operator === 'DoesNotExist') return [key, `!${key}`];
    return [key, `${key} ${operator === 'In' ? 'in' : 'notin'} ${list}`];
  });
  return [...equal, ...others]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(',');
}
