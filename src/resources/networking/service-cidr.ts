/** ServiceCIDRs. Source: k8s.io/kubernetes/pkg/apis/networking. */

import type { Strategy } from '../../catalog/strategy.ts';
import { type FieldError, immutable, invalid, required } from '../../objects/field-error.ts';
import type { ServiceCIDR } from '../../objects/generated/networking-v1.gen.ts';
import { parseCIDR, validateCIDR } from '../../objects/ip.ts';

function validateServiceCIDR(o: ServiceCIDR): FieldError[] {
  const cidrs: string[] = o.spec?.cidrs ?? [];
  const field = 'spec.cidrs';
  if (cidrs.length === 0) return [required(field, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(field, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, i) => validateCIDR(`${field}[${i}]`, cidr));
  const [first, second] = cidrs.map((cidr) => parseCIDR(cidr)?.address.family);
  if (cidrs.length === 2 && first !== undefined && first === second)
    errors.push(
      invalid(field, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'),
    );
  return errors;
}

export const serviceCIDR: Strategy<ServiceCIDR> = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  validate: validateServiceCIDR,
  validateUpdate: (o, old) => {
    const now: string[] = o.spec?.cidrs ?? [];
    const before: string[] = old.spec?.cidrs ?? [];
    const changed = (i: number): FieldError[] => (now[i] === before[i] ? [] : [immutable(`spec.cidrs[${i}]`, now[i])]);
    if (now.length === before.length) return now.flatMap((_, i) => changed(i));
    if (before.length === 1 && now.length === 2) return [...changed(0), ...validateServiceCIDR(o)];
    return [immutable('spec.cidrs', o.spec?.cidrs ?? null)];
  },
};
