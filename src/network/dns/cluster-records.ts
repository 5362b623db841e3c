/**
 * What a cluster's own zone has: Services, their endpoints and pods by address, as CoreDNS' plugin `kubernetes` finds them.
 * Models plugin/kubernetes/kubernetes.go and parse.go.
 */
import type { Service } from '../../objects/generated/core-v1.gen.ts';
import type { Endpoint } from '../../objects/generated/discovery-v1.gen.ts';
import type { View } from '../../objects/object.ts';
import { type PacketAddress, packetAddress } from '../packet/packet.ts';
import { clusterIPsOf, isReady, SERVICE_NAME_LABEL, SLICES, slicesOf } from '../service-slices.ts';
import { labelsOf } from './message.ts';

/** Something that a name stands for. */
export interface Found {
  /** An address, or the name of somebody else. */
  host: PacketAddress | string;
  port: number;
  /** The name that is its own: of SRV records it is the target. */
  name: string;
}

const KUBE_DNS = 'kube-dns';

/** `pods` of the Corefile: whether names of addresses are answered, and whether there must be such a pod. */
export type PodMode = 'disabled' | 'insecure' | 'verified';

export interface ZoneSettings {
  /** `cluster.local.`. */
  zone: string;
  pods: PodMode;
  /** Whether pods without a host name are named by their own name rather than by their address. */
  endpointPodNames: boolean;
}

interface Parts {
  kind?: 'svc' | 'pod';
  namespace: string;
  service: string;
  endpoint: string;
  port: string;
  protocol: string;
}

/** `[ENDPOINT|_PORT._PROTOCOL].SERVICE.NAMESPACE.svc`, from its end. Undefined: no such name can be. */
function parse(name: string, zone: string): Parts | undefined {
  const labels = name === zone ? [] : labelsOf(name).slice(0, -labelsOf(zone).length);
  const parts: Parts = { namespace: '', service: '', endpoint: '', port: '', protocol: '' };
  const kind = labels.pop();
  if (kind === undefined) return parts;
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const [namespace = '', service = '', ...rest] = labels.reverse();
  const [first = '', second = ''] = rest;
  if (rest.length > 2) return undefined;
  const bare = (label: string): string => label.replace(/^_/, '');
  const of = { ...parts, kind, namespace, service } as const;
  return rest.length === 2 ? { ...of, protocol: bare(first), port: bare(second) } : { ...of, endpoint: first };
}

/** All that a name stands for; empty for a name that is there with nothing of its own; undefined for one that is not. */
export function findRecords(view: View, name: string, settings: ZoneSettings): Found[] | undefined {
  const { zone } = settings;
  if (name === `ns.dns.${zone}`) return nameServers(view, zone);
  const parts = parse(name, zone);
  if (!parts) return undefined;
  if (!parts.kind) return [];
  if (!view.get('namespaces', undefined, parts.namespace)) return undefined;
  if (!parts.service) return [];
  return parts.kind === 'pod' ? findPod(view, parts, settings) : findService(view, parts, settings);
}

function nameServers(view: View, zone: string): Found[] | undefined {
  const service = view.get('services', 'kube-system', KUBE_DNS);
  const name = service ? `${KUBE_DNS}.kube-system.svc.${zone}` : `ns.dns.${zone}`;
  return service ? clusterIPsOf(service).map((host) => ({ host, port: 53, name })) : [];
}

function findPod(view: View, { namespace, service }: Parts, { pods, zone }: ZoneSettings): Found[] | undefined {
  if (pods === 'disabled') return undefined;
  const isV4 = service.split('-').length === 4 && !service.includes('--');
  const host = packetAddress(service.replaceAll('-', isV4 ? '.' : ':'));
  if (!host) return undefined;
  const isThere = (): boolean =>
    view.list('pods', namespace).some(({ status }) => status?.podIPs?.some(({ ip }) => ip === host.text));
  return pods === 'insecure' || isThere()
    ? [{ host, port: 0, name: `${service}.${namespace}.pod.${zone}` }]
    : undefined;
}

const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';

function findService(view: View, parts: Parts, settings: ZoneSettings): Found[] | undefined {
  const service = view.get('services', parts.namespace, parts.service);
  if (!service) return undefined;
  const { spec } = service;
  const name = `${parts.service}.${parts.namespace}.svc.${settings.zone}`;
  if (spec?.type === 'ExternalName')
    return parts.endpoint || !spec.externalName ? undefined : [{ host: spec.externalName, port: 0, name }];
  const found =
    isHeadless(service) || parts.endpoint
      ? findEndpoints(view, parts, settings, name)
      : (spec?.ports ?? [])
          .filter((port) => isPort(parts, port.name ?? '', port.protocol ?? 'TCP'))
          .flatMap(({ port }) => clusterIPsOf(service).map((host) => ({ host, port, name })));
  return found.length > 0 ? found : undefined;
}

const isPort = (asked: Parts, name: string, protocol: string): boolean =>
  (asked.port === '' || asked.port === name.toLowerCase()) &&
  (asked.protocol === '' || asked.protocol === protocol.toLowerCase());

function findEndpoints(view: View, parts: Parts, settings: ZoneSettings, service: string): Found[] {
  return slicesOf(view, parts.namespace, parts.service).flatMap((slice) =>
    (slice.endpoints ?? []).filter(isReady).flatMap((endpoint) =>
      endpoint.addresses.flatMap((address) => {
        const own = endpointLabel(endpoint, address, settings);
        if (parts.endpoint && parts.endpoint !== own.toLowerCase()) return [];
        const host = packetAddress(address);
        // A Service without ports has its endpoints all the same.
        const ports = slice.ports?.length ? slice.ports : [{ name: '', port: -1, protocol: '' }];
        return ports
          .filter((port) => isPort(parts, port.name ?? '', port.protocol ?? 'TCP'))
          .flatMap(({ port }) => (host ? [{ host, port: port ?? -1, name: `${own}.${service}` }] : []));
      }),
    ),
  );
}

/** Its host name, or its address with dashes. */
function endpointLabel({ hostname, targetRef }: Endpoint, address: string, settings: ZoneSettings): string {
  if (hostname) return hostname;
  if (settings.endpointPodNames && targetRef?.name) return targetRef.name;
  return address.replace(/[.:]/g, '-');
}

/** The names that an address has: that of its Service, or those of the endpoints that have it. */
export function namesOf(view: View, address: PacketAddress, settings: ZoneSettings): string[] {
  const { zone } = settings;
  const service = view
    .list('services')
    .find((s) => clusterIPsOf(s).some((ip) => ip.family === address.family && ip.value === address.value));
  if (service) return [`${service.metadata.name}.${service.metadata.namespace}.svc.${zone}`];
  const names = view.list(SLICES).flatMap((slice) => {
    const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (!name) return [];
    return (slice.endpoints ?? [])
      .filter(
        (endpoint) =>
          isReady(endpoint) && endpoint.addresses.some((text) => packetAddress(text)?.text === address.text),
      )
      .map(
        (endpoint) =>
          `${endpointLabel(endpoint, address.text, settings)}.${name}.${slice.metadata.namespace}.svc.${zone}`,
      );
  });
  return [...new Set(names)];
}
