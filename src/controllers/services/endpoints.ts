/** The legacy Endpoints object of each service. Source: pkg/controller/endpoint/endpoints_controller.go. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { EndpointAddress, EndpointSubset, Endpoints, Service } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';
import { isReady } from '../pods.ts';
import { hasSelector, isHeadless, podsBehind, portsKey, portsOn, servicesOf } from './endpoint-pods.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const HEADLESS = 'service.kubernetes.io/headless';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
export const MAX_ADDRESSES = 1000;

type Subset = EndpointSubset;
type SubsetPort = NonNullable<Subset['ports']>[number];

export const endpointsController = (): ClusterReconciler => ({
  name: 'endpoints-controller',
  manager: 'kube-controller-manager',
  reads: ['pods', 'services'],
  watches: [
    { resource: 'services', keys: ({ old, new: service }) => [keyOf((service ?? old)!)] },
    { resource: 'pods', keys: servicesOf },
    { resource: 'endpoints', keys: ({ old, new: endpoints }) => (old && !endpoints ? [keyOf(old)] : []) },
  ],
  reconcile(reader, key, { now }) {
    const failed =
      (about: Endpoints, reason: string, words: string) =>
      (message: string): Write<KubeObject>[] => {
        const text = { type: 'Warning' as const, reason, message: `${words}: ${message}` };
        return [recordEvent(reader, about, { component: 'endpoint-controller' }, text, now)];
      };
    const { namespace, name } = parseKey(key);
    const service = reader.get('services', namespace, name);
    const found = reader.get('endpoints', namespace, name);
    if (!service) {
      if (found?.metadata.labels?.[MANAGED_BY] !== MANAGER) return { writes: [] };
      return { writes: [{ verb: 'delete', resource: 'endpoints', namespace, name }] };
    }
    if (service.metadata.deletionTimestamp || !hasSelector(service)) return { writes: [] };
    const { subsets, truncated } = subsetsOf(reader, service);
    const labels: Record<string, string> = { ...service.metadata.labels, [MANAGED_BY]: MANAGER };
    if (isHeadless(service)) labels[HEADLESS] = '';
    else delete labels[HEADLESS];
    if (found && sameData(found.subsets, subsets) && sameData(found.metadata.labels, labels)) return { writes: [] };
    const annotations: Record<string, string> = { ...found?.metadata.annotations, [TRIGGER_TIME]: timestamp(now) };
    if (truncated) annotations[OVER_CAPACITY] = 'truncated';
    else delete annotations[OVER_CAPACITY];
    const content = subsets.length > 0 ? { subsets } : {};
    if (found) {
      const { subsets: _, ...rest } = found;
      const object = { ...rest, metadata: { ...found.metadata, labels, annotations }, ...content };
      const told = `Failed to update endpoint ${key}`;
      return {
        writes: [{ verb: 'update', object, refused: failed(object as Endpoints, 'FailedToUpdateEndpoint', told) }],
      };
    }
    const object = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels, annotations },
      ...content,
    };
    const told = `Failed to create endpoint for service ${key}`;
    const refused = failed(object as Endpoints, 'FailedToCreateEndpoint', told);
    return { writes: [{ verb: 'create', object, ignoreExisting: true, refused }] };
  },
});

function subsetsOf(reader: View, service: Service): { subsets: Subset[]; truncated: boolean } {
  const groups = new Map<string, Subset>();
  const pods = podsBehind(reader, service).filter(
    (pod) => pod.metadata.deletionTimestamp === undefined || service.spec.publishNotReadyAddresses,
  );
  for (const pod of pods.slice(0, MAX_ADDRESSES)) {
    const ports = portsOn(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = portsKey(ports);
    const subset: Subset = groups.get(key) ?? (ports.length > 0 ? { ports: ports.map(withoutEmptyName) } : {});
    groups.set(key, subset);
    const hostname = pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined;
    const address = {
      ip: pod.status?.podIP ?? '',
      ...(hostname === undefined ? {} : { hostname }),
      ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
      targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    };
    const list = isReady(pod) || service.spec.publishNotReadyAddresses ? 'addresses' : 'notReadyAddresses';
    subset[list] = [...(subset[list] ?? []), address];
  }
  return { subsets: [...groups.values()].map(inOrder), truncated: pods.length > MAX_ADDRESSES };
}

const withoutEmptyName = ({ name, ...port }: SubsetPort): SubsetPort => (name === '' ? port : { name, ...port });

/** As endpoints.RepackSubsets leaves them: addresses by number. */
function inOrder(subset: Subset): Subset {
  const sorted = (list: EndpointAddress[] | undefined): EndpointAddress[] | undefined =>
    list?.toSorted((a, b) => compareIP(a.ip, b.ip));
  const addresses = sorted(subset.addresses);
  const notReadyAddresses = sorted(subset.notReadyAddresses);
  return {
    ...(addresses ? { addresses } : {}),
    ...(notReadyAddresses ? { notReadyAddresses } : {}),
    ...(subset.ports ? { ports: subset.ports } : {}),
  };
}

/** Source sorts by the text of the address. */
const compareIP = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
