/** Validation of Services. Source: k8s.io/kubernetes/pkg/apis/core/validation, validateService. */

import {
  checked,
  dns1123Label,
  dns1123Subdomain,
  isSet,
  portNumberOrName,
  qualifiedName,
} from '../../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../objects/field-error.ts';
import type { Service, ServicePort } from '../../../objects/generated/core-v1.gen.ts';
import { goValue } from '../../../objects/go-value.ts';
import { parseIP, validateCIDRForLegacyField, validateIPForLegacyField } from '../../../objects/ip.ts';
import { isPortNumber } from '../../../objects/names.ts';
import { repeats } from '../../../objects/repeats.ts';
import { validateLabels } from '../../../objects/selector-validation.ts';
import { validateProtocol } from '../pod/containers.ts';
import { isHeadless, keptClusterIPs, keptFamilies, validateClusterIPs } from './addresses.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

const HINTS = 'service.kubernetes.io/topology-aware-hints';

const MODE = 'service.kubernetes.io/topology-mode';

export const AFFINITY_SECONDS_MAX = 86400;

const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

/** Whether traffic comes in from outside the cluster. */
export const isExternallyAccessible = (spec: Service['spec']): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);

export const needsHealthCheck = (spec: Service['spec']): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

function port(value: ServicePort, path: string, needsName: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (needsName && !value.name) errors.push(required(`${path}.name`));
  else if (value.name) {
    errors.push(...dns1123Label(value.name, `${path}.name`));
    if (names.has(value.name)) errors.push(duplicate(`${path}.name`, value.name));
    names.add(value.name);
  }
  errors.push(...checked(isPortNumber(value.port ?? 0), `${path}.port`, value.port ?? 0));
  errors.push(...validateProtocol(value.protocol, `${path}.protocol`));
  errors.push(...portNumberOrName(value.targetPort, `${path}.targetPort`));
  if (isSet(value.appProtocol)) errors.push(...qualifiedName(value.appProtocol, `${path}.appProtocol`));
  return errors;
}

function affinity(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const kinds = ['ClientIP', 'None'];
  if (!spec.sessionAffinity) errors.push(required('spec.sessionAffinity'));
  else if (!kinds.includes(spec.sessionAffinity))
    errors.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, kinds));
  const config = spec.sessionAffinityConfig;
  const path = 'spec.sessionAffinityConfig';
  if (spec.sessionAffinity === 'ClientIP') {
    const words = 'when session affinity type is ClientIP';
    if (!config) errors.push(required(path, words));
    else if (!config.clientIP) errors.push(required(`${path}.clientIP`, words));
    else {
      const seconds = config.clientIP.timeoutSeconds;
      const field = `${path}.clientIP.timeoutSeconds`;
      if (!isSet(seconds)) errors.push(required(field, words));
      else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX)
        errors.push(invalid(field, seconds, `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`));
    }
  } else if (spec.sessionAffinity === 'None' && config)
    errors.push(forbidden(path, 'must not be set when session affinity is None'));
  return errors;
}

