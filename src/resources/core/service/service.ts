/** Services. Source: k8s.io/kubernetes/pkg/registry/core/service and pkg/apis/core/v1/defaults.go. */

import type { StageContext, Strategy } from '../../../catalog/strategy.ts';
import { sameData } from '../../../objects/equality.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { warningsForCIDR, warningsForIP } from '../../../objects/ip.ts';
import { SERVICE_CIDRS } from '../../networking/service-ranges.ts';
import { allocate } from './allocation.ts';
import {
  isExternallyAccessible,
  needsHealthCheck,
  validateService,
  validateServiceStatus,
  validateServiceUpdate,
} from './validation.ts';

const AFFINITY_SECONDS = 10800;

function defaults(service: Service): void {
  service.spec ??= {};
  const { spec } = service;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (!port.targetPort) port.targetPort = port.port ?? 0;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type)) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

function admit(service: Service, old: Service | undefined, context: StageContext): void {
  if (context.subresource) return;
  allocate(service, old, context);
}

const hasNodePorts = (spec: Service['spec']): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** What a change of type makes meaningless goes, unless the client has changed that too. */
function dropTypeDependent(service: Service, old: Service): void {
  const { spec } = service;
  const before = old.spec;
  const drop = (...keys: (keyof Service['spec'])[]): void => {
    for (const key of keys) delete spec[key];
  };
  if (before.type !== 'ExternalName' && spec.type === 'ExternalName') {
    if (sameData(before.clusterIP, spec.clusterIP) && sameData(before.clusterIPs, spec.clusterIPs))
      drop('clusterIP', 'clusterIPs');
    if (sameData(before.ipFamilies, spec.ipFamilies)) drop('ipFamilies');
    if (before.ipFamilyPolicy === spec.ipFamilyPolicy) drop('ipFamilyPolicy');
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const had = new Set((before.ports ?? []).map((p) => p.nodePort));
    const ports = spec.ports ?? [];
    if (ports.every((p) => !p.nodePort || had.has(p.nodePort))) for (const port of ports) delete port.nodePort;
  }
  if (needsHealthCheck(before) && !needsHealthCheck(spec) && before.healthCheckNodePort === spec.healthCheckNodePort)
    drop('healthCheckNodePort');
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (before.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts)
      drop('allocateLoadBalancerNodePorts');
    if (before.loadBalancerClass === spec.loadBalancerClass) drop('loadBalancerClass');
  }
  if (
    isExternallyAccessible(before) &&
    !isExternallyAccessible(spec) &&
    before.externalTrafficPolicy === spec.externalTrafficPolicy
  )
    drop('externalTrafficPolicy');
  if (spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
}

/** As it is shown, and kept: an ExternalName has no inner traffic. */
function settle(service: Service): void {
  if (service.spec.type === 'ExternalName') delete service.spec.internalTrafficPolicy;
}

function warnings(service: Service): string[] {
  const { spec, metadata } = service;
  const texts: string[] = [];
  if (metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined)
    texts.push(
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    );
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None';
  if (spec.clusterIP && spec.clusterIP !== 'None')
    for (const [i, ip] of (spec.clusterIPs ?? []).entries()) texts.push(...warningsForIP(`spec.clusterIPs[${i}]`, ip));
  const externalIPs: string[] = spec.externalIPs ?? [];
  if (headless) {
    if (spec.loadBalancerIP) texts.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) texts.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') texts.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [i, ip] of externalIPs.entries()) texts.push(...warningsForIP(`spec.externalIPs[${i}]`, ip));
  if (externalIPs.length > 0 && !headless && spec.type !== 'ExternalName')
    texts.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (spec.loadBalancerIP) texts.push(...warningsForIP('spec.loadBalancerIP', spec.loadBalancerIP));
  for (const [i, range] of (spec.loadBalancerSourceRanges ?? []).entries())
    texts.push(...warningsForCIDR(`spec.loadBalancerSourceRanges[${i}]`, range));
  if (spec.type === 'ExternalName' && externalIPs.length > 0)
    texts.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== 'ExternalName' && spec.externalName)
    texts.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose')
    texts.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return texts;
}

export const services: Strategy<Service> = {
  defaults,
  reads: (_object, operation) =>
    operation === 'delete' ? [] : [{ resource: 'services' }, { resource: SERVICE_CIDRS }],
  admit,
  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    settle(service);
  },
  prepareForUpdate(service, old, context) {
    if (context.subresource) return;
    dropTypeDependent(service, old);
    settle(service);
  },
  validate: (service) => validateService(service),
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings,
  nameRule: 'dns1123Label',
  allowCreateOnUpdate: true,
  hasGeneration: false,
  selectableFields: ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
};
