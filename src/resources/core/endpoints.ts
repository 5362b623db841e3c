/** Endpoints. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { checked, dns1123Label, dns1123Subdomain, isSet, qualifiedName } from '../../objects/field-checks.ts';
import { type FieldError, required } from '../../objects/field-error.ts';
import type { EndpointAddress, EndpointSubset, Endpoints } from '../../objects/generated/core-v1.gen.ts';
import { validateIPForLegacyField } from '../../objects/ip.ts';
import { isPortNumber } from '../../objects/names.ts';
import { validateProtocol } from './pod/containers.ts';
import { validateEndpointIP } from './service/validation.ts';

function address(value: EndpointAddress, field: string): FieldError[] {
  const errors = [...validateIPForLegacyField(`${field}.ip`, value.ip ?? '')];
  if (value.hostname) errors.push(...dns1123Label(value.hostname, `${field}.hostname`));
  if (isSet(value.nodeName)) errors.push(...dns1123Subdomain(value.nodeName, `${field}.nodeName`));
  return [...errors, ...validateEndpointIP(value.ip ?? '', `${field}.ip`)];
}

type SubsetPort = NonNullable<EndpointSubset['ports']>[number];

function port(value: SubsetPort, field: string, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (needsName && !value.name) errors.push(required(`${field}.name`));
  else if (value.name) errors.push(...dns1123Label(value.name, `${field}.name`));
  errors.push(...checked(isPortNumber(value.port ?? 0), `${field}.port`, value.port ?? 0));
  errors.push(...validateProtocol(value.protocol, `${field}.protocol`));
  if (isSet(value.appProtocol)) errors.push(...qualifiedName(value.appProtocol, `${field}.appProtocol`));
  return errors;
}

function validateEndpoints(object: Endpoints, old?: Endpoints): FieldError[] {
  if (old && sameData(object.subsets, old.subsets)) return [];
  const errors: FieldError[] = [];
  for (const [i, subset] of (object.subsets ?? []).entries()) {
    const path = `subsets[${i}]`;
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length)
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    for (const key of ['addresses', 'notReadyAddresses'] as const)
      for (const [j, value] of (subset[key] ?? []).entries()) errors.push(...address(value, `${path}.${key}[${j}]`));
    const ports = subset.ports ?? [];
    for (const [j, value] of ports.entries()) errors.push(...port(value, `${path}.ports[${j}]`, ports.length > 1));
  }
  return errors;
}

export const endpoints: Strategy<Endpoints> = {
  defaults(object) {
    for (const subset of object.subsets ?? []) for (const value of subset.ports ?? []) value.protocol ||= 'TCP';
  },
  validate: (object) => validateEndpoints(object),
  validateUpdate: validateEndpoints,
  allowCreateOnUpdate: true,
};
