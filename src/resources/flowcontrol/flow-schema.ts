/** FlowSchema. Source: k8s.io/kubernetes/pkg/apis/flowcontrol. */

import { baseSpec } from '../../catalog/base-layer.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { checked, dns1123Label, dns1123Subdomain } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../../objects/generated/flowcontrol-v1.gen.ts';
import { isDNS1123Label } from '../../objects/names.ts';

export const PRECEDENCE_MAX = 10_000;
const PRECEDENCE_DEFAULT = 1000;
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
/** Kind of a subject and the field that describes it. */
const SUBJECTS: Readonly<Record<string, string>> = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' };
const MANDATORY = ['exempt', 'catch-all'];

function validateSpec(name: string, spec: FlowSchema['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const precedence: number = spec.matchingPrecedence ?? 0;
  const field = 'spec.matchingPrecedence';
  if (precedence <= 0) errors.push(invalid(field, precedence, 'must be a positive value'));
  if (precedence > PRECEDENCE_MAX)
    errors.push(invalid(field, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  if (precedence === 1 && name !== 'exempt')
    errors.push(invalid(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  const method = spec.distinguisherMethod;
  if (method && method.type !== 'ByUser' && method.type !== 'ByNamespace')
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: method.type ?? '' }, ['ByNamespace', 'ByUser']));
  const level: string = spec.priorityLevelConfiguration?.name ?? '';
  const levelField = 'spec.priorityLevelConfiguration.name';
  if (level === '') errors.push(required(levelField, 'must reference a priority level'));
  else errors.push(...dns1123Subdomain(level, levelField));
  for (const [i, rule] of (spec.rules ?? []).entries()) errors.push(...validateRule(rule, `spec.rules[${i}]`));
  return errors;
}

function validateRule(rule: PolicyRulesWithSubjects, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const subjects = rule.subjects ?? [];
  const resourceRules = rule.resourceRules ?? [];
  const nonResourceRules = rule.nonResourceRules ?? [];
  if (subjects.length === 0) errors.push(required(`${field}.subjects`, 'subjects must contain at least one value'));
  for (const [i, subject] of subjects.entries()) errors.push(...validateSubject(subject, `${field}.subjects[${i}]`));
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  for (const [i, r] of resourceRules.entries()) errors.push(...validateResourceRule(r, `${field}.resourceRules[${i}]`));
  for (const [i, r] of nonResourceRules.entries())
    errors.push(...validateNonResourceRule(r, `${field}.nonResourceRules[${i}]`));
  return errors;
}

function validateSubject(subject: Subject, field: string): FieldError[] {
  const own = SUBJECTS[subject.kind];
  if (own === undefined)
    return [notSupported(`${field}.kind`, subject.kind ?? '', ['Group', 'ServiceAccount', 'User'])];
  const errors = validateSubjectDetails(
    subject.kind,
    (subject as Record<string, unknown>)[own],
    `${field}.${own}`,
    own,
  );
  // In the order in which the real one looks at them.
  const others = {
    ServiceAccount: ['User', 'Group'],
    User: ['ServiceAccount', 'Group'],
    Group: ['ServiceAccount', 'User'],
  }[subject.kind as 'User'];
  for (const kind of others) {
    const other = SUBJECTS[kind] ?? '';
    if ((subject as Record<string, unknown>)[other])
      errors.push(forbidden(`${field}.${other}`, `${other} is forbidden when subject kind is not '${kind}'`));
  }
  return errors;
}

// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
function validateSubjectDetails(kind: string, details: any, field: string, own: string): FieldError[] {
  if (!details) return [required(field, `${own} is required when subject kind is '${kind}'`)];
  const errors: FieldError[] = [];
  if (!details.name) errors.push(required(`${field}.name`));
  if (kind !== 'ServiceAccount') return errors;
  if (details.name && details.name !== '*') errors.push(...dns1123Subdomain(details.name, `${field}.name`));
  if (!details.namespace) errors.push(required(`${field}.namespace`, 'must specify namespace for service account'));
  else errors.push(...dns1123Label(details.namespace, `${field}.namespace`));
  return errors;
}

const only = (list: string[], field: string, what: string): FieldError[] =>
  list.length > 1 && list.includes('*')
    ? [invalid(field, list, `if '*' is present, must not specify other ${what}`)]
    : [];

function validateVerbs(verbs: string[], field: string): FieldError[] {
  if (verbs.length === 0) return [required(field, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return only(verbs, field, 'verbs');
  return verbs.every((v) => VERBS.includes(v)) ? [] : [notSupported(field, verbs, VERBS)];
}

/** Fields that are lists, empty when absent. */
// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
const lists = <const F extends readonly string[]>(rule: any, ...fields: F): { [I in keyof F]: string[] } =>
  fields.map((field) => rule[field] ?? []) as { [I in keyof F]: string[] };

function validateResourceRule(rule: ResourcePolicyRule, field: string): FieldError[] {
  const [verbs, apiGroups, resources, namespaces] = lists(rule, 'verbs', 'apiGroups', 'resources', 'namespaces');
  const errors = validateVerbs(verbs, `${field}.verbs`);
  if (apiGroups.length === 0)
    errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  errors.push(...only(apiGroups, `${field}.apiGroups`, 'api groups'));
  if (resources.length === 0)
    errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  errors.push(...only(resources, `${field}.resources`, 'resources'));
  if (namespaces.length === 0 && !rule.clusterScope)
    errors.push(
      required(`${field}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'),
    );
  else if (namespaces.includes('*')) errors.push(...only(namespaces, `${field}.namespaces`, 'namespaces'));
  else
    for (const [i, namespace] of namespaces.entries()) {
      const wrong = isDNS1123Label(namespace).map(
        (words) => `each member of this list must be '*' or a DNS-1123 label; ${words}`,
      );
      errors.push(...checked(wrong, `${field}.namespaces[${i}]`, namespace));
    }
  return errors;
}

function validateNonResourceRule(rule: NonResourcePolicyRule, field: string): FieldError[] {
  const [verbs, nonResourceURLs] = lists(rule, 'verbs', 'nonResourceURLs');
  const errors = validateVerbs(verbs, `${field}.verbs`);
  const at = `${field}.nonResourceURLs`;
  if (nonResourceURLs.length === 0) errors.push(required(at, 'nonResourceURLs must contain at least one value'));
  else if (nonResourceURLs.includes('*')) errors.push(...only(nonResourceURLs, at, 'non-resource URLs'));
  else
    for (const [i, url] of nonResourceURLs.entries()) {
      const wrong = wrongURL(url);
      if (wrong) errors.push(invalid(`${at}[${i}]`, url, wrong));
    }
  return errors;
}

function wrongURL(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const wildcards = url.split('*').length - 1;
  return wildcards > 1 || (wildcards === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

/** Conditions of a flow schema or a priority level. */
export function validateFlowConditions(object: FlowSchema | PriorityLevelConfiguration): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { type = '' }] of (object.status?.conditions ?? []).entries()) {
    const field = `status.conditions[${i}].type`;
    if (seen.has(type)) errors.push(duplicate(field, type));
    seen.add(type);
    if (type === '') errors.push(required(field));
  }
  return errors;
}

function validate(o: FlowSchema): FieldError[] {
  const { name } = o.metadata;
  const errors = validateSpec(name, o.spec ?? {});
  if (MANDATORY.includes(name) && !sameData(o.spec, baseSpec('flowschemas', name)))
    errors.push(invalid('spec', o.spec, `spec of '${name}' must equal the fixed value`));
  return [...errors, ...validateFlowConditions(o)];
}

export const flowSchema: Strategy<FlowSchema> = {
  defaults: (o) => {
    o.spec ??= {} as FlowSchema['spec'];
    if (!o.spec.matchingPrecedence) o.spec.matchingPrecedence = PRECEDENCE_DEFAULT;
    o.spec.priorityLevelConfiguration ??= { name: '' };
  },
  validate,
  validateStatusUpdate: validateFlowConditions,
  statusKeepsMetadata: true,
};
