/**
 * Each cluster IP of a Service is an IPAddress that names the Service. The real API server makes them when it allocates, and a loop in it
 * mends what differs; here that loop does both. Models pkg/registry/core/service/{ipallocator,ipallocator/controller}.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { Service } from '../../objects/generated/core-v1.gen.ts';
import { formatIP, parseIP } from '../../objects/ip.ts';
import type { KubeObject } from '../../objects/object.ts';
import { parseKey } from '../owners.ts';

const RESOURCE = 'ipaddresses.networking.k8s.io';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';

/** IPAddresses are named by the canonical text. */
function clusterIPs(service: Service | undefined): string[] {
  const ips: string[] = service?.spec.clusterIPs ?? [];
  return ips.flatMap((text) => {
    const ip = parseIP(text);
    return ip ? [formatIP(ip.family, ip.value)] : [];
  });
}

/** A key is a Service's and one of its addresses: `namespace/name 10.96.0.7`. */
const keysOf = (service: Service | undefined): string[] =>
  clusterIPs(service).map((ip) => `${service!.metadata.namespace}/${service!.metadata.name} ${ip}`);

export const serviceIPAddresses = (): ClusterReconciler => ({
  name: 'service-ip-repair',
  manager: 'kube-apiserver',
  reads: ['ipaddresses.networking.k8s.io', 'services'],
  watches: [
    { resource: 'services', keys: ({ old, new: service }) => [...new Set([...keysOf(old), ...keysOf(service)])] },
    {
      resource: RESOURCE,
      keys: ({ old, new: address }) => {
        const gone = address ? undefined : old;
        const parent = gone?.spec.parentRef;
        return parent?.resource === 'services' ? [`${parent.namespace}/${parent.name} ${gone!.metadata.name}`] : [];
      },
    },
  ],
  reconcile(reader, key) {
    const [path = '', ip = ''] = key.split(' ');
    const { namespace, name } = parseKey(path);
    const wanted = clusterIPs(reader.get('services', namespace, name)).includes(ip);
    const found = reader.get(RESOURCE, undefined, ip);
    if (wanted && !found)
      return { writes: [{ verb: 'create', object: addressOf(namespace, name, ip), ignoreExisting: true }] };
    const parent = found?.spec.parentRef;
    const isOurs = found?.metadata.labels?.[MANAGED_BY] === ALLOCATOR;
    if (wanted || !isOurs || parent?.namespace !== namespace || parent?.name !== name) return { writes: [] };
    return { writes: [{ verb: 'delete', resource: RESOURCE, name: ip, uid: found!.metadata.uid! }] };
  },
});

function addressOf(namespace: string, name: string, ip: string): KubeObject {
  const family = ip.includes(':') ? 'IPv6' : 'IPv4';
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: ip, labels: { [FAMILY]: family, [MANAGED_BY]: ALLOCATOR } },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}
