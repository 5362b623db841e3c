/**
 * Says of each ServiceCIDR that it is ready, and holds one that is being deleted until no address is left that is in no other.
 * Models pkg/controller/servicecidrs.
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf, withCondition } from '../../objects/conditions.ts';
import type { IPAddress, ServiceCIDR } from '../../objects/generated/networking-v1.gen.ts';
import { parseIP } from '../../objects/ip.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { hasAddress, hasRange, overlap, SERVICE_CIDRS } from '../../resources/networking/service-ranges.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';

const ADDRESSES = 'ipaddresses.networking.k8s.io';
export const SERVICE_CIDR_CONTROLLER = 'service-cidr-controller';
export const SERVICE_CIDR_FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
export const READY_MESSAGE = 'Kubernetes Service CIDR is ready';
/** For so long allocators may not have heard that a range is going away. */
export const DELETION_GRACE_MS = 10_000;

const READY = { status: 'True', reason: '', message: READY_MESSAGE };
const TERMINATING = {
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

const rangesOf = ({ spec }: ServiceCIDR): string[] => spec?.cidrs ?? [];

const isAllocated = ({ metadata }: IPAddress): boolean =>
  metadata.labels?.['ipaddress.kubernetes.io/managed-by'] === 'ipallocator.k8s.io';

const containing = (reader: View, ip: string): ServiceCIDR[] =>
  reader.list(SERVICE_CIDRS).filter((known) => rangesOf(known).some((range) => hasAddress(range, ip)));

export const serviceCIDRController = (): ClusterReconciler => ({
  name: SERVICE_CIDR_CONTROLLER,
  manager: 'kube-controller-manager',
  reads: [SERVICE_CIDRS],
  watches: [
    {
      resource: SERVICE_CIDRS,
      keys: ({ old, new: changed }, reader) => {
        const { name } = (changed ?? old)!.metadata;
        if (old && changed) return [name];
        const ranges = rangesOf((changed ?? old)!);
        const others = reader
          .list(SERVICE_CIDRS)
          .filter((other) => rangesOf(other).some((a) => ranges.some((b) => overlap(a, b))));
        return [...new Set([name, ...others.map(({ metadata }) => metadata.name)])];
      },
    },
    {
      resource: ADDRESSES,
      keys: ({ old, new: address }, reader) => {
        const known = (address ?? old)!;
        // Only what is going away waits for addresses.
        const waiting = reader.list(SERVICE_CIDRS).some(({ metadata }) => metadata.deletionTimestamp);
        return waiting && isAllocated(known)
          ? containing(reader, known.metadata.name).map(({ metadata }) => metadata.name)
          : [];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const found = reader.get(SERVICE_CIDRS, undefined, name);
    if (!found) return { writes: [] };
    const { deletionTimestamp, finalizers = [] } = found.metadata;
    if (deletionTimestamp) return ending(reader, found, now);
    if (finalizers.includes(SERVICE_CIDR_FINALIZER)) return { writes: told(found, READY, now) };
    const held = { ...found, metadata: { ...found.metadata, finalizers: [...finalizers, SERVICE_CIDR_FINALIZER] } };
    // What it says of itself follows, since this is a change of it.
    return { writes: [{ verb: 'update', object: held }] };
  },
});

function ending(reader: View, found: ServiceCIDR, now: number): ReconcileResult<KubeObject> {
  const { deletionTimestamp, finalizers = [] } = found.metadata;
  if (!finalizers.includes(SERVICE_CIDR_FINALIZER)) return { writes: [] };
  if (!mayGo(reader, found)) return { writes: told(found, TERMINATING, now) };
  const due = Date.parse(deletionTimestamp!) + DELETION_GRACE_MS;
  if (due > now) return { writes: [], requeueAt: due };
  const left = finalizers.filter((finalizer) => finalizer !== SERVICE_CIDR_FINALIZER);
  return { writes: [{ verb: 'update', object: { ...found, metadata: { ...found.metadata, finalizers: left } } }] };
}

function told(found: ServiceCIDR, condition: typeof READY, now: number): Write<KubeObject>[] {
  const known = conditionOf(found, 'Ready');
  if (known?.status === condition.status && known.reason === condition.reason && known.message === condition.message)
    return [];
  const made = { type: 'Ready', ...condition, lastTransitionTime: timestamp(now) };
  const status = { ...found.status, conditions: withCondition(found.status?.conditions, made) };
  return [{ verb: 'update', subresource: 'status', object: { ...found, status } }];
}

/** Whether its ranges are all in another's, or it has no address that is in no other. */
function mayGo(reader: View, found: ServiceCIDR): boolean {
  const all = reader.list(SERVICE_CIDRS);
  const isElsewhere = rangesOf(found).every((range) =>
    all.some(
      (other) =>
        other !== found && other.metadata.uid !== found.metadata.uid && rangesOf(other).some((r) => hasRange(r, range)),
    ),
  );
  if (isElsewhere) return true;
  const families = new Set(rangesOf(found).map((range) => parseIP(range.split('/')[0]!)?.family));
  return !reader.list(ADDRESSES).some((address) => {
    const { name } = address.metadata;
    if (!isAllocated(address) || !families.has(parseIP(name)?.family)) return false;
    const holders = containing(reader, name);
    return holders.length === 1 && holders[0]!.metadata.uid === found.metadata.uid;
  });
}
