/** Lists the pods behind each service in slices. Source: k8s.io/endpointslice and pkg/controller/endpointslice. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { Pod, Service } from '../../objects/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../objects/generated/discovery-v1.gen.ts';
import { nameless } from '../../objects/nameless.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { controllerReference, keyOf, parseKey } from '../owners.ts';
import { isReady } from '../pods.ts';
import {
  type EndpointPort,
  hasSelector,
  isHeadless,
  podsBehind,
  portsKey,
  portsOn,
  servicesOf,
} from './endpoint-pods.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const HEADLESS = 'service.kubernetes.io/headless';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
/** Labels of a service that its slices don't get. */
const OWN_LABELS = new Set([HEADLESS, MANAGED_BY, SERVICE_NAME]);
export const ENDPOINTS_PER_SLICE = 100;

interface Group {
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

export const endpointSliceController = (): ClusterReconciler => ({
  name: 'endpointslice-controller',
  manager: 'kube-controller-manager',
  reads: ['endpointslices.discovery.k8s.io', 'events', 'pods', 'services'],
  watches: [
    { resource: 'services', keys: ({ new: service }) => (service ? [keyOf(service)] : []) },
    { resource: 'pods', keys: servicesOf },
    {
      resource: SLICES,
      keys: ({ old, new: slice }) => {
        const labels = (slice ?? old)?.metadata.labels;
        // Its own writes come back as changes too; only a slice that somebody else took away or changed needs work.
        if (!old || labels?.[MANAGED_BY] !== MANAGER) return [];
        return [`${(slice ?? old)!.metadata.namespace}/${labels[SERVICE_NAME]}`];
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const service = reader.get('services', namespace, name);
    if (!service || service.metadata.deletionTimestamp || !hasSelector(service)) return { writes: [] };
    const families = service.spec.ipFamilies ?? ['IPv4'];
    const told = `Error updating Endpoint Slices for Service ${key}`;
    const failed = (what: string): Write<KubeObject>[] => {
      const text = { type: 'Warning' as const, reason: 'FailedToUpdateEndpointSlices', message: `${told}: ${what}` };
      return [recordEvent(reader, service, { component: 'endpoint-slice-controller' }, text, now)];
    };
    const writes = families.flatMap((family) => reconcileFamily(reader, service, family, now));
    return { writes: writes.map((write) => ({ ...write, refused: (why) => failed(failure(write, service, why)) })) };
  },
});

function reconcileFamily(reader: View, service: Service, family: string, now: number): Write<KubeObject>[] {
  const groups = new Map<string, Group>();
  for (const pod of podsBehind(reader, service)) {
    const address = addressOf(pod, family);
    if (address === undefined) continue;
    const ports = portsOn(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint(reader, service, pod, address));
    groups.set(key, group);
  }
  const existing = reader
    .list(SLICES, service.metadata.namespace)
    .filter((slice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER)
    .filter((slice) => slice.metadata.labels?.[SERVICE_NAME] === service.metadata.name && slice.addressType === family);
  const writes: Write<KubeObject>[] = [];
  const kept = new Set<EndpointSlice>();
  for (const [key, group] of groups) {
    const own = existing.filter((slice) => portsKey(slice.ports ?? []) === key);
    for (const [slice, endpoints] of distribute(group.endpoints, own)) {
      if (slice) kept.add(slice);
      writes.push(...writeSlice(service, family, slice, group.ports, endpoints, now));
    }
  }
  if (groups.size === 0) {
    // One slice stays, to say that there is nothing.
    const placeholder = existing[0];
    if (placeholder) kept.add(placeholder);
    writes.push(...writeSlice(service, family, placeholder, [], [], now));
  }
  for (const slice of existing) if (!kept.has(slice)) writes.push(remove(slice));
  return writes;
}

/** Endpoints stay in the slice that they are in; the others fill the slices up, and then new ones. */
function distribute(endpoints: Endpoint[], slices: EndpointSlice[]): [EndpointSlice | undefined, Endpoint[]][] {
  const left = new Map(endpoints.map((e) => [uidOf(e), e]));
  const filled: [EndpointSlice | undefined, Endpoint[]][] = slices.map((slice) => {
    const kept: Endpoint[] = [];
    for (const old of slice.endpoints ?? []) {
      const now = left.get(uidOf(old));
      if (!now) continue;
      kept.push(now);
      left.delete(uidOf(old));
    }
    return [slice, kept];
  });
  const rest = [...left.values()];
  for (const [, kept] of filled) kept.push(...rest.splice(0, ENDPOINTS_PER_SLICE - kept.length));
  while (rest.length > 0) filled.push([undefined, rest.splice(0, ENDPOINTS_PER_SLICE)]);
  return filled.filter(([, kept]) => kept.length > 0);
}

const uidOf = (endpoint: Endpoint): string => endpoint.targetRef?.uid ?? endpoint.addresses?.[0] ?? '';

function endpoint(reader: View, service: Service, pod: Pod, address: string): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const ready = Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating);
  const zone = reader.get('nodes', undefined, pod.spec.nodeName ?? '')?.metadata.labels?.[
    'topology.kubernetes.io/zone'
  ];
  const hostname = pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

function addressOf(pod: Pod, family: string): string | undefined {
  const addresses = pod.status?.podIPs ?? [{ ip: pod.status?.podIP ?? '' }];
  return addresses.map(({ ip }) => ip).find((address) => address.includes(':') === (family === 'IPv6'));
}

function writeSlice(
  service: Service,
  family: string,
  slice: EndpointSlice | undefined,
  ports: EndpointPort[],
  endpoints: Endpoint[],
  now: number,
): Write<KubeObject>[] {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(service.metadata.labels ?? {}))
    if (!OWN_LABELS.has(key)) labels[key] = value;
  labels[MANAGED_BY] = MANAGER;
  labels[SERVICE_NAME] = service.metadata.name;
  if (isHeadless(service)) labels[HEADLESS] = '';
  const content = { endpoints: endpoints.length > 0 ? endpoints : null, ports: ports.length > 0 ? ports : null };
  if (slice) {
    const same = sameData(slice.endpoints, content.endpoints) && sameData(slice.ports, content.ports);
    if (same && sameData(slice.metadata.labels, labels)) return [];
    const annotations = { ...slice.metadata.annotations, [TRIGGER_TIME]: timestamp(now) };
    return [{ verb: 'update', object: { ...slice, metadata: { ...slice.metadata, labels, annotations }, ...content } }];
  }
  const { namespace, name } = service.metadata;
  const made: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: nameless({
      generateName: `${name}-`,
      namespace: namespace as string,
      labels,
      annotations: { [TRIGGER_TIME]: timestamp(now) },
      ownerReferences: [controllerReference(service)],
    }),
    addressType: family,
    ...content,
  };
  return [{ verb: 'create', object: made }];
}

const remove = (slice: EndpointSlice): Write<KubeObject> => ({
  verb: 'delete',
  resource: SLICES,
  namespace: slice.metadata.namespace as string,
  name: slice.metadata.name,
});

/** In the words of the real reconciler. */
function failure(write: Write<KubeObject>, { metadata }: Service, why: string): string {
  const name =
    write.verb === 'update' ? ` ${write.object.metadata.name}` : write.verb === 'delete' ? ` ${write.name}` : '';
  return `failed to ${write.verb}${name} EndpointSlice for Service ${metadata.namespace}/${metadata.name}: ${why}`;
}
