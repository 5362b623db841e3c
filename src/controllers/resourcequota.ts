/** Keeps the use of each ResourceQuota. Source: k8s.io/kubernetes/pkg/controller/resourcequota. */
import type { KubeObject } from '../resources/object.ts';
import { addQuantities } from '../resources/quantity.ts';
import { quotaMatches, usageOf } from '../resources/quota-admission.ts';
import type { Reader, Reconciler } from '../simulation/reconciler.ts';
import { sameJson } from './equality.ts';
import { keyOf, parseKey } from './owners.ts';
import { isFinished } from './pods.ts';

const QUOTAS = 'resourcequotas';
/** What a quota may bound by other names than `count/…`. */
const MEASURED = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
];
const COUNT = 'count/';

export const resourceQuotaController = (): Reconciler<KubeObject> => ({
  name: 'resourcequota-controller',
  manager: 'kube-controller-manager',
  watches: [
    {
      resource: '*',
      keys: ({ resource, old, new: object }, reader) => {
        const { namespace } = ((object ?? old) as KubeObject).metadata;
        if (namespace === undefined || resource === 'events') return [];
        const quotas = reader.list(QUOTAS, namespace);
        if (quotas.length === 0) return [];
        const same = old && object && isFinished(old) === isFinished(object) && sameJson(old.spec, object.spec);
        return same ? [] : quotas.map(keyOf);
      },
    },
  ],
  reconcile(reader, key) {
    const { namespace, name } = parseKey(key);
    const quota = reader.get(QUOTAS, namespace, name);
    if (!quota) return { writes: [] };
    const hard: Record<string, string> = quota.spec?.hard ?? {};
    const status = { hard, used: usedOf(reader, quota, hard) };
    if (sameJson(status, quota.status)) return { writes: [] };
    return { writes: [{ verb: 'update', subresource: 'status', object: { ...quota, status } }] };
  },
});

function usedOf(reader: Reader<KubeObject>, quota: KubeObject, hard: Record<string, string>): Record<string, string> {
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  const counted = Object.keys(hard).filter((name) => name.startsWith(COUNT));
  const resources = new Set([...MEASURED, ...counted.map((name) => name.slice(COUNT.length))]);
  for (const resource of resources) {
    for (const object of reader.list(resource, quota.metadata.namespace)) {
      if (isFinished(object) || !quotaMatches(quota, resource, object)) continue;
      for (const [name, amount] of Object.entries(usageOf(resource, object))) {
        if (name in used) used[name] = addQuantities(used[name]!, amount);
      }
    }
  }
  return used;
}
