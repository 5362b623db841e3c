/** Which service ports a node programs, and what of a Service matters for one IP family. */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { addressesOf, addressText, canonicalIP, cidrsOf, formatCIDR, type IPFamily, type Prefix } from './addresses.ts';
import type { ServiceLike } from './input.ts';

export interface ServicePort {
  namespace: string;
  name: string;
  portName: string;
  /** `TCP`, `UDP` or `SCTP`. */
  protocol: string;
  clusterIP: string;
  port: number;
  /** 0: none. */
  nodePort: number;
  externalIPs: string[];
  loadBalancerVIPs: string[];
  /** Masked; empty: everybody may come. */
  sourceRanges: Prefix[];
  healthCheckNodePort: number;
  /** Seconds; 0: no session affinity. */
  affinitySeconds: number;
  internalPolicyLocal: boolean;
  externalPolicyLocal: boolean;
  externallyAccessible: boolean;
  usesCluster: boolean;
  usesLocal: boolean;
}

const DEFAULT_AFFINITY_SECONDS = 10800;
/** Reading an address takes as long as writing so many characters. */
const STEPS_OF_AN_ADDRESS = 50;

/** `namespace/name:port`, or `namespace/name` for a port without a name: how comments and names call it. */
export const servicePortText = (s: ServicePort): string =>
  s.portName ? `${s.namespace}/${s.name}:${s.portName}` : `${s.namespace}/${s.name}`;

/** One record a port; a later one with the same namespace, name, port name and protocol replaces the earlier. */
export function servicePorts(services: ServiceLike[], family: IPFamily, work: WorkBudget): ServicePort[] {
  const records = new Map<string, ServicePort>();
  for (const service of services) {
    const spec = service.spec ?? {};
    if (!spec.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') continue;
    const clusterIP = clusterIPFor(spec, family);
    if (!clusterIP) continue;
    const addresses = [spec.externalIPs, spec.loadBalancerSourceRanges, service.status?.loadBalancer?.ingress];
    const steps = STEPS_OF_AN_ADDRESS * addresses.reduce((total, list) => total + (list?.length ?? 0), 1);
    for (const port of spec.ports ?? []) {
      work.spend(steps);
      const record = servicePort(service, spec, port, clusterIP, family);
      records.set(`${record.namespace}/${record.name}/${record.portName}/${record.protocol}`, record);
    }
  }
  return [...records.values()];
}

type Spec = NonNullable<ServiceLike['spec']>;
type Port = NonNullable<Spec['ports']>[number];

function clusterIPFor(spec: Spec, family: IPFamily): string | undefined {
  if (!spec.ipFamilies?.length) return canonicalIP(spec.clusterIP, family);
  const index = spec.ipFamilies.indexOf(family);
  return index < 0 ? undefined : canonicalIP(spec.clusterIPs?.[index] ?? (index === 0 ? spec.clusterIP : ''), family);
}

function servicePort(service: ServiceLike, spec: Spec, port: Port, clusterIP: string, family: IPFamily): ServicePort {
  const ofFamily = (texts: (string | undefined)[]): string[] => addressesOf(texts, family).map(addressText);
  const externalIPs = ofFamily(spec.externalIPs ?? []);
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const loadBalancerVIPs = ofFamily(ingress.filter((i) => i.ipMode !== 'Proxy').map((i) => i.ip));
  const ranges = cidrsOf(spec.loadBalancerSourceRanges, family);
  const nodePort = port.nodePort ?? 0;
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
  const externalPolicyLocal = external && spec.externalTrafficPolicy === 'Local';
  const internalPolicyLocal = spec.internalTrafficPolicy === 'Local';
  const externallyAccessible = nodePort !== 0 || loadBalancerVIPs.length > 0 || externalIPs.length > 0;
  return {
    namespace: service.metadata.namespace ?? 'default',
    name: service.metadata.name,
    portName: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
    clusterIP,
    port: port.port!,
    nodePort,
    externalIPs,
    loadBalancerVIPs,
    sourceRanges: ranges.some((r) => r.bits === 0) ? [] : ranges,
    healthCheckNodePort: spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : 0,
    internalPolicyLocal,
    externalPolicyLocal,
    externallyAccessible,
    usesCluster: !internalPolicyLocal || externallyAccessible,
    usesLocal: internalPolicyLocal || (externalPolicyLocal && externallyAccessible),
  };
}

/** The ranges as rules print them. */
export const sourceRangeTexts = (s: ServicePort): string[] => s.sourceRanges.map(formatCIDR);
