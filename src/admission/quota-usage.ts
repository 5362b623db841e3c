/**
 * What an object counts for against a ResourceQuota, by its resource: pods, services and claims have measures of their own,
 * everything else is counted. Models k8s.io/kubernetes/pkg/quota/v1/evaluator/core and k8s.io/apiserver/pkg/quota/v1/generic.
 */
import type { Catalog } from '../catalog/catalog.ts';
import type {
  PersistentVolumeClaim,
  ResourceQuotaSpec,
  Service,
  ServiceSpec,
} from '../objects/generated/core-v1.gen.ts';
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from '../objects/generated/resource-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '../objects/quantity.ts';
import { matchesScopeValues, podEvaluator } from './pod-quota.ts';
import type { Evaluator, ScopeRequirement, Usage } from './quota-evaluator.ts';

/** Names by which some were bounded before `count/…` was there. */
const ALIASES = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** What quotas have never bounded; reviews and bindings are not even stored. */
const IGNORED = new Set([
  'events',
  'events.events.k8s.io',
  'bindings',
  'localsubjectaccessreviews.authorization.k8s.io',
]);

const counted = (resource: string): Evaluator => {
  const names = [`count/${resource}`, ...(ALIASES.has(resource) ? [resource] : [])];
  const usage = Object.fromEntries(names.map((name) => [name, '1']));
  return {
    handles: (_object, old, subresource) => !old && !subresource,
    measures: (name) => names.includes(name),
    usage: () => usage,
    frees: () => false,
  };
};

/** Node ports are counted by what is asked for: they are given out later. */
function nodePortsOf(spec: ServiceSpec): number {
  const ports = spec.ports ?? [];
  if (spec.type === 'NodePort') return ports.length;
  if (spec.type !== 'LoadBalancer') return 0;
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter((p) => p.nodePort).length : ports.length;
}

const outsideType = ({ spec: { type = '' } }: Service): string => (/^(NodePort|LoadBalancer)$/.test(type) ? type : '');

const SERVICE_MEASURES = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

const services: Evaluator<Service> = {
  handles: (_object, _old, subresource) => !subresource,
  measures: (name) => SERVICE_MEASURES.includes(name),
  usage: ({ spec = {} }) => ({
    'count/services': '1',
    services: '1',
    'services.nodeports': String(nodePortsOf(spec)),
    'services.loadbalancers': spec.type === 'LoadBalancer' ? '1' : '0',
  }),
  frees: (object, old) => outsideType(object) !== outsideType(old),
};

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
const CLAIM_MEASURES = ['persistentvolumeclaims', 'requests.storage'];
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const NANO = 1_000_000_000n;

function wholeBytes(amount: string): string {
  const { nanos, format } = parseQuantity(amount);
  return nanos % NANO === 0n ? amount : formatQuantity({ nanos: (nanos / NANO + 1n) * NANO, format });
}

/** What a claim asks for, or what it was given on the way to that if it is more. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const asked = spec.resources?.requests?.storage;
  if (asked === undefined) return undefined;
  const allocated = status?.allocatedResources?.storage;
  return wholeBytes(allocated !== undefined && compareQuantities(allocated, asked) > 0 ? allocated : asked);
}

const attributesClasses = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name): name is string => Boolean(name));

const persistentvolumeclaims: Evaluator<PersistentVolumeClaim> = {
  handles: (_object, _old, subresource) => !subresource || subresource === 'status',
  measures: (name) =>
    name === 'count/persistentvolumeclaims' ||
    CLAIM_MEASURES.some((measure) => name === measure || name.endsWith(CLASS_SUFFIX + measure)),
  usage(claim) {
    const own: Usage = { persistentvolumeclaims: '1' };
    const storage = storageOf(claim);
    if (storage !== undefined) own['requests.storage'] = storage;
    const usage: Usage = { 'count/persistentvolumeclaims': '1', ...own };
    const name = claim.metadata.annotations?.[BETA_CLASS] ?? claim.spec.storageClassName;
    if (name) for (const [measure, amount] of Object.entries(own)) usage[name + CLASS_SUFFIX + measure] = amount;
    return usage;
  },
  inScope: (scope, claim) =>
    scope.scopeName === 'VolumeAttributesClass' && matchesScopeValues(scope, attributesClasses(claim)),
  frees: () => true,
};

const DEVICE_SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** The most devices that one claim may get (resource.k8s.io AllocationResultsMaxSize). */
export const MAX_DEVICES = 32;

/** A request, or one of its alternatives. */
type Asked = Partial<ExactDeviceRequest | DeviceSubRequest>;

const devicesOf = ({ allocationMode, count }: Asked): number =>
  allocationMode === 'All' ? MAX_DEVICES : allocationMode === 'ExactCount' ? (count ?? 0) : 0;

/** Of alternatives the worst counts, for each class of devices. */
function deviceUsage(usage: Usage, alternatives: Asked[]): void {
  const most = new Map<string, number>();
  for (const request of alternatives) {
    const name = `${request.deviceClassName}${DEVICE_SUFFIX}`;
    most.set(name, Math.max(most.get(name) ?? 0, devicesOf(request)));
  }
  for (const [name, amount] of most) usage[name] = addQuantities(usage[name] ?? '0', String(amount));
}

const resourceclaims: Evaluator<ResourceClaim> = {
  handles: (_object, _old, subresource) => !subresource,
  measures: (name) => name === 'count/resourceclaims.resource.k8s.io' || name.endsWith(DEVICE_SUFFIX),
  usage(claim) {
    const usage: Usage = { 'count/resourceclaims.resource.k8s.io': '1' };
    for (const request of claim.spec?.devices?.requests ?? [])
      deviceUsage(usage, request.firstAvailable ?? [request.exactly ?? {}]);
    return usage;
  },
  frees: () => false,
};

const EVALUATORS = new Map<string, Evaluator>([
  ['pods', podEvaluator],
  ['services', services],
  ['persistentvolumeclaims', persistentvolumeclaims],
  ['resourceclaims.resource.k8s.io', resourceclaims],
]);

/** Whether quotas have to do with a resource at all. */
export const mayBeBounded = (resource: string): boolean => !IGNORED.has(resource);

/** `resource`: `pods`, `deployments.apps`, a custom one. Undefined: quotas have nothing to do with it. */
export const evaluatorOf = (resource: string): Evaluator | undefined =>
  mayBeBounded(resource) ? (EVALUATORS.get(resource) ?? counted(resource)) : undefined;

const COUNT = 'count/';
/** The namespaced resources that are bounded by names other than `count/…`. */
const OWN_NAMES = [...ALIASES, ...EVALUATORS.keys()];

/** Of which resources the objects must be looked at to measure what `names` bound. */
export function resourcesMeasuring(names: string[], catalog: Catalog, others: readonly string[]): string[] {
  const byCount = names.filter((name) => name.startsWith(COUNT)).map((name) => name.slice(COUNT.length));
  const known = byCount.filter((resource) => catalog.named(resource)?.namespaced || others.includes(resource));
  return [...new Set([...OWN_NAMES, ...known])].filter((resource) => {
    const evaluator = evaluatorOf(resource);
    return evaluator !== undefined && names.some((name) => evaluator.measures(name));
  });
}

/** Whether all of a quota's scopes include the object. */
export function inScopes(evaluator: Evaluator, spec: ResourceQuotaSpec, object: KubeObject): boolean {
  const scopes: ScopeRequirement[] = [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  return scopes.every((scope) => evaluator.inScope?.(scope, object) ?? false);
}
