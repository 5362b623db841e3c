/**
 * Addresses and ports that the API server gives a Service. What is taken is what other Services have: there is no allocator to keep.
 * Source: k8s.io/kubernetes/pkg/registry/core/service/storage (alloc.go, storage.go).
 */

import type { StageContext } from '../../../catalog/strategy.ts';
import { sameData } from '../../../objects/equality.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { needsClusterIP, needsNodePorts } from './allocation-words.ts';
import { allocateIPs } from './cluster-ips.ts';
import { settleFamilies } from './ip-families.ts';
import { allocatePorts } from './node-ports.ts';
import { needsHealthCheck } from './validation.ts';

/** Fills in `clusterIPs` from the older single field. */
function normalizeIPs(service: Service, old: Service | undefined): void {
  const { spec } = service;
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP!];
    return;
  }
  const before = old.spec;
  if (before.clusterIPs?.length && !spec.clusterIPs?.length && before.clusterIP === spec.clusterIP)
    spec.clusterIPs = [...before.clusterIPs];
  if ((before.clusterIP ?? '') === (spec.clusterIP ?? '')) return;
  if (!sameData(before.clusterIPs, spec.clusterIPs)) return;
  if (before.clusterIP && !spec.clusterIP) delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP!];
}

/** What the client left out of an update stays as it was given. */
function keepAllocated(service: Service, old: Service): void {
  const { spec } = service;
  const before = old.spec;
  if (needsClusterIP(before) && needsClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs?.length && before.clusterIPs?.length) spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsNodePorts(before) && needsNodePorts(spec)) {
    const ports = spec.ports ?? [];
    const used = new Set(ports.map((p) => p.nodePort).filter(Boolean));
    for (const port of ports) {
      if (port.nodePort) continue;
      const own = (before.ports ?? []).find((p) => (p.name ?? '') === (port.name ?? ''));
      if (own?.nodePort && !used.has(own.nodePort)) port.nodePort = own.nodePort;
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort;
}

/** Gives the Service its addresses and ports, before it is validated. */
export function allocate(service: Service, old: Service | undefined, context: StageContext): void {
  if (old) keepAllocated(service, old);
  normalizeIPs(service, old);
  settleFamilies(service, old, context);
  if (!old || old.spec.type === 'ExternalName') allocateIPs(service, context);
  allocatePorts(service, old, context);
}
