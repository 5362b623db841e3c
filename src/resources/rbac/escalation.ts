/**
 * Nobody grants more than he has: what a role says and what a binding refers to is compared with the rules of who writes it, unless
 * he may `escalate` the role or `bind` it. Models pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased.
 */

import type { StageContext } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  RoleRef,
} from '../../objects/generated/rbac-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { forbidden, StatusError } from '../../objects/status.ts';
import { aggregate, authorize, grantsFor, isMaster, type Requester, rulesOfRole } from './authorizer.ts';
import { compacted, quotedList, ruleText, TooManyPermissions, uncovered } from './covers.ts';
import type { PolicyRule } from './policy-rule.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** All that can be allowed: what an aggregation rule may gather. */
const FULL_AUTHORITY: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Why `who` may not grant these rules in `namespace` ('': the cluster); undefined when he has them all. */
function escalation(
  who: Requester,
  rules: PolicyRule[],
  namespace: string,
  resource: string,
  context: StageContext,
): string | undefined {
  const held: PolicyRule[] = [];
  const problems: string[] = [];
  for (const grant of grantsFor(who, namespace, context.view)) {
    held.push(...grant.rules);
    if (grant.problem) problems.push(asAsked(grant.problem, resource));
  }
  const words = `user ${JSON.stringify(who.user)} (groups=${quotedList(who.groups)}) is attempting to grant RBAC permissions not currently held`;
  let missing: PolicyRule[];
  try {
    missing = uncovered(held, rules);
  } catch (error) {
    if (error instanceof TooManyPermissions) return `${words}: ${error.message}`;
    throw error;
  }
  if (missing.length === 0) return undefined;
  const texts = [...new Set(compacted(missing).map(ruleText))].sort();
  const unresolved = problems.length > 0 ? `; resolution errors: [${aggregate(problems)}]` : '';
  return `${words}:\n${texts.join('\n')}${unresolved}`;
}

type AnyRole = Role & Pick<ClusterRole, 'aggregationRule'>;
type Binding = ClusterRoleBinding | RoleBinding;

/** Whether nothing changes but what the garbage collector needs to change for an object to go. */
export function onlyForCollection(object: KubeObject, old: KubeObject | undefined): boolean {
  if (!old) return false;
  const without = ({ metadata, ...rest }: KubeObject): object => {
    const { ownerReferences, finalizers, managedFields, resourceVersion, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };
  return sameData(without(object), without(old));
}

/** Who has to be asked about; nobody for the cluster's own components and for its masters. */
const asked = ({ requester }: StageContext): Requester | undefined =>
  requester && !isMaster(requester) ? requester : undefined;

/** `namespaced`: a Role, else a ClusterRole. @throws StatusError 403 */
export function admitRole(namespaced: boolean, role: AnyRole, old: AnyRole | undefined, context: StageContext): void {
  const who = asked(context);
  if (!who || onlyForCollection(role, old)) return;
  const resource = namespaced ? 'roles' : 'clusterroles';
  const namespace = namespaced ? (context.namespace ?? '') : '';
  const attributes = { verb: 'escalate', group: GROUP, version: '*', resource, name: context.name ?? '', namespace };
  if (authorize(who, attributes, context.view).allowed) return;
  const refusal = (words: string): StatusError =>
    forbidden({ group: GROUP, resource }, role.metadata.name ?? '', words);
  const problem = escalation(who, role.rules ?? [], namespace, resource, context);
  if (problem) throw refusal(problem);
  const gathers = (one: AnyRole | undefined): boolean => (one?.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;
  if (!namespaced && (gathers(role) || gathers(old)) && escalation(who, FULL_AUTHORITY, namespace, resource, context))
    throw refusal('must have cluster-admin privileges to use the aggregationRule');
}

/** `namespaced`: a RoleBinding, else a ClusterRoleBinding. @throws StatusError 403, 404 for a role that is not there. */
export function admitBinding(
  namespaced: boolean,
  binding: Binding,
  old: Binding | undefined,
  context: StageContext,
): void {
  const who = asked(context);
  if (!who || onlyForCollection(binding, old)) return;
  const namespace = namespaced ? (context.namespace ?? '') : '';
  const ref = binding.roleRef ?? {};
  if (mayBind(who, ref, namespace, context)) return;
  const rules = rulesOfRole(ref, namespace, context.view);
  const resource = namespaced ? 'rolebindings' : 'clusterrolebindings';
  if (typeof rules === 'string') throw unresolved(ref, rules, resource);
  const problem = escalation(who, rules, namespace, resource, context);
  if (!problem) return;
  throw forbidden({ group: GROUP, resource }, binding.metadata.name ?? '', problem);
}

function mayBind(who: Requester, ref: RoleRef, namespace: string, context: StageContext): boolean {
  const resource = { ClusterRole: 'clusterroles', Role: 'roles' }[ref.kind as string];
  if (!resource) return false;
  const attributes = {
    verb: 'bind',
    group: ref.apiGroup ?? '',
    version: '*',
    resource,
    name: ref.name ?? '',
    namespace,
  };
  return authorize(who, attributes, context.view).allowed;
}

/** The registry's own error, as it comes from the look-up of the role. */
function unresolved(ref: RoleRef, words: string, resource: string): StatusError {
  if (ref.kind !== 'Role' && ref.kind !== 'ClusterRole') return new StatusError(500, '', words);
  return new StatusError(404, 'NotFound', asAsked(words, resource), {
    name: ref.name ?? '',
    group: GROUP,
    kind: resource,
  });
}

/** The registry names what the request is about, whatever it looks for. */
const asAsked = (words: string, resource: string): string => words.replace(/^(?:cluster)?role(?=\.)/, resource);
