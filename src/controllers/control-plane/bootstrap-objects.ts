/**
 * What an API server makes sure of when it starts on a store: its default objects are there, and the default roles and bindings allow
 * what they should. Models the post-start hooks of pkg/controlplane and pkg/registry (rbac/bootstrap-roles,
 * scheduling/bootstrap-system-priority-classes, start-system-namespaces-controller…) and component-helpers/auth/rbac/reconciliation.
 */
import { sameData } from '../../objects/equality.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../objects/generated/rbac-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import { uncovered } from '../../resources/rbac/covers.ts';
import type { PolicyRule } from '../../resources/rbac/policy-rule.ts';
import type { Write } from '../../simulation/reconciler.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
/** `false` keeps a role or a binding as it is. */
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
/** These come by themselves, from controllers and from the loop that keeps the addresses of Services. */
const KEPT_BY_OTHERS = new Set(['ServiceAccount', 'IPAddress']);
const ROOT_CA = 'kube-root-ca.crt';

/** `defaults`: every object that a cluster begins with, in the order of their keys. Namespaces come first. */
export function bootstrapWrites(reader: View, defaults: readonly KubeObject[]): Write<KubeObject>[] {
  const own = defaults.filter(({ kind, metadata }) => !KEPT_BY_OTHERS.has(kind) && metadata.name !== ROOT_CA);
  const isNamespace = ({ kind }: KubeObject): boolean => kind === 'Namespace';
  return [...own.filter(isNamespace), ...own.filter((object) => !isNamespace(object))].flatMap((wanted) => {
    const found = reader.get(resourceOf(wanted), wanted.metadata.namespace, wanted.metadata.name);
    if (!found) return [madeAnew(wanted)];
    return wanted.apiVersion === RBAC ? reconciled(found, wanted) : [];
  });
}

/** The write that makes a default object as a new one. */
function madeAnew({ metadata, ...content }: KubeObject): Write<KubeObject> {
  const { name, namespace, labels, annotations } = metadata;
  const kept = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
  };
  return { verb: 'create', object: { ...content, metadata: kept } as KubeObject, ignoreExisting: true };
}

function resourceOf({ apiVersion, kind }: KubeObject): string {
  return BUILT_IN.kind(apiVersion, kind)!.name;
}

/** Nothing is taken away from what is there: what should be allowed is added. */
function reconciled(found: KubeObject, wanted: KubeObject): Write<KubeObject>[] {
  const { metadata } = found;
  if (metadata.annotations?.[AUTO_UPDATE] === 'false') return [];
  if ('roleRef' in wanted && !sameData(found.roleRef, wanted.roleRef)) {
    const { name, namespace, uid } = metadata;
    const place = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    return [{ verb: 'delete', resource: resourceOf(wanted), ...place }, madeAnew(wanted)];
  }
  const labels = { ...wanted.metadata.labels, ...metadata.labels };
  const annotations = { ...wanted.metadata.annotations, ...metadata.annotations };
  const content =
    'roleRef' in wanted
      ? { subjects: subjectsOf(found as Binding, wanted as Binding) }
      : roleOf(found as AnyRole, wanted as AnyRole);
  const object = { ...found, metadata: { ...metadata, labels, annotations }, ...content } as KubeObject;
  return sameData(object, found) ? [] : [{ verb: 'update', object }];
}

const added = (
  list: unknown[] | null | undefined,
  wanted: unknown[] | null | undefined,
): unknown[] | null | undefined => {
  const missing = (wanted ?? []).filter((one) => !(list ?? []).some((other) => sameData(one, other)));
  return missing.length > 0 ? [...(list ?? []), ...missing] : list;
};

type Binding = ClusterRoleBinding | RoleBinding;
type AnyRole = Role & Pick<ClusterRole, 'aggregationRule'>;

const subjectsOf = (found: Binding, wanted: Binding): unknown => added(found.subjects, wanted.subjects);

function roleOf(found: AnyRole, wanted: AnyRole): object {
  const held: PolicyRule[] = found.rules ?? [];
  const missing = uncovered(held, wanted.rules ?? []);
  const rules = missing.length > 0 ? { rules: [...held, ...missing] } : {};
  if (!wanted.aggregationRule) return { ...rules, ...(found.aggregationRule ? { aggregationRule: undefined } : {}) };
  const selectors = added(found.aggregationRule?.clusterRoleSelectors, wanted.aggregationRule.clusterRoleSelectors);
  return { ...rules, aggregationRule: { ...found.aggregationRule, clusterRoleSelectors: selectors } };
}
