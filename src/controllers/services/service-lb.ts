/**
 * Gives Services of the type LoadBalancer an address from the cluster's pool, as a cloud's load balancer does, and takes it back.
 * Models k8s.io/cloud-provider/controllers/service/controller.go. It is an add-on: a cluster without it leaves them pending.
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { LoadBalancerIngress, Service } from '../../objects/generated/core-v1.gen.ts';
import { formatIP, parseCIDR, parseIP } from '../../objects/ip.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { unversioned } from '../../objects/unversioned.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { type EventText, recordEvent } from '../events.ts';
import { keyOf, parseKey } from '../owners.ts';

export const SERVICE_LB_CONTROLLER = 'service-lb-controller';
/** Where load balancers' addresses lie: the range that is kept for documentation (RFC 5737), so that nobody takes them for real ones. */
export const LOAD_BALANCER_CIDR = '203.0.113.0/24';
export const CLEANUP_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

const SERVICES = 'services';
const SOURCE = { component: 'service-controller' };

const wantsLoadBalancer = ({ metadata, spec }: Service): boolean =>
  !metadata.deletionTimestamp && spec?.type === 'LoadBalancer' && !spec.loadBalancerClass;

const ingressOf = (service: Service): LoadBalancerIngress[] => service.status?.loadBalancer?.ingress ?? [];

const isMarked = ({ metadata }: Service): boolean => metadata.finalizers?.includes(CLEANUP_FINALIZER) ?? false;

/** Whether there is something to do about it, or was. */
const concerns = (service: Service | undefined): boolean =>
  service !== undefined && (wantsLoadBalancer(service) || isMarked(service));

export const serviceLoadBalancerController = (): ClusterReconciler => ({
  name: SERVICE_LB_CONTROLLER,
  manager: 'cloud-controller-manager',
  reads: [SERVICES, 'events'],
  watches: [
    {
      resource: SERVICES,
      keys: ({ old, new: service }, reader) => [
        ...(service && concerns(service) ? [keyOf(service)] : []),
        // What one gives back, another may wait for.
        ...(old && ingressOf(old).length > 0 && !(service && ingressOf(service).length > 0) ? waitingFor(reader) : []),
      ],
    },
  ],
  reconcile(reader, key, { now }) {
    const { namespace, name } = parseKey(key);
    const service = reader.get(SERVICES, namespace, name);
    if (!service || !concerns(service)) return { writes: [] };
    const tell = (text: EventText): Write<KubeObject> => recordEvent(reader, service, SOURCE, text, now);
    if (!wantsLoadBalancer(service)) return { writes: released(service, tell) };
    if (ingressOf(service).length > 0) return { writes: isMarked(service) ? [] : [marked(service)] };
    const address = freeAddress(reader, service);
    const writes = [
      ...(isMarked(service) ? [] : [marked(service)]),
      tell({ reason: 'EnsuringLoadBalancer', message: 'Ensuring load balancer' }),
    ];
    if (address === undefined) {
      const message = 'Error syncing load balancer: failed to ensure load balancer: no available IPs';
      writes.push(tell({ type: 'Warning', reason: 'SyncLoadBalancerFailed', message }));
      return { writes, error: message };
    }
    const status = { ...service.status, loadBalancer: { ingress: [{ ip: address, ipMode: 'VIP' }] } };
    writes.push({ verb: 'update', subresource: 'status', object: { ...unversioned(marked(service).object), status } });
    writes.push(tell({ reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' }));
    return { writes };
  },
});

const waitingFor = (reader: View): string[] =>
  reader
    .list(SERVICES)
    .filter((service) => wantsLoadBalancer(service) && ingressOf(service).length === 0)
    .map(keyOf);

const marked = (service: Service): { verb: 'update'; object: Service } => {
  const finalizers = isMarked(service)
    ? service.metadata.finalizers!
    : [...(service.metadata.finalizers ?? []), CLEANUP_FINALIZER];
  return { verb: 'update', object: { ...service, metadata: { ...service.metadata, finalizers } } };
};

/** It is no load balancer any more, or going away. */
function released(service: Service, tell: (text: EventText) => Write<KubeObject>): Write<KubeObject>[] {
  const finalizers = (service.metadata.finalizers ?? []).filter((name) => name !== CLEANUP_FINALIZER);
  const free = { ...service, metadata: { ...service.metadata, finalizers } };
  const status = { ...service.status, loadBalancer: {} };
  return [
    tell({ reason: 'DeletingLoadBalancer', message: 'Deleting load balancer' }),
    ...(sameData(status, service.status ?? {})
      ? []
      : [{ verb: 'update' as const, subresource: 'status', object: { ...service, status } }]),
    { verb: 'update', object: unversioned(free) },
    tell({ reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' }),
  ];
}

/** The pool's first value and how many it has. */
function pool(): { first: bigint; size: bigint } {
  const { network, bits } = parseCIDR(LOAD_BALANCER_CIDR)!;
  return { first: network, size: 1n << BigInt(32 - bits) };
}

/** The one that is asked for, or the lowest that no other Service has; undefined: there is none. */
function freeAddress(reader: View, { spec }: Service): string | undefined {
  const taken = new Set(reader.list(SERVICES).flatMap((service) => ingressOf(service).map(({ ip }) => ip)));
  const { first, size } = pool();
  const asked: string | undefined = spec.loadBalancerIP;
  if (asked) {
    const place = parseIP(asked);
    const isInside = place !== undefined && place.value > first && place.value < first + size - 1n;
    return isInside && !taken.has(asked) ? asked : undefined;
  }
  // The first of the range is its network's, the last for broadcasts.
  for (let value = first + 1n; value < first + size - 1n; value++) {
    const text = formatIP(4, value);
    if (!taken.has(text)) return text;
  }
  return undefined;
}
