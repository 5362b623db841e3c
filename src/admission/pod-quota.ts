/** What a pod counts for against a quota, and which quotas mean it. Models k8s.io/kubernetes/pkg/quota/v1/evaluator/core/pods.go. */

import type { Container, Pod, PodAffinity, PodAffinityTerm, PodSpec } from '../objects/generated/core-v1.gen.ts';
import { bare } from '../objects/own.ts';
import { qosClassOf } from '../objects/quality-of-service.ts';
import { addQuantities, compareQuantities, parseQuantity } from '../objects/quantity.ts';
import { isHugePages } from '../objects/resource-names.ts';
import { podAmounts } from './limit-ranger.ts';
import type { Evaluator, ScopeRequirement, Usage } from './quota-evaluator.ts';

const COUNT = 'count/pods';

const MEASURES = new Set([
  COUNT,
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** A quota bounds an extended resource by its requests alone: it cannot be overcommitted. */
const isExtendedRequest = (name: string): boolean =>
  name.startsWith('requests.') &&
  (name.startsWith('requests.deviceclass.resource.kubernetes.io/') ||
    (name.includes('/') && !name.includes('kubernetes.io/')));

const measures = (name: string): boolean =>
  MEASURES.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-') || isExtendedRequest(name);

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Finished pods hold nothing, nor do those whose node should have ended them long ago. */
function holdsResources(pod: Pod, now: number): boolean {
  if (isFinished(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

type Amounts = Record<string, string>;
type Level = 'requests' | 'limits';

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

function highest(...lists: (Amounts | undefined)[]): Amounts {
  const result: Amounts = bare({});
  for (const list of lists)
    for (const [name, amount] of Object.entries(list ?? {}))
      if (result[name] === undefined || compareQuantities(amount, result[name]) > 0) result[name] = amount;
  return result;
}

/** A container that is being resized counts for the most of what it has and what it shall have. */
function withStatus(pod: Pod, level: Level): PodSpec {
  const { spec, status = {} } = pod;
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  if (!statuses.some((s) => s.resources || s.allocatedResources)) return spec;
  const sized = (container: Container): Container => {
    const found = statuses.find((s) => s.name === container.name);
    const allocated = level === 'requests' ? found?.allocatedResources : undefined;
    const own = highest(container.resources?.[level], allocated, found?.resources?.[level]);
    return { ...container, resources: { [level]: own } };
  };
  return { ...spec, containers: spec.containers?.map(sized), initContainers: spec.initContainers?.map(sized) };
}

/** What the whole pod asks for, its overhead included. */
function amountsOf(pod: Pod, level: Level): Amounts {
  const spec = withStatus(pod, level);
  const total = podAmounts(spec, level);
  for (const [name, amount] of Object.entries(spec.resources?.[level] ?? {}))
    if (isPodLevel(name)) total[name] = amount;
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    const own = total[name];
    if (level === 'requests') total[name] = own === undefined ? amount : addQuantities(own, amount);
    else if (own !== undefined && parseQuantity(own).nanos !== 0n) total[name] = addQuantities(own, amount);
  }
  return total;
}

function computeUsage(requests: Amounts, limits: Amounts): Usage {
  const usage: Usage = { pods: '1' };
  for (const [name, amount] of Object.entries(requests)) {
    if (isExtendedRequest(`requests.${name}`)) usage[`requests.${name}`] = amount;
    else if (measures(name)) {
      usage[name] = amount;
      usage[`requests.${name}`] = amount;
    }
  }
  for (const [name, amount] of Object.entries(limits))
    if (MEASURES.has(`limits.${name}`)) usage[`limits.${name}`] = amount;
  return usage;
}

/** Compute that a quota bounds must be said by each container, unless the pod says it. */
function missing(names: string[], { spec }: Pod): string[] {
  const said = [...Object.keys(spec.resources?.requests ?? {}), ...Object.keys(spec.resources?.limits ?? {})];
  if (said.some(isPodLevel)) return [];
  const texts: string[] = [];
  for (const name of [...names].sort()) {
    if (!/^(requests\.|limits\.)?(cpu|memory)$/.test(name)) continue;
    const silent = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
      .filter(
        ({ resources = {} }: Container) => !(name in computeUsage(resources.requests ?? {}, resources.limits ?? {})),
      )
      .map((container) => container.name);
    if (silent.length > 0) texts.push(`${name} for: ${[...new Set(silent)].sort().join(',')}`);
  }
  return texts;
}

const isTerminating = ({ spec }: Pod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0;

function crossesNamespaces({ spec }: Pod): boolean {
  const terms = (affinity: PodAffinity | undefined): Partial<PodAffinityTerm>[] => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => t.podAffinityTerm ?? {}),
  ];
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [...terms(podAffinity), ...terms(podAntiAffinity)].some(
    (term) => (term.namespaces?.length ?? 0) > 0 || Boolean(term.namespaceSelector),
  );
}

/** Whether one of `names` (or none of them) is what a scope's operator asks for. */
export function matchesScopeValues({ operator, values = [] }: ScopeRequirement, names: string[]): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name));
    default:
      return false;
  }
}

function inScope(scope: ScopeRequirement, pod: Pod): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return qosClassOf(pod.spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod.spec) !== 'BestEffort';
    case 'PriorityClass':
      return matchesScopeValues(scope, pod.spec.priorityClassName ? [pod.spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

const statusResources = ({ status }: Pod): string =>
  JSON.stringify(
    [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].map((s) => [s.name, s.resources]),
  );

export const podEvaluator: Evaluator<Pod> = {
  handles(pod, old, subresource) {
    if (!old) return !subresource;
    if (subresource) return subresource === 'resize';
    return isTerminating(pod) !== isTerminating(old);
  },
  measures,
  usage: (pod, now) => ({
    [COUNT]: '1',
    ...(holdsResources(pod, now) ? computeUsage(amountsOf(pod, 'requests'), amountsOf(pod, 'limits')) : {}),
  }),
  inScope,
  missing,
  frees: (pod, old) =>
    isTerminating(pod) !== isTerminating(old) ||
    (isFinished(pod) && !isFinished(old)) ||
    statusResources(pod) !== statusResources(old),
};
