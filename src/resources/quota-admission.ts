/**
 * ResourceQuota: whether a namespace may hold one more. Bounds and use are read from each quota's status, as its controller keeps it; a
 * quota that the controller has not seen bounds nothing yet. Source: k8s.io/apiserver/pkg/admission/plugin/resourcequota.
 */
import { forbidden } from '../apiserver/status.ts';
import { podAmounts } from './limit-ranger.ts';
import type { KubeObject } from './object.ts';
import { qosClassOf } from './quality-of-service.ts';
import { addQuantities, compareQuantities, milliValue } from './quantity.ts';
import type { Read, StageContext } from './strategy.ts';

type Usage = Record<string, string>;

export const QUOTA_READS = (namespace: string): Read[] => [{ resource: 'resourcequotas', namespace }];

const COUNTED_AS: Record<string, string> = {
  pods: 'pods',
  services: 'services',
  replicationcontrollers: 'replicationcontrollers',
  resourcequotas: 'resourcequotas',
  secrets: 'secrets',
  configmaps: 'configmaps',
  persistentvolumeclaims: 'persistentvolumeclaims',
};

function podUsage(pod: KubeObject): Usage {
  const usage: Usage = {};
  const requests = podAmounts(pod.spec, 'requests');
  const limits = podAmounts(pod.spec, 'limits');
  for (const [name, amount] of Object.entries(requests)) {
    if (!name.includes('/')) usage[name] = amount;
    usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) usage[`limits.${name}`] = amount;
  return usage;
}

function serviceUsage(service: KubeObject): Usage {
  const { type, ports = [], allocateLoadBalancerNodePorts } = service.spec ?? {};
  const nodePorts = type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
  return {
    'services.nodeports': String(nodePorts ? ports.length : 0),
    'services.loadbalancers': type === 'LoadBalancer' ? '1' : '0',
  };
}

function claimUsage(claim: KubeObject): Usage {
  const storage = claim.spec?.resources?.requests?.storage ?? '0';
  const className = claim.spec?.storageClassName;
  const usage: Usage = { 'requests.storage': storage };
  if (className) {
    usage[`${className}.storageclass.storage.k8s.io/requests.storage`] = storage;
    usage[`${className}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1';
  }
  return usage;
}

/** What one object counts for. `resource`: `pods`, `deployments.apps`. */
export function usageOf(resource: string, object: KubeObject): Usage {
  const usage: Usage = { [`count/${resource}`]: '1' };
  const plain = COUNTED_AS[resource];
  if (plain) usage[plain] = '1';
  if (resource === 'pods') Object.assign(usage, podUsage(object));
  if (resource === 'services') Object.assign(usage, serviceUsage(object));
  if (resource === 'persistentvolumeclaims') Object.assign(usage, claimUsage(object));
  return usage;
}

function inScope(scope: string, operator: string, values: string[], pod: KubeObject): boolean {
  const { spec } = pod;
  const limited = spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
  switch (scope) {
    case 'Terminating':
      return limited;
    case 'NotTerminating':
      return !limited;
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'PriorityClass': {
      const name = spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return operator === 'In' ? values.includes(name) : !values.includes(name);
    }
    case 'CrossNamespacePodAffinity':
      return false;
    default:
      return false;
  }
}

/** Whether a quota's scopes include the object. */
export function quotaMatches(quota: KubeObject, resource: string, object: KubeObject): boolean {
  const scopes = [
    ...(quota.spec?.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists', values: [] })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (scopes.length === 0) return true;
  if (resource !== 'pods') return false;
  return scopes.every((s: any) => inScope(s.scopeName, s.operator, s.values ?? [], object));
}

const COMPUTE = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** Compute that a quota bounds must be said in each container. */
function unsaid(hard: Usage, pod: KubeObject): string[] {
  const missing: string[] = [];
  for (const name of COMPUTE) {
    if (hard[name] === undefined) continue;
    const kind = name.startsWith('limits.') ? 'limits' : 'requests';
    const plain = name.slice(name.indexOf('.') + 1);
    if (pod.spec.resources?.[kind]?.[plain] !== undefined) continue;
    const names = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
      .filter((c: any) => c.resources?.[kind]?.[plain] === undefined)
      .map((c: any) => c.name);
    if (names.length > 0) missing.push(`${name} for: ${names.sort().join(',')}`);
  }
  return missing.sort();
}

const list = (names: string[], amounts: Usage): string =>
  names.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',');

/** Throws 403 when a quota of the namespace has no room. `old`: what the object counted for before. */
export function reviewQuota(resource: string, object: KubeObject, context: StageContext, old?: KubeObject): void {
  for (const quota of context.view.list('resourcequotas', context.namespace)) {
    if (!quotaMatches(quota, resource, object)) continue;
    const hard: Usage = quota.status?.hard ?? {};
    const used: Usage = quota.status?.used ?? {};
    const name = object.metadata.name ?? '';
    const group = resource.indexOf('.');
    const groupResource =
      group < 0 ? { group: '', resource } : { group: resource.slice(group + 1), resource: resource.slice(0, group) };
    if (resource === 'pods' && !old) {
      const missing = unsaid(hard, object);
      if (missing.length > 0)
        throw forbidden(
          groupResource,
          name,
          `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`,
        );
    }
    const usage = usageOf(resource, object);
    const before = old ? usageOf(resource, old) : {};
    const exceeded = Object.keys(usage)
      .filter((key) => {
        const more = milliValue(usage[key]) - milliValue(before[key]);
        const bound = hard[key];
        if (bound === undefined || more <= 0) return false;
        const now = used[key] ?? '0';
        const total = old ? milliValue(now) + more : undefined;
        return total === undefined
          ? compareQuantities(addQuantities(now, usage[key] ?? '0'), bound) > 0
          : total > milliValue(bound);
      })
      .sort();
    if (exceeded.length > 0)
      throw forbidden(
        groupResource,
        name,
        `exceeded quota: ${quota.metadata.name}, requested: ${list(exceeded, usage)}, used: ${list(exceeded, used)}, limited: ${list(exceeded, hard)}`,
      );
  }
}
