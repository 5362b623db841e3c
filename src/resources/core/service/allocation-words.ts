/** What the giving of addresses and of ports share: what a Service needs, what others have, how one is refused. */

import type { StageContext } from '../../../catalog/strategy.ts';
import type { FieldError } from '../../../objects/field-error.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { parseIP } from '../../../objects/ip.ts';
import { invalid as invalidObject, type StatusError } from '../../../objects/status.ts';

export const refuse = (service: Service, errors: FieldError[]): StatusError =>
  invalidObject('', 'Service', service.metadata.name ?? '', errors);

export const familyOf = (ip: string): string => (parseIP(ip)?.family === 6 ? 'IPv6' : 'IPv4');

/** Services other than this one. */
export function others(service: Service, context: StageContext): Service[] {
  return context.view
    .list('services')
    .filter((s) => s.metadata.name !== service.metadata.name || s.metadata.namespace !== context.namespace);
}

export function rangeOf(family: string, context: StageContext): string {
  return (
    context.serviceCIDR.split(',').find((range) => familyOf(range.split('/')[0] ?? '') === family) ??
    context.serviceCIDR
  );
}

export const needsClusterIP = (spec: Service['spec']): boolean => spec.type !== 'ExternalName';

export const needsNodePorts = (spec: Service['spec']): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
