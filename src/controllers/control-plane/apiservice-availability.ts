/**
 * Says of each APIService whether the server behind it answers. It is the API server's own, and runs wherever that does.
 * Models k8s.io/kube-aggregator/pkg/controllers/status/{local,remote}.
 */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { conditionOf, withCondition } from '../../objects/conditions.ts';
import { sameData } from '../../objects/equality.ts';
import type { APIService } from '../../objects/generated/apiregistration-v1.gen.ts';
import type { Service } from '../../objects/generated/core-v1.gen.ts';
import type { EndpointSlice } from '../../objects/generated/discovery-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { isMetricsAPI, isMetricsServer } from '../../resources/metrics/metrics-server.ts';
import { keyOf } from '../owners.ts';

export const API_SERVICES = 'apiservices.apiregistration.k8s.io';
const SLICES = 'endpointslices.discovery.k8s.io';
const DEFAULT_PORT = 443;

interface Finding {
  status: 'True' | 'False';
  reason: string;
  message: string;
}

export const apiServiceAvailability = (): ClusterReconciler => ({
  name: 'apiservice-availability',
  manager: 'kube-apiserver',
  reads: ['apiservices.apiregistration.k8s.io', 'endpointslices.discovery.k8s.io', 'pods', 'services'],
  watches: [
    { resource: API_SERVICES, keys: ({ new: service }) => (service ? [keyOf(service)] : []) },
    { resource: 'services', keys: ({ old, new: service }, reader) => servedBy(reader, service ?? old) },
    {
      resource: SLICES,
      keys: ({ old, new: slice }, reader) => {
        const { namespace, labels } = (slice ?? old)?.metadata ?? {};
        const name = labels?.['kubernetes.io/service-name'];
        return name ? servedBy(reader, { metadata: { namespace, name } }) : [];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const service = reader.get(API_SERVICES, undefined, name);
    if (!service) return { writes: [] };
    const condition = { type: 'Available', lastTransitionTime: timestamp(now), ...findingOf(reader, service) };
    const conditions = withCondition(service.status?.conditions, condition);
    if (sameData(conditions, service.status?.conditions)) return { writes: [] };
    const status = { ...service.status, conditions };
    return { writes: [{ verb: 'update', subresource: 'status', object: { ...service, status } }] };
  },
});

/** An APIService that another server answers, and does not. */
export const isUnavailable = (service: APIService): boolean =>
  service.spec?.service !== undefined && conditionOf(service, 'Available')?.status !== 'True';

const servedBy = (reader: View, service: Pick<Service, 'metadata'> | undefined): string[] =>
  reader
    .list(API_SERVICES)
    .filter(({ spec }) => {
      const { namespace, name } = spec?.service ?? {};
      return namespace === service?.metadata.namespace && name === service?.metadata.name;
    })
    .map(keyOf);

function findingOf(reader: View, { spec }: APIService): Finding {
  if (!spec.service) return { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
  const no = (reason: string, message: string): Finding => ({ status: 'False', reason, message });
  const { namespace, name, port = DEFAULT_PORT } = spec.service;
  const what = `service/${name} in "${namespace}"`;
  const service = reader.get('services', namespace, name ?? '');
  if (!service) return no('ServiceNotFound', `${what} is not present`);
  const { type, clusterIP, externalName, ports = [] } = service.spec ?? {};
  if (type === 'ClusterIP') {
    const found = ports.find((p: { port: number }) => p.port === port);
    if (!found) return no('ServicePortError', `${what} is not listening on port ${port}`);
    const slices = slicesOf(reader, namespace, name);
    if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${what}`);
    const portName: string = found.name ?? '';
    if (!slices.some((slice) => hasEndpoint(slice, portName)))
      return no('MissingEndpoints', `endpointslices for ${what} have no addresses with port name "${portName}"`);
  }
  if (type === 'ClusterIP' && clusterIP === 'None')
    return no('FailedDiscoveryCheck', 'cannot route to service with ClusterIP "None"');
  if (isMetricsAPI({ spec }) && slicesOf(reader, namespace, name).some((slice) => servesMetrics(reader, slice)))
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  // The programs of pods are simulated: of all others nobody listens.
  const host = (type === 'ExternalName' ? externalName : clusterIP) ?? '';
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}/apis/${spec.group}/${spec.version}`;
  const refused =
    type === 'ExternalName' ? `lookup ${host}: no such host` : `${host}:${port}: connect: connection refused`;
  return no('FailedDiscoveryCheck', `failing or missing response from ${url}: Get "${url}": dial tcp ${refused}`);
}

const slicesOf = (reader: View, namespace: string | undefined, service: string | undefined): EndpointSlice[] =>
  reader.list(SLICES, namespace).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service);

const servesMetrics = (reader: View, { endpoints }: EndpointSlice): boolean =>
  (endpoints ?? []).some(({ targetRef, conditions }) => {
    if (targetRef?.kind !== 'Pod' || conditions?.ready === false) return false;
    const pod = reader.get('pods', targetRef.namespace, targetRef.name ?? '');
    return pod !== undefined && isMetricsServer(pod);
  });

const hasEndpoint = ({ ports, endpoints }: EndpointSlice, portName: string): boolean =>
  (ports ?? []).some((port) => (port.name ?? '') === portName) &&
  (endpoints ?? []).some(({ addresses, conditions }) => addresses.length > 0 && conditions?.ready !== false);
