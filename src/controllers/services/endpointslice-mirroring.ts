/** Mirrors Endpoints that a user keeps by hand, for a service without a selector, into slices. Source: pkg/controller/endpointslicemirroring. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { EndpointAddress, Endpoints } from '../../objects/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../objects/generated/discovery-v1.gen.ts';
import { nameless } from '../../objects/nameless.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { hasSelector } from './endpoint-pods.ts';
import { repacked, type Subset } from './endpoint-subsets.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const NOT_MIRRORED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);
/** Addresses of one subset that are mirrored; the rest is left out, and an event says so. */
export const MAX_MIRRORED_ADDRESSES = 1000;

export const endpointSliceMirroringController = (): ClusterReconciler => ({
  name: 'endpointslice-mirroring-controller',
  manager: 'kube-controller-manager',
  reads: ['endpointslices.discovery.k8s.io', 'services'],
  watches: [
    { resource: 'endpoints', keys: ({ old, new: endpoints }) => [keyOf((endpoints ?? old)!)] },
    { resource: 'services', keys: ({ old, new: service }) => [keyOf((service ?? old)!)] },
    {
      resource: SLICES,
      keys: ({ old, new: slice }) => {
        const { labels, namespace } = (slice ?? old)!.metadata;
        // What it makes itself comes back as new; what others change or take away needs work.
        return old && labels?.[MANAGED_BY] === MANAGER ? [`${namespace}/${labels[SERVICE_NAME]}`] : [];
      },
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const service = reader.get('services', namespace, name);
    const endpoints = reader.get('endpoints', namespace, name);
    const existing = reader
      .list(SLICES, namespace)
      .filter((s) => s.metadata.labels?.[MANAGED_BY] === MANAGER && s.metadata.labels[SERVICE_NAME] === name);
    const mirrored = service && endpoints && !hasSelector(service) && isMirrored(endpoints);
    if (!mirrored) return { writes: changes(existing, []) };
    const { slices, skipped } = slicesOf(endpoints);
    const writes = changes(existing, slices);
    // The real one says so at each of its looks, and looks only when something changes.
    if (skipped > 0 && writes.length > 0) writes.unshift(tooMany(reader, endpoints, skipped, now));
    return { writes };
  },
});

function tooMany(reader: View, endpoints: Endpoints, skipped: number, now: number): Write<KubeObject> {
  const limit = `A max of ${MAX_MIRRORED_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset`;
  const message = `${limit}. ${skipped} addresses were skipped`;
  const source = { component: 'endpoint-slice-mirroring-controller' };
  return recordEvent(reader, endpoints, source, { type: 'Warning', reason: 'TooManyAddressesToMirror', message }, now);
}

function isMirrored(endpoints: Endpoints): boolean {
  const { labels, annotations, deletionTimestamp } = endpoints.metadata;
  return !deletionTimestamp && labels?.[SKIP] !== 'true' && !(annotations && LEADER in annotations);
}

/** One slice for each set of ports and family, and how many addresses have no room. */
function slicesOf(endpoints: Endpoints): { slices: EndpointSlice[]; skipped: number } {
  const slices: EndpointSlice[] = [];
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of repacked(endpoints.subsets ?? [])) {
    const all = [...addresses.map(mirror(true)), ...notReadyAddresses.map(mirror(false))];
    const kept = all.slice(0, MAX_MIRRORED_ADDRESSES);
    skipped += all.length - kept.length;
    for (const addressType of ['IPv4', 'IPv6']) {
      const list = kept.filter((e) => e.addresses[0]!.includes(':') === (addressType === 'IPv6'));
      if (list.length > 0) slices.push(sliceOf(endpoints, addressType, list, ports));
    }
  }
  return { slices, skipped };
}

const mirror =
  (ready: boolean) =>
  ({ ip, hostname, nodeName, targetRef }: EndpointAddress): Endpoint => ({
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  });

function sliceOf(
  { metadata }: Endpoints,
  addressType: string,
  endpoints: Endpoint[],
  ports: Subset['ports'] & {},
): EndpointSlice {
  const { namespace, name, uid, labels } = metadata;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !NOT_MIRRORED.has(key));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: nameless({
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name },
      ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Endpoints', name, uid: uid ?? '', controller: true, blockOwnerDeletion: true },
      ],
    }),
    addressType,
    endpoints,
    ports: ports.map((port) => ({ name: '', protocol: 'TCP', ...port })),
  };
}

function changes(existing: EndpointSlice[], wanted: EndpointSlice[]): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  const left = [...existing];
  for (const slice of wanted) {
    const at = left.findIndex((s) => s.addressType === slice.addressType && sameData(s.ports, slice.ports));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (!found) writes.push({ verb: 'create', object: slice });
    else if (!isSame(found, slice)) writes.push({ verb: 'update', object: inPlaceOf(found, slice) });
  }
  for (const { metadata } of left) {
    writes.push({ verb: 'delete', resource: SLICES, namespace: metadata.namespace as string, name: metadata.name });
  }
  return writes;
}

const isSame = (found: EndpointSlice, slice: EndpointSlice): boolean =>
  sameData(found.endpoints, slice.endpoints) &&
  sameData(found.metadata.labels, slice.metadata.labels) &&
  sameData(found.metadata.annotations ?? {}, slice.metadata.annotations ?? {});

function inPlaceOf(found: EndpointSlice, { metadata, endpoints }: EndpointSlice): EndpointSlice {
  const { annotations: _, ...rest } = found.metadata;
  const { labels, annotations } = metadata;
  return { ...found, metadata: { ...rest, labels: labels!, ...(annotations ? { annotations } : {}) }, endpoints };
}
