/**
 * What a cluster's token of less power may: a role that every cluster has, without a binding in it, so that nothing a lesson does to
 * the policy's bindings takes the token's rights away.
 * Source of the roles: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
 */
import type { PolicyRule } from './policy-rule.ts';

export const TOKEN_ROLES = ['admin', 'edit', 'view'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

export interface TokenGrant {
  /** The ClusterRole whose rules hold. */
  role: TokenRole;
  /** Where it holds; everywhere if absent. */
  namespaces?: string[];
}

/** What a reader of the whole cluster sees beside what `view` says, which is of namespaces only. */
const CLUSTER_WIDE: PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['nodes', 'namespaces', 'persistentvolumes', 'componentstatuses'],
    verbs: ['get', 'list', 'watch'],
  },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: ['storage.k8s.io'],
    resources: ['storageclasses', 'csinodes', 'csidrivers', 'volumeattachments'],
    verbs: ['get', 'list', 'watch'],
  },
  { apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'], verbs: ['get', 'list', 'watch'] },
];

/** The rules beside the role's, of the cluster or of a namespace in it. */
export const rulesBeside = ({ namespaces }: TokenGrant): PolicyRule[] => (namespaces ? [] : CLUSTER_WIDE);

/** Whether it holds there; `namespace` is '' or absent for what is in none. */
export const holdsIn = ({ namespaces }: TokenGrant, namespace: string | undefined): boolean =>
  !namespaces || (!!namespace && namespaces.includes(namespace));
