/** Which pods stand behind a service, and on which ports: common to Endpoints and EndpointSlices. Source: pkg/controller/util/endpoint. */

import type { Change } from '../../objects/cluster-reconciler.ts';
import { sameData } from '../../objects/equality.ts';
import type { Pod, Service, ServicePort } from '../../objects/generated/core-v1.gen.ts';
import type { EndpointPort as SlicePort } from '../../objects/generated/discovery-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { matchesLabelMap } from '../../objects/selectors.ts';
import { keyOf } from '../owners.ts';
import { isFinished, isReady } from '../pods.ts';

export interface EndpointPort {
  name: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

export const hasSelector = (service: Service): boolean =>
  service.spec.selector !== undefined && service.spec.type !== 'ExternalName';

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None';

/** Pods that the service selects and that have an address. */
export const podsBehind = (reader: View, service: Service): Pod[] =>
  reader
    .list('pods', service.metadata.namespace)
    .filter(
      (pod) => matchesLabelMap(service.spec.selector, pod.metadata.labels) && pod.status?.podIP && !isFinished(pod),
    );

/** The service's ports on this pod; a named one that no container has is left out. */
export function portsOn(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = resolve(port, pod);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

function resolve(port: ServicePort, pod: Pod): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const own of container.ports ?? []) {
      if (own.name === target && (own.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return own.containerPort;
    }
  }
  return undefined;
}

/** Services to look at again when a pod changes: those that selected it or do now, if the change is one that they would show. */
export function servicesOf(change: Change<Pod>, reader: View): string[] {
  const { old, new: pod } = change;
  if (old && pod && sameData(visible(old), visible(pod))) return [];
  const namespace = (pod ?? old)?.metadata.namespace;
  return reader
    .list('services', namespace)
    .filter((service) => hasSelector(service))
    .filter((service) =>
      [old, pod].some((p) => p?.status?.podIP && matchesLabelMap(service.spec.selector, p.metadata.labels)),
    )
    .map(keyOf);
}

const visible = (pod: Pod): unknown[] => [
  pod.status?.podIP,
  isReady(pod),
  isFinished(pod),
  pod.metadata.deletionTimestamp,
  pod.metadata.labels,
  pod.spec.hostname,
];

/** Stable text for a set of ports, to group by. */
export const portsKey = (ports: SlicePort[]): string =>
  JSON.stringify(ports.map((p) => [p.name, p.port, p.protocol, p.appProtocol ?? '']).sort());
