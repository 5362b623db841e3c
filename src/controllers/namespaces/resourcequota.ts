/**
 * Counts what each ResourceQuota bounds. Admission charges what comes; here is counted what goes, what a new bound finds there, and in
 * a resync what anybody has put into a status. Models k8s.io/kubernetes/pkg/controller/resourcequota.
 */

import type { Evaluator, Usage } from '../../admission/quota-evaluator.ts';
import { evaluatorOf, inScopes, resourcesMeasuring } from '../../admission/quota-usage.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { ResourceQuota } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { addQuantities, sameAmounts } from '../../objects/quantity.ts';
import { keyOf, parseKey } from '../owners.ts';

const QUOTAS = 'resourcequotas';
/** Of these it counts what they ask for; of all others how many there are. */
const MEASURED = ['persistentvolumeclaims', 'pods', 'resourceclaims.resource.k8s.io', 'services'];
/** kube-controller-manager's `--resource-quota-sync-period`. */
export const RESYNC_MS = 300_000;
/** Before a quota's key: something may be wrong with its status, which waits for the resync. */
const RESYNC = 'resync ';

/** `catalog`: the kinds that may be counted, at the moment. */
export const resourceQuotaController = (catalog: () => Catalog): ClusterReconciler => ({
  name: 'resourcequota-controller',
  manager: 'kube-controller-manager',
  reads: [QUOTAS, ...MEASURED],
  watches: [
    {
      resource: QUOTAS,
      keys: ({ old, new: quota }) => {
        if (!quota) return [];
        if (!old || !sameData(old.spec?.hard, quota.spec?.hard)) return [keyOf(quota)];
        return sameData(old.status, quota.status) ? [] : [RESYNC + keyOf(quota)];
      },
    },
    {
      resource: '*',
      keys: ({ resource, old, new: object }, reader) => {
        const { namespace } = ((object ?? old) as KubeObject).metadata;
        if (namespace === undefined) return [];
        const quotas = reader.list(QUOTAS, namespace);
        const evaluator = quotas.length > 0 ? evaluatorOf(resource) : undefined;
        if (!evaluator) return [];
        const prefix = recount(evaluator, MEASURED.includes(resource), old, object);
        if (prefix === undefined) return [];
        return quotas
          .filter(({ status }) => Object.keys(status?.hard ?? {}).some((name) => evaluator.measures(name)))
          .map((quota) => prefix + keyOf(quota));
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt }) {
    const resync = key.startsWith(RESYNC);
    const { namespace, name } = parseKey(resync ? key.slice(RESYNC.length) : key);
    const quota = reader.get(QUOTAS, namespace, name);
    if (!quota) return { writes: [] };
    const hard: Usage = quota.spec?.hard ?? {};
    const status = { hard, used: usedOf(catalog(), reader, quota, hard, now) };
    if (sameAmounts(status.hard, quota.status?.hard) && sameAmounts(status.used, quota.status?.used)) {
      const until = resync ? heldUntil(reader, namespace, now) : undefined;
      return { writes: [], ...(until === undefined ? {} : { requeueAt: nextResync(until) }) };
    }
    if (resync && (requeueAt === undefined || requeueAt > now))
      return { writes: [], requeueAt: requeueAt ?? nextResync(now) };
    return { writes: [{ verb: 'update', subresource: 'status', object: { ...quota, status } }] };
  },
});

const nextResync = (now: number): number => (Math.floor(now / RESYNC_MS) + 1) * RESYNC_MS;

/** The prefix of the key that a change is for: what it frees at once, what only the resync finds, or (undefined) nothing. */
function recount(evaluator: Evaluator, isMeasured: boolean, old?: KubeObject, object?: KubeObject): string | undefined {
  if (!object) return '';
  // Whoever writes past the API server is not charged.
  if (!old) return RESYNC;
  if (evaluator.frees(object, old)) return '';
  const changed = old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
  return changed || (isMeasured && !sameData(old.spec, object.spec)) ? RESYNC : undefined;
}

/** When the last of the pods that are ending has had its time, after which it counts no more though it may still be there. */
function heldUntil(reader: View, namespace: string | undefined, now: number): number | undefined {
  const ends = reader.list('pods', namespace).flatMap(({ metadata }) => {
    const { deletionTimestamp, deletionGracePeriodSeconds: grace = 0 } = metadata;
    return deletionTimestamp ? [Date.parse(deletionTimestamp) + grace * 1000] : [];
  });
  const last = Math.max(...ends);
  return last >= now ? last : undefined;
}

function usedOf(catalog: Catalog, reader: View, quota: ResourceQuota, hard: Usage, now: number): Usage {
  const names = Object.keys(hard);
  const counted: Usage = {};
  for (const resource of resourcesMeasuring(names, catalog, reader.resources?.() ?? [])) {
    const evaluator = evaluatorOf(resource)!;
    for (const name of names) if (evaluator.measures(name)) counted[name] ??= '0';
    for (const object of reader.list(resource, quota.metadata.namespace)) {
      if (!inScopes(evaluator, quota.spec, object)) continue;
      for (const [name, amount] of Object.entries(evaluator.usage(object, now)))
        if (counted[name] !== undefined) counted[name] = addQuantities(counted[name], amount);
    }
  }
  // What nobody measures stays as it was said.
  const before: Usage = quota.status?.used ?? {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const amount = counted[name] ?? before[name];
      return amount === undefined ? [] : [[name, amount]];
    }),
  );
}
