/** What an autoscaler scales. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { HorizontalPodAutoscaler } from '../../objects/generated/autoscaling-v2.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import type { KindTypes } from '../../objects/generated/kind-types.gen.ts';
import type { View } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { keyOf } from '../owners.ts';
import { selectorQuery } from '../selector-text.ts';

export const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';
export const SCALED = ['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'replicationcontrollers'] as const;
const NO_RESOURCE = 'the server could not find the requested resource';

/** What has a subresource `scale`. */
export type Scaled = KindTypes[(typeof SCALED)[number]];

export const selectorOf = ({ kind, spec: { selector } }: Scaled): LabelSelector | undefined =>
  kind === 'ReplicationController'
    ? { matchLabels: (selector ?? {}) as Record<string, string> }
    : (selector as LabelSelector | undefined);

export function targetOf(
  catalog: Catalog,
  reader: View,
  hpa: HorizontalPodAutoscaler,
): { target: Scaled; problem: '' } | { target: undefined; problem: string } {
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef;
  const found = catalog.kind(apiVersion, kind);
  const missing = (problem: string) => ({ target: undefined, problem }) as const;
  if (!found) {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    return missing(`no matches for kind "${kind}" in group "${group}"`);
  }
  if (!found.subresources.some((subresource) => subresource.name === 'scale')) return missing(NO_RESOURCE);
  const target = reader.get(found.name, hpa.metadata.namespace, name) as Scaled | undefined;
  return target ? { target, problem: '' } : missing(`${found.name} "${name}" not found`);
}

export function podsOf(reader: View, target: Scaled): Pod[] {
  const selector = selectorOf(target);
  return reader
    .list('pods', target.metadata.namespace)
    .filter((pod) => matchesLabelSelector(selector, pod.metadata.labels));
}

export interface SelectorProblem {
  /** The reason of the event, and of the condition. */
  event: string;
  reason: string;
  /** As the event says it, and the condition. */
  text: string;
  said: string;
}

/** Why the target's selector is none to go by: it is missing, or its pods are another autoscaler's too. */
export function selectorProblem(
  { catalog, reader, hpa }: { catalog: Catalog; reader: View; hpa: HorizontalPodAutoscaler },
  target: Scaled,
): SelectorProblem | undefined {
  const query = selectorQuery(selectorOf(target));
  if (query === '') {
    const said = "the HPA target's scale is missing a selector";
    return { event: 'SelectorRequired', reason: 'InvalidSelector', text: 'selector is required', said };
  }
  const pods = podsOf(reader, target);
  const others = reader.list(AUTOSCALERS, hpa.metadata.namespace).filter((known) => {
    const other = known === hpa ? target : targetOf(catalog, reader, known).target;
    return other && pods.some((pod) => matchesLabelSelector(selectorOf(other), pod.metadata.labels));
  });
  if (others.length < 2) return undefined;
  const named = others.slice(0, 2).map(keyOf).join(' ');
  const text = `pods by selector ${query} are controlled by more than one HPA (e.g. [${named}])`;
  return { event: 'AmbiguousSelector', reason: 'AmbiguousSelector', text, said: text };
}
