/** Which of a service port's endpoints which kind of traffic may reach: policies, topology hints and terminating fallbacks. */
import type { Endpoint } from './endpoints.ts';
import type { ServicePort } from './services.ts';

export interface Categories {
  cluster: Endpoint[];
  local: Endpoint[];
  /** All that some rule can lead to. */
  reachable: Endpoint[];
  hasEndpoints: boolean;
  hasInternal: boolean;
  hasExternal: boolean;
}

export interface NodeTopology {
  name: string;
  zone?: string;
}

type Mode = 'none' | 'SameNode' | 'SameZone';

export function categorize(service: ServicePort, endpoints: Endpoint[], node: NodeTopology): Categories {
  const mode = topologyMode(endpoints, node);
  const usable = (e: Endpoint): boolean => e.ready || (e.serving && e.terminating);
  const cluster = service.usesCluster
    ? readyOrTerminating(
        endpoints.filter((e) => e.ready && allowed(e, mode, node)),
        endpoints,
      )
    : [];
  const localOnes = endpoints.filter((e) => e.local);
  const local = service.usesLocal
    ? readyOrTerminating(
        localOnes.filter((e) => e.ready),
        localOnes,
      )
    : [];
  const hasEndpoints = cluster.length > 0 || (service.usesLocal && endpoints.some(usable));
  return {
    cluster,
    local,
    reachable: reachable(service, cluster, local, mode),
    hasEndpoints,
    hasInternal: hasEndpoints && !(service.internalPolicyLocal && local.length === 0),
    hasExternal: hasEndpoints && !(service.externalPolicyLocal && local.length === 0),
  };
}

/** Terminating endpoints that still serve take over only when no ready one is left. */
const readyOrTerminating = (ready: Endpoint[], all: Endpoint[]): Endpoint[] =>
  ready.length > 0 ? ready : all.filter((e) => !e.ready && e.serving && e.terminating);

/** Hints count only when every ready endpoint has them and one names this node or zone. */
function topologyMode(endpoints: Endpoint[], node: NodeTopology): Mode {
  const ready = endpoints.filter((e) => e.ready);
  if (ready.length === 0) return 'none';
  if (ready.every((e) => e.nodeHints.length > 0) && ready.some((e) => e.nodeHints.includes(node.name)))
    return 'SameNode';
  const zone = node.zone;
  if (zone && ready.every((e) => e.zoneHints.length > 0) && ready.some((e) => e.zoneHints.includes(zone)))
    return 'SameZone';
  return 'none';
}

function allowed(endpoint: Endpoint, mode: Mode, node: NodeTopology): boolean {
  if (mode === 'SameNode') return endpoint.nodeHints.includes(node.name);
  if (mode === 'SameZone') return endpoint.zoneHints.includes(node.zone ?? '');
  return true;
}

function reachable(service: ServicePort, cluster: Endpoint[], local: Endpoint[], mode: Mode): Endpoint[] {
  if (!service.usesLocal) return cluster;
  if (!service.usesCluster) return local;
  if (mode === 'none' && (local.length === 0 || local[0]?.ready)) return cluster;
  const seen = new Set(cluster.map((e) => e.text));
  return [...cluster, ...local.filter((e) => !seen.has(e.text))];
}
