/** Roles and their bindings. Source: k8s.io/kubernetes/pkg/apis/rbac. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { checked, dns1123Subdomain, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
} from '../../objects/generated/rbac-v1.gen.ts';
import { isPathSegmentName } from '../../objects/names.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import { admitBinding, admitRole } from './escalation.ts';

const GROUP = 'rbac.authorization.k8s.io';

type AnyRole = Role & Pick<ClusterRole, 'aggregationRule'>;
type Binding = ClusterRoleBinding | RoleBinding;

function validateRules(o: AnyRole, namespaced: boolean): FieldError[] {
  const found = new Findings();
  for (const [i, rule] of (o.rules ?? []).entries()) {
    const at = `rules[${i}]`;
    const urls: string[] = rule.nonResourceURLs ?? [];
    const has = (field: keyof PolicyRule): boolean => (rule[field]?.length ?? 0) > 0;
    if (!has('verbs')) found.declare(required(`${at}.verbs`));
    if (urls.length > 0) {
      if (namespaced)
        found.add(invalid(`${at}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
      if (has('apiGroups') || has('resources') || has('resourceNames'))
        found.add(
          invalid(`${at}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'),
        );
      continue;
    }
    if (!has('apiGroups')) found.add(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!has('resources')) found.add(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  }
  if (!namespaced && o.aggregationRule) {
    const field = 'aggregationRule.clusterRoleSelectors';
    const selectors = o.aggregationRule.clusterRoleSelectors ?? [];
    if (selectors.length === 0)
      found.add(required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
    for (const [i, selector] of selectors.entries()) {
      const wrong = validateLabelSelector(selector, `${field}[${i}]`);
      found.add(...wrong);
      // What was to be made of it is nothing by then.
      if (wrong.length > 0) found.add(invalid(`${field}[${i}]`, null, 'invalid label selector.'));
    }
  }
  return found.all();
}

function validateBinding(o: Binding, namespaced: boolean, old?: Binding): FieldError[] {
  const found = new Findings();
  const ref: Partial<RoleRef> = o.roleRef ?? {};
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (ref.apiGroup !== GROUP) found.add(notSupported('roleRef.apiGroup', ref.apiGroup ?? '', [GROUP]));
  if (!kinds.includes(ref.kind ?? '')) found.add(notSupported('roleRef.kind', ref.kind ?? '', kinds));
  if (ref.name) found.add(...checked(isPathSegmentName(ref.name), 'roleRef.name', ref.name));
  else if (old) found.add(required('roleRef.name'));
  const subjects = new Findings();
  for (const [i, subject] of (o.subjects ?? []).entries())
    validateSubject(subject, namespaced, `subjects[${i}]`, found, subjects);
  // Declared rules come in the order of the type's fields.
  if (old) found.add(...unchanged(o.roleRef, old.roleRef, 'roleRef', printedRef(o)));
  else if (!ref.name) found.declare(required('roleRef.name'));
  found.declare(...subjects.all());
  return found.all();
}

function validateSubject(
  subject: NonNullable<Binding['subjects']>[number],
  namespaced: boolean,
  field: string,
  found: Findings,
  declared: Findings,
): void {
  const named = declared.has(subject.name, `${field}.name`);
  switch (subject.kind) {
    case 'ServiceAccount':
      if (named) found.add(...dns1123Subdomain(subject.name, `${field}.name`));
      if (subject.apiGroup) found.add(notSupported(`${field}.apiGroup`, subject.apiGroup, ['']));
      if (!namespaced && !subject.namespace) found.add(required(`${field}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (subject.apiGroup !== GROUP) found.add(notSupported(`${field}.apiGroup`, subject.apiGroup ?? '', [GROUP]));
      break;
    default:
      found.add(notSupported(`${field}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
}

function bindingDefaults(o: Binding): void {
  o.roleRef ??= {} as RoleRef;
  if (!o.roleRef.apiGroup) o.roleRef.apiGroup = GROUP;
  for (const subject of o.subjects ?? [])
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = GROUP;
}

/** How messages print a roleRef: the fields of the internal type. */
const printedRef = (o: Binding): object => ({
  APIGroup: o.roleRef?.apiGroup ?? '',
  Kind: o.roleRef?.kind ?? '',
  Name: o.roleRef?.name ?? '',
});

const role = (namespaced: boolean): Strategy<AnyRole> => ({
  nameRule: 'path',
  allowCreateOnUpdate: true,
  defaults: (o) => {
    o.rules ??= null;
  },
  asksPolicy: true,
  admit: (o, old, context) => admitRole(namespaced, o, old, context),
  validate: (o) => validateRules(o, namespaced),
});

const binding = (namespaced: boolean): Strategy<Binding> => ({
  nameRule: 'path',
  allowCreateOnUpdate: true,
  defaults: bindingDefaults,
  asksPolicy: true,
  admit: (o, old, context) => admitBinding(namespaced, o, old, context),
  validate: (o) => validateBinding(o, namespaced),
  validateUpdate: (o, old) => validateBinding(o, namespaced, old),
});

export const roles: Strategy = role(true);

export const clusterRoles: Strategy = role(false);

export const roleBindings: Strategy = binding(true);

export const clusterRoleBindings: Strategy = binding(false);
