/** Mirrors Endpoints that a user keeps by hand, for a service without a selector, into slices. Source: pkg/controller/endpointslicemirroring. */
import type { KubeObject } from '../resources/object.ts';
import type { Reconciler, Write } from '../simulation/reconciler.ts';
import { hasSelector } from './endpoint-pods.ts';
import { sameJson } from './equality.ts';
import { keyOf, parseKey } from './owners.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export const endpointSliceMirroringController = (): Reconciler<KubeObject> => ({
  name: 'endpointslice-mirroring-controller',
  manager: 'kube-controller-manager',
  watches: [
    { resource: 'endpoints', keys: ({ old, new: endpoints }) => [keyOf((endpoints ?? old) as KubeObject)] },
    { resource: 'services', keys: ({ old, new: service }) => [keyOf((service ?? old) as KubeObject)] },
  ],
  reconcile(reader, key) {
    const { namespace, name } = parseKey(key);
    const service = reader.get('services', namespace, name);
    const endpoints = reader.get('endpoints', namespace, name);
    const existing = reader
      .list(SLICES, namespace)
      .filter((s) => s.metadata.labels?.[MANAGED_BY] === MANAGER && s.metadata.labels[SERVICE_NAME] === name);
    const mirrored = service && endpoints && !hasSelector(service) && isMirrored(endpoints);
    const wanted = mirrored ? slicesOf(endpoints) : [];
    return { writes: changes(existing, wanted) };
  },
});

function isMirrored(endpoints: KubeObject): boolean {
  const { labels, annotations, deletionTimestamp } = endpoints.metadata;
  return !deletionTimestamp && labels?.[SKIP] !== 'true' && !(annotations && LEADER in annotations);
}

/** One slice for each subset and family. */
function slicesOf(endpoints: KubeObject): KubeObject[] {
  const { namespace, name, uid, labels, annotations } = endpoints.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== LAST_APPLIED);
  const slices: KubeObject[] = [];
  for (const subset of endpoints.subsets ?? []) {
    for (const addressType of ['IPv4', 'IPv6']) {
      const of = (list: any[] | undefined, ready: boolean): object[] =>
        (list ?? [])
          .filter((address) => address.ip.includes(':') === (addressType === 'IPv6'))
          .map(({ ip, hostname, nodeName, targetRef }) => ({
            addresses: [ip],
            conditions: { ready },
            ...(hostname === undefined ? {} : { hostname }),
            ...(targetRef === undefined ? {} : { targetRef }),
            ...(nodeName === undefined ? {} : { nodeName }),
          }));
      const list = [...of(subset.addresses, true), ...of(subset.notReadyAddresses, false)];
      if (list.length === 0) continue;
      slices.push({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${name}-`,
          namespace,
          labels: { ...labels, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name },
          ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
          ownerReferences: [
            { apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true },
          ],
        } as unknown as KubeObject['metadata'],
        addressType,
        endpoints: list,
        ports: (subset.ports ?? []).map((port: object) => ({ name: '', protocol: 'TCP', ...port })),
      });
    }
  }
  return slices;
}

function changes(existing: KubeObject[], wanted: KubeObject[]): Write<KubeObject>[] {
  const writes: Write<KubeObject>[] = [];
  const left = [...existing];
  for (const slice of wanted) {
    const at = left.findIndex((s) => s.addressType === slice.addressType && sameJson(s.ports, slice.ports));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (!found) writes.push({ verb: 'create', object: slice });
    else if (!sameJson(found.endpoints, slice.endpoints)) {
      writes.push({ verb: 'update', object: { ...found, endpoints: slice.endpoints } });
    }
  }
  for (const { metadata } of left) {
    writes.push({ verb: 'delete', resource: SLICES, namespace: metadata.namespace as string, name: metadata.name });
  }
  return writes;
}
