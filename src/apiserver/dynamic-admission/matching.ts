/**
 * Which requests a webhook or a policy is about. Models k8s.io/apiserver's pkg/admission/plugin/webhook/predicates and
 * plugin/policy/matching.
 */
import type { Kind } from '../../catalog/kinds.ts';
import type {
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../objects/generated/meta-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';
import type { AdmissionRequest } from './admission-request.ts';

const isEmpty = (selector: LabelSelector | null | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** Whether the namespace of the request is selected; what is in none always is. `view` must have the namespace. */
export function matchesNamespace(
  selector: LabelSelector | null | undefined,
  { kind, operation, namespace, subresource, object, old }: AdmissionRequest,
  view: View,
): boolean {
  if (isEmpty(selector)) return true;
  const isNamespace = kind.name === 'namespaces';
  if (namespace === undefined && !isNamespace) return true;
  const itself = isNamespace && !subresource && operation !== 'DELETE' ? object : old;
  const found = isNamespace ? itself : view.get('namespaces', undefined, namespace!);
  return matchesLabelSelector(selector ?? undefined, found?.metadata.labels);
}

/** Whether the object is selected as it would be or as it was. */
export function matchesObject(
  selector: LabelSelector | null | undefined,
  { object, old }: Pick<AdmissionRequest, 'object' | 'old'>,
): boolean {
  if (isEmpty(selector)) return true;
  const matches = (o: KubeObject | undefined): boolean =>
    o?.metadata !== undefined && matchesLabelSelector(selector ?? undefined, o.metadata.labels);
  return matches(object) || matches(old);
}

type Rule = RuleWithOperations | NamedRuleWithOperations;

/** The kind, in the version that a rule names, by which the request is meant: its own first. Undefined: no rule means it. */
export function matchedKind(
  rules: readonly Rule[],
  matchPolicy: string | undefined,
  request: AdmissionRequest,
): Kind | undefined {
  const { kind } = request;
  if (rules.some((rule) => means(rule, kind, request))) return kind;
  if (matchPolicy === 'Exact') return undefined;
  for (const rule of rules)
    for (const other of kind.equivalents) if (other !== kind && means(rule, other, request)) return other;
  return undefined;
}

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((item) => item === '*' || item === value) ?? false;

/** Whether a rule, whatever its operations, is about what is written at a kind's resource or one of its subresources. */
export const isAboutKind = (rule: Rule, { group, version, resource, namespaced }: Kind): boolean =>
  hasScope(rule, namespaced) &&
  has(rule.apiGroups, group) &&
  has(rule.apiVersions, version) &&
  (rule.resources ?? []).some((item) => ['*', resource].includes(item.split('/')[0]!));

const hasScope = ({ scope = '*' }: Rule, namespaced: boolean): boolean =>
  scope === '*' || (scope === 'Namespaced') === namespaced;

function means(rule: Rule, kind: Kind, { operation, subresource = '', name }: AdmissionRequest): boolean {
  // A namespace is in itself, and its rules are of the cluster's scope all the same.
  if (!hasScope(rule, kind.namespaced)) return false;
  if (!has(rule.operations, operation) || !has(rule.apiGroups, kind.group) || !has(rule.apiVersions, kind.version))
    return false;
  const isMeant = (rule.resources ?? []).some((item) => {
    const slash = item.indexOf('/');
    const [resource, sub] = slash < 0 ? [item, ''] : [item.slice(0, slash), item.slice(slash + 1)];
    return (resource === '*' || resource === kind.resource) && (sub === '*' || sub === subresource);
  });
  const names = ('resourceNames' in rule && rule.resourceNames) || [];
  return isMeant && (names.length === 0 || names.includes(name));
}
