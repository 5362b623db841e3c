/** EndpointSlice. Source: k8s.io/kubernetes/pkg/apis/discovery. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { validateFullyQualifiedDomainName } from '../../objects/domain-names.ts';
import { sameData } from '../../objects/equality.ts';
import { checked, dns1123Label, dns1123Subdomain, isSet, qualifiedName } from '../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  immutable,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../objects/field-error.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../../objects/generated/discovery-v1.gen.ts';
import { countContentChange } from '../../objects/generation.ts';
import { parseIP, validateEndpointIP, validateIP, validateIPForLegacyField, warningsForIP } from '../../objects/ip.ts';
import { isLabelValue } from '../../objects/names.ts';
import { validateLabels } from '../../objects/selector-validation.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
export const ADDRESSES_MAX = 100;
export const PORTS_MAX = 20_000;
export const ENDPOINTS_MAX = 1000;
export const TOPOLOGY_MAX = 16;
export const HINTS_MAX = 8;

function validatePorts(ports: EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany('ports', ports.length, PORTS_MAX)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const at = `ports[${i}]`;
    const name = port.name ?? '';
    if (name) errors.push(...dns1123Label(name, `${at}.name`));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (!isSet(port.protocol)) errors.push(required(`${at}.protocol`));
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS));
    if (isSet(port.appProtocol)) errors.push(...qualifiedName(port.appProtocol, `${at}.appProtocol`));
  }
  return errors;
}

function validateAddress(type: string, address: string, field: string, list: string): FieldError[] {
  if (type === 'FQDN') return validateFullyQualifiedDomainName(field, address);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors = type === 'IPv4' ? validateIPForLegacyField(field, address) : validateIP(field, address);
  if (errors.length > 0) return errors;
  if (parseIP(address)?.family !== (type === 'IPv4' ? 4 : 6))
    errors.push(invalid(list, address, `must be an ${type} address`));
  errors.push(...validateEndpointIP(field, address));
  return errors;
}

function validateEndpoints(endpoints: Endpoint[], type: string, found: Findings): void {
  if (endpoints.length > ENDPOINTS_MAX) {
    found.add(tooMany('endpoints', endpoints.length, ENDPOINTS_MAX));
    return;
  }
  for (const [i, endpoint] of endpoints.entries()) {
    const at = `endpoints[${i}]`;
    const addresses: string[] = endpoint.addresses ?? [];
    if (addresses.length === 0) found.declare(required(`${at}.addresses`));
    else if (addresses.length > ADDRESSES_MAX)
      found.declare(tooMany(`${at}.addresses`, addresses.length, ADDRESSES_MAX));
    for (const [j, address] of addresses.entries())
      found.add(...validateAddress(type, address, `${at}.addresses[${j}]`, `${at}.addresses`));
    if (isSet(endpoint.nodeName)) found.add(...dns1123Subdomain(endpoint.nodeName, `${at}.nodeName`));
    const topology = endpoint.deprecatedTopology ?? {};
    const labels = Object.keys(topology).length;
    if (labels > TOPOLOGY_MAX) found.add(tooMany(`${at}.deprecatedTopology`, labels, TOPOLOGY_MAX));
    found.add(...validateLabels(topology, `${at}.deprecatedTopology`));
    if (isSet(endpoint.hostname)) found.add(...dns1123Label(endpoint.hostname, `${at}.hostname`));
    if (endpoint.hints) found.add(...validateHints(endpoint.hints, `${at}.hints`));
  }
}

function validateHints(hints: EndpointHints, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const part of ['forZones', 'forNodes'] as const) {
    const all: { name: string }[] = hints[part] ?? [];
    if (all.length > HINTS_MAX) return [...errors, tooMany(`${field}.${part}`, all.length, HINTS_MAX)];
    const names = new Set<string>();
    for (const [i, { name = '' }] of all.entries()) {
      const at = `${field}.${part}[${i}].name`;
      if (names.has(name)) errors.push(duplicate(at, name));
      names.add(name);
      errors.push(...(part === 'forZones' ? checked(isLabelValue(name), at, name) : dns1123Subdomain(name, at)));
    }
  }
  return errors;
}

function validateSlice(o: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const found = new Findings();
  const type: string = o.addressType ?? '';
  const changed = old !== undefined && type !== old.addressType;
  const isKnown = ADDRESS_TYPES.includes(type);
  if (changed && type && !isKnown) found.add(notSupported('addressType', type, ADDRESS_TYPES));
  found.add(...validatePorts(o.ports ?? []));
  if (found.has(type, 'addressType') && !changed && !isKnown)
    found.declare(notSupported('addressType', type, ADDRESS_TYPES));
  if (changed) found.declare(immutable('addressType', null));
  // Old servers accepted endpoints that are not valid now: what is unchanged is let through.
  if (!old || !sameData(o.endpoints, old.endpoints)) validateEndpoints(o.endpoints ?? [], type, found);
  return found.all();
}

const OURS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

export const endpointSlice: Strategy<EndpointSlice> = {
  hasGeneration: true,
  defaults: (o) => {
    o.endpoints ??= null;
    o.ports ??= null;
    for (const port of o.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate: (o) => dropTopology(o),
  prepareForUpdate: (o, old) => {
    countContentChange(o, old);
    if (!sameData(o.metadata.labels, old.metadata.labels)) o.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (!sameData(o.endpoints, old.endpoints)) dropTopology(o);
  },
  validate: (o) => validateSlice(o),
  validateUpdate: (o, old) => validateSlice(o, old),
  warnings: (o, old) => {
    const warnings = !old && o.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
    if (OURS.includes(o.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return warnings;
    for (const [i, endpoint] of (o.endpoints ?? []).entries())
      for (const [j, address] of (endpoint.addresses ?? []).entries())
        warnings.push(...warningsForIP(`endpoints[${i}].addresses[${j}]`, address));
    return warnings;
  },
};

/** A field that v1 only reads. */
function dropTopology(o: EndpointSlice): void {
  for (const endpoint of o.endpoints ?? []) delete endpoint.deprecatedTopology;
}
