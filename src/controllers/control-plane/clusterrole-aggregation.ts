/** Fills a ClusterRole that gathers the rules of others. Source: pkg/controller/clusterroleaggregation. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { ClusterRole } from '../../objects/generated/rbac-v1.gen.ts';
import { matchesLabelSelector } from '../../objects/selectors.ts';

const ROLES = 'clusterroles.rbac.authorization.k8s.io';

export const clusterRoleAggregationController = (): ClusterReconciler => ({
  name: 'clusterrole-aggregation-controller',
  manager: 'clusterrole-aggregation-controller',
  reads: ['clusterroles.rbac.authorization.k8s.io'],
  watches: [
    {
      resource: ROLES,
      keys: (change, reader) => {
        const touched = [change.old, change.new].filter((role) => role !== undefined);
        return reader
          .list(ROLES)
          .filter((role) => role.aggregationRule)
          .filter((role) => touched.some((t) => t.metadata.name === role.metadata.name || gathers(role, t)))
          .map((role) => role.metadata.name);
      },
    },
  ],
  reconcile(reader, name) {
    const role = reader.get(ROLES, undefined, name);
    if (!role?.aggregationRule) return { writes: [] };
    const rules: unknown[] = [];
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      for (const other of reader.list(ROLES)) {
        if (other.metadata.name === name || !matchesLabelSelector(selector, other.metadata.labels)) continue;
        for (const rule of other.rules ?? []) if (!rules.some((known) => sameData(known, rule))) rules.push(rule);
      }
    }
    if (sameData(rules, role.rules)) return { writes: [] };
    return { writes: [{ verb: 'update', object: { ...role, rules } }] };
  },
});

const gathers = (role: ClusterRole, other: ClusterRole): boolean =>
  (role.aggregationRule?.clusterRoleSelectors ?? []).some((selector: object) =>
    matchesLabelSelector(selector, other.metadata.labels),
  );
