/** NetworkPolicies. Source: k8s.io/kubernetes/pkg/apis/networking. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { checked, isSet } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../../objects/generated/networking-v1.gen.ts';
import { type Prefix, parseCIDR, validateCIDRForLegacyField, warningsForCIDR } from '../../objects/ip.ts';
import { isPortName, isPortNumber } from '../../objects/names.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** Rules of both directions with the names of their peers' fields. */
const DIRECTIONS = [
  ['ingress', 'from'],
  ['egress', 'to'],
] as const;

function validatePort(port: NetworkPolicyPort, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isSet(port.protocol) && !PROTOCOLS.includes(port.protocol))
    errors.push(notSupported(`${field}.protocol`, port.protocol, PROTOCOLS));
  const end = `${field}.endPort`;
  const hasEnd = isSet(port.endPort);
  if (!isSet(port.port)) {
    if (hasEnd) errors.push(invalid(end, port.endPort, 'may not be specified when `port` is not specified'));
  } else if (typeof port.port === 'number') {
    errors.push(...checked(isPortNumber(port.port), `${field}.port`, port.port));
    if (hasEnd && port.endPort! < port.port)
      errors.push(invalid(end, port.endPort, 'must be greater than or equal to `port`'));
    if (hasEnd) errors.push(...checked(isPortNumber(port.endPort!), end, port.endPort));
  } else {
    if (hasEnd) errors.push(invalid(end, port.endPort, 'may not be specified when `port` is non-numeric'));
    errors.push(...checked(isPortName(port.port), `${field}.port`, port.port));
  }
  return errors;
}

interface PolicyOptions {
  allowInvalidLabelValue: boolean;
  oldCIDRs: string[];
}

function validatePeer(peer: NetworkPolicyPeer, field: string, options: PolicyOptions, found: Findings): void {
  let peers = 0;
  for (const selector of ['podSelector', 'namespaceSelector'] as const) {
    if (!peer[selector]) continue;
    peers++;
    found.add(...validateLabelSelector(peer[selector], `${field}.${selector}`, options));
  }
  if (peer.ipBlock) {
    peers++;
    validateIPBlock(peer.ipBlock, `${field}.ipBlock`, options, found);
  }
  if (peers === 0) found.add(required(field, 'must specify a peer'));
  else if (peers > 1 && peer.ipBlock) found.add(forbidden(field, 'may not specify both ipBlock and another peer'));
}

function validateIPBlock(block: IPBlock, field: string, options: PolicyOptions, found: Findings): void {
  if (!found.has(block.cidr, `${field}.cidr`)) return;
  found.add(...validateCIDRForLegacyField(`${field}.cidr`, block.cidr, options.oldCIDRs));
  const whole = parseCIDR(block.cidr);
  if (!whole) return;
  for (const [i, except] of (block.except ?? []).entries()) {
    const at = `${field}.except[${i}]`;
    found.add(...validateCIDRForLegacyField(at, except, options.oldCIDRs));
    const part = parseCIDR(except);
    if (part && !isStrictSubset(part, whole)) found.add(invalid(at, except, 'must be a strict subset of `cidr`'));
  }
}

function isStrictSubset(part: Prefix, whole: Prefix): boolean {
  if (part.address.family !== whole.address.family || whole.bits >= part.bits) return false;
  const shift = BigInt((whole.address.family === 4 ? 32 : 128) - whole.bits);
  return part.network >> shift === whole.network >> shift;
}

function validatePolicy(o: NetworkPolicy, options: PolicyOptions): FieldError[] {
  const found = new Findings();
  const spec = o.spec ?? {};
  found.add(...validateLabelSelector(spec.podSelector, 'spec.podSelector', options));
  for (const [direction, peers] of DIRECTIONS)
    for (const [i, rule] of (spec[direction] ?? []).entries()) {
      const at = `spec.${direction}[${i}]`;
      for (const [j, port] of (rule.ports ?? []).entries()) found.add(...validatePort(port, `${at}.ports[${j}]`));
      for (const [j, peer] of ((rule as NetworkPolicyIngressRule & NetworkPolicyEgressRule)[peers] ?? []).entries())
        validatePeer(peer, `${at}.${peers}[${j}]`, options, found);
    }
  const types: string[] = spec.policyTypes ?? [];
  if (types.length > 2) found.add(invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  else
    for (const [i, type] of types.entries())
      if (type !== 'Ingress' && type !== 'Egress')
        found.add(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
  return found.all();
}

/** Each ipBlock of a policy with the path to it. */
function ipBlocks(o: NetworkPolicy): { field: string; block: IPBlock }[] {
  return DIRECTIONS.flatMap(([direction, peers]) =>
    (o.spec?.[direction] ?? []).flatMap((rule, i) =>
      ((rule as NetworkPolicyIngressRule & NetworkPolicyEgressRule)[peers] ?? []).flatMap((peer, j) =>
        peer.ipBlock ? [{ field: `spec.${direction}[${i}].${peers}[${j}].ipBlock`, block: peer.ipBlock }] : [],
      ),
    ),
  );
}

export const networkPolicy: Strategy<NetworkPolicy> = {
  hasGeneration: true,
  defaults: (o) => {
    const spec = o.spec ?? {};
    o.spec = spec;
    spec.podSelector ??= {};
    for (const [direction] of DIRECTIONS)
      for (const rule of spec[direction] ?? []) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: (o) => validatePolicy(o, { allowInvalidLabelValue: false, oldCIDRs: [] }),
  validateUpdate: (o, old) =>
    validatePolicy(o, {
      allowInvalidLabelValue: validateLabelSelector(old.spec?.podSelector, '').length > 0,
      oldCIDRs: ipBlocks(old).flatMap(({ block }) => [block.cidr, ...(block.except ?? [])]),
    }),
  warnings: (o) =>
    ipBlocks(o).flatMap(({ field, block }) => [
      ...warningsForCIDR(`${field}.cidr`, block.cidr),
      ...(block.except ?? []).flatMap((except, k) => warningsForCIDR(`${field}.except[${k}]`, except)),
    ]),
};
