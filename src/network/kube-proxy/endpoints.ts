/** The endpoints of each service port, as the slices of one address family give them. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { SERVICE_NAME_LABEL } from '../service-slices.ts';
import { canonicalIP, type IPFamily } from './addresses.ts';
import type { EndpointLike, EndpointSliceLike } from './input.ts';

export interface Endpoint {
  ip: string;
  port: number;
  /** `ip:port`, or `[ip]:port`: the key, and what endpoints are sorted by. */
  text: string;
  ready: boolean;
  serving: boolean;
  terminating: boolean;
  local: boolean;
  zoneHints: string[];
  nodeHints: string[];
}

/** Its address is read, and its chain's name is a hash: about what so many characters of rules take. */
const STEPS_OF_AN_ENDPOINT = 100;

/** By `namespace/service/port name/protocol`; each list in byte order of its texts. */
export function endpointsByPort(
  slices: EndpointSliceLike[],
  family: IPFamily,
  nodeName: string,
  work: WorkBudget,
): Map<string, Endpoint[]> {
  const found = new Map<string, Map<string, Endpoint>>();
  for (const slice of slices) {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (!service || slice.addressType !== family) continue;
    for (const port of slice.ports ?? []) {
      work.spend(service.length + (slice.metadata.namespace?.length ?? 0));
      if (!port.port) continue;
      const key = `${slice.metadata.namespace ?? 'default'}/${service}/${port.name ?? ''}/${port.protocol ?? 'TCP'}`;
      let endpoints = found.get(key);
      if (!endpoints) {
        endpoints = new Map();
        found.set(key, endpoints);
      }
      for (const entry of slice.endpoints ?? []) {
        work.spend(STEPS_OF_AN_ENDPOINT + (entry.hints?.forZones?.length ?? 0) + (entry.hints?.forNodes?.length ?? 0));
        const endpoint = toEndpoint(entry, port.port, family, nodeName);
        if (endpoint && !(endpoint.terminating && endpoints.has(endpoint.text))) endpoints.set(endpoint.text, endpoint);
      }
    }
  }
  const sorted = new Map<string, Endpoint[]>();
  for (const [key, endpoints] of found) {
    sorted.set(
      key,
      [...endpoints.values()].sort((a, b) => (a.text < b.text ? -1 : 1)),
    );
  }
  return sorted;
}

const nameOf = ({ name = '' }: { name?: string | undefined }): string => name;

function toEndpoint(entry: EndpointLike, port: number, family: IPFamily, nodeName: string): Endpoint | undefined {
  const ip = canonicalIP(entry.addresses?.[0], family);
  if (!ip) return undefined;
  const ready = entry.conditions?.ready ?? true;
  return {
    ip,
    port,
    text: family === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`,
    ready,
    serving: entry.conditions?.serving ?? true,
    terminating: entry.conditions?.terminating ?? false,
    local: entry.nodeName === nodeName,
    zoneHints: (entry.hints?.forZones ?? []).map(nameOf),
    nodeHints: (entry.hints?.forNodes ?? []).map(nameOf),
  };
}
