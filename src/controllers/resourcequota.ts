/**
 * Counts what each ResourceQuota bounds. Admission charges what comes; here is counted what goes, what a new bound finds there, and in
 * a resync what anybody has put into a status. Models k8s.io/kubernetes/pkg/controller/resourcequota.
 */
import type { KubeObject } from '../resources/object.ts';
import { addQuantities, compareQuantities } from '../resources/quantity.ts';
import { evaluatorOf, inScopes, resourcesMeasuring, type Usage } from '../resources/quota-usage.ts';
import type { Reader, Reconciler } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { keyOf, parseKey } from './owners.ts';

const QUOTAS = 'resourcequotas';
/** kube-controller-manager's `--resource-quota-sync-period`. */
export const RESYNC_MS = 300_000;
/** Before a quota's key: something may be wrong with its status, which waits for the resync. */
const RESYNC = 'resync ';

export const resourceQuotaController = (): Reconciler<KubeObject> => ({
  name: 'resourcequota-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: QUOTAS,
      keys: ({ old, new: quota }) => {
        if (!quota) return [];
        if (!old || !sameJson(old.spec?.hard, quota.spec?.hard)) return [keyOf(quota)];
        return sameJson(old.status, quota.status) ? [] : [RESYNC + keyOf(quota)];
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
        // Whoever writes past the API server is not charged, which the resync finds.
        const kind = !old ? RESYNC : !object || evaluator.frees(object, old) ? '' : undefined;
        if (kind === undefined) return [];
        return quotas
          .filter(({ status }) => Object.keys(status?.hard ?? {}).some((name) => evaluator.measures(name)))
          .map((quota) => kind + keyOf(quota));
      },
    },
  ],
  reconcile(reader, key, { now, requeueAt }) {
    const resync = key.startsWith(RESYNC);
    const { namespace, name } = parseKey(resync ? key.slice(RESYNC.length) : key);
    const quota = reader.get(QUOTAS, namespace, name);
    if (!quota) return { writes: [] };
    const hard: Usage = quota.spec?.hard ?? {};
    const status = { hard, used: usedOf(reader, quota, hard, now) };
    if (sameAmounts(status.hard, quota.status?.hard) && sameAmounts(status.used, quota.status?.used))
      return { writes: [] };
    if (resync && (requeueAt === undefined || requeueAt > now))
      return { writes: [], requeueAt: requeueAt ?? (Math.floor(now / RESYNC_MS) + 1) * RESYNC_MS };
    return { writes: [{ verb: 'update', subresource: 'status', object: { ...quota, status } }] };
  },
});

/** `1` and `1000m` are the same amount. */
function sameAmounts(a: Usage, b: Usage = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
  );
}

function usedOf(reader: Reader<KubeObject>, quota: KubeObject, hard: Usage, now: number): Usage {
  const names = Object.keys(hard);
  const counted: Usage = {};
  for (const resource of resourcesMeasuring(names, reader.resources?.() ?? [])) {
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