export function validateEndpointIP(ip: string, field: string): FieldError[] {
  const address = parseIP(ip);
  if (!address) return [invalid(field, ip, 'must be a valid IP address')];
  const { family, value } = address;
  const errors: FieldError[] = [];
  const under = (prefix: bigint, bits: number): boolean => value >> BigInt((family === 4 ? 32 : 128) - bits) === prefix;
  const either = (v4: [bigint, number], v6: [bigint, number]): boolean => under(...(family === 4 ? v4 : v6));
  if (value === 0n) errors.push(invalid(field, ip, `may not be unspecified (${ip})`));
  if (either([127n, 8], [1n, 128]))
    errors.push(invalid(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  if (either([0xa9fen, 16], [0x3fan, 10]))
    errors.push(invalid(field, ip, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  if (either([0xe00000n, 24], [0xff02n, 16]))
    errors.push(invalid(field, ip, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  return errors;
}

function sourceRanges(service: Service, old: Service | undefined): FieldError[] {
  const { spec, metadata } = service;
  const errors: FieldError[] = [];
  const ranges: string[] = spec.loadBalancerSourceRanges ?? [];
  const path = 'spec.LoadBalancerSourceRanges';
  if (ranges.length > 0) {
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(path, ONLY_LOAD_BALANCER));
    const before = (old?.spec.loadBalancerSourceRanges ?? []).map((r: string) => r.trim());
    for (const [i, range] of ranges.entries())
      errors.push(...validateCIDRForLegacyField(`${path}[${i}]`, range.trim(), before));
    return errors;
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  if (annotation === undefined) return errors;
  const field = `metadata.annotations[${SOURCE_RANGES}]`;
  if (spec.type !== 'LoadBalancer') errors.push(forbidden(field, ONLY_LOAD_BALANCER));
  if (old?.metadata.annotations?.[SOURCE_RANGES] !== annotation && annotation.trim())
    for (const range of annotation.split(',')) errors.push(...validateCIDRForLegacyField(field, range.trim()));
  return errors;
}

function loadBalancerClass(service: Service, old?: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const field = 'spec.loadBalancerClass';
  const balanced = spec.type === 'LoadBalancer';
  if (old && balanced && old.spec.type === 'LoadBalancer' && old.spec.loadBalancerClass !== spec.loadBalancerClass)
    errors.push(invalid(field, spec.loadBalancerClass ?? null, 'may not change once set'));
  if (!isSet(spec.loadBalancerClass)) return errors;
  if (balanced) errors.push(...qualifiedName(spec.loadBalancerClass, field));
  else errors.push(forbidden(field, ONLY_LOAD_BALANCER));
  return errors;
}

function trafficPolicies(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const policies = ['Cluster', 'Local'];
  const external = spec.externalTrafficPolicy;
  const path = 'spec.externalTrafficPolicy';
  if (!isExternallyAccessible(spec)) {
    if (external) errors.push(invalid(path, external, 'may only be set for externally-accessible services'));
  } else if (!external) errors.push(required(path));
  else if (!policies.includes(external)) errors.push(notSupported(path, external, policies));
  const check = spec.healthCheckNodePort ?? 0;
  const checkPath = 'spec.healthCheckNodePort';
  if (!needsHealthCheck(spec)) {
    if (check !== 0)
      errors.push(
        invalid(
          checkPath,
          check,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
      );
  } else if (check === 0) errors.push(required(checkPath));
  else errors.push(...checked(isPortNumber(check), checkPath, check));
  const internal = spec.internalTrafficPolicy;
  if (!isSet(internal) && ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type ?? ''))
    errors.push(required('spec.internalTrafficPolicy'));
  if (isSet(internal) && !policies.includes(internal))
    errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (isSet(spec.trafficDistribution) && !distributions.includes(spec.trafficDistribution))
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions));
  return errors;
}

function typeRules(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  if (!spec.ports?.length && !isHeadless(service) && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(service))
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  if (spec.type !== 'ExternalName') return errors;
  const words = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.push(forbidden('spec.clusterIPs', words));
  if (spec.ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', words));
  if (isSet(spec.ipFamilyPolicy)) errors.push(forbidden('spec.ipFamilyPolicy', words));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name) errors.push(...dns1123Subdomain(name, 'spec.externalName'));
  else errors.push(required('spec.externalName'));
  return errors;
}

function portRules(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP')
    for (const [i, value] of ports.entries())
      if (value.nodePort)
        errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  const nodePortAgain = repeats(ports, (p) => `${p.protocol}/${p.nodePort}`);
  const portAgain = repeats(ports, (p) => `${p.protocol}/${p.port}`);
  for (const [i, { nodePort }] of ports.entries())
    if (nodePort && nodePortAgain[i]) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
  for (const [i, { protocol, port: number }] of ports.entries())
    if (portAgain[i])
      errors.push(duplicate(`spec.ports[${i}]`, goValue('core.ServicePort', { protocol, port: number })));
  return errors;
}

export function validateService(service: Service, old?: Service): FieldError[] {
  const { spec, metadata } = service;
  const errors: FieldError[] = [];
  const mode = metadata.annotations?.[MODE];
  const hints = metadata.annotations?.[HINTS];
  if (mode !== undefined && hints !== undefined && mode !== hints)
    errors.push(
      invalid(`metadata.annotations[${MODE}]`, mode, `must match annotations[${HINTS}] when both are specified`),
    );
  errors.push(...typeRules(service));
  const names = new Set<string>();
  const ports = spec.ports ?? [];
  for (const [i, value] of ports.entries()) errors.push(...port(value, `spec.ports[${i}]`, ports.length > 1, names));
  errors.push(...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...affinity(spec), ...validateClusterIPs(service, old));
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const path = `spec.externalIPs[${i}]`;
    const wrong = validateIPForLegacyField(path, ip, old?.spec.externalIPs ?? []);
    errors.push(...(wrong.length > 0 ? wrong : validateEndpointIP(ip, path)));
  }
  if (!spec.type) errors.push(required('spec.type'));
  else if (!TYPES.includes(spec.type)) errors.push(notSupported('spec.type', spec.type, TYPES));
  errors.push(...portRules(spec), ...sourceRanges(service, old));
  if (isSet(spec.allocateLoadBalancerNodePorts) && spec.type !== 'LoadBalancer')
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER));
  if (!isSet(spec.allocateLoadBalancerNodePorts) && spec.type === 'LoadBalancer')
    errors.push(required('allocateLoadBalancerNodePorts'));
  errors.push(...loadBalancerClass(service), ...trafficPolicies(spec));
  return errors;
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (service.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName')
    errors.push(...keptClusterIPs(service, old), ...keptFamilies(service, old));
  errors.push(...loadBalancerClass(service, old));
  if (
    needsHealthCheck(old.spec) &&
    needsHealthCheck(service.spec) &&
    service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort
  )
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return [...errors, ...validateService(service, old)];
}

export function validateServiceStatus(service: Service, old: Service): FieldError[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const path = 'status.loadBalancer.ingress';
  if (service.spec.type !== 'LoadBalancer')
    return ingress.length > 0 ? [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")] : [];
  const before = (old.status?.loadBalancer?.ingress ?? []).flatMap((i) => i.ip || []);
  const errors: FieldError[] = [];
  const modes = ['Proxy', 'VIP'];
  for (const [i, { ip, ipMode, hostname }] of ingress.entries()) {
    const field = `${path}[${i}]`;
    if (ip) errors.push(...validateIPForLegacyField(`${field}.ip`, ip, before));
    if (!isSet(ipMode)) {
      if (ip) errors.push(required(`${field}.ipMode`, 'must be specified when `ip` is set'));
    } else if (!ip) errors.push(forbidden(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (!modes.includes(ipMode)) errors.push(notSupported(`${field}.ipMode`, ipMode, modes));
    if (!hostname) continue;
    errors.push(...dns1123Subdomain(hostname, `${field}.hostname`));
    if (parseIP(hostname)) errors.push(invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
  }
  return errors;
}
