/** Which families of addresses a Service gets, by what it asks and what the cluster has. */

import type { StageContext } from '../../../catalog/strategy.ts';
import { type FieldError, invalid } from '../../../objects/field-error.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { validateClusterIPs } from './addresses.ts';
import { familyOf, needsClusterIP, refuse } from './allocation-words.ts';

/** The families that the cluster's ranges have, the default first. */
function configuredFamilies(context: StageContext): string[] {
  return context.serviceCIDR.split(',').map((range) => familyOf(range.split('/')[0] ?? ''));
}

export function settleFamilies(service: Service, old: Service | undefined, context: StageContext): void {
  const { spec } = service;
  if (!needsClusterIP(spec)) return;
  const configured = configuredFamilies(context);
  const selectorless = spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (selectorless ? 'RequireDualStack' : 'SingleStack');
  const wrong = validateClusterIPs(service, old);
  if (wrong.length > 0) throw refuse(service, wrong);
  const single = spec.ipFamilyPolicy === 'SingleStack';
  const errors: FieldError[] = [];
  const ips: string[] = spec.clusterIPs ?? [];
  if (single && ips.length === 2)
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
      ),
    );
  if (single && spec.ipFamilies?.length === 2)
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ),
    );
  for (const [i, ip] of ips.entries()) {
    if (ip === 'None') break;
    if (i < (spec.ipFamilies?.length ?? 0)) continue;
    const family = familyOf(ip);
    if (configured.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else errors.push(invalid(`spec.clusterIPs[${i}]`, ips, `${family} is not configured on this cluster`));
  }
  if (errors.length > 0) throw refuse(service, errors);
  const other = (family: string): string => (family === 'IPv4' ? 'IPv6' : 'IPv4');
  if (selectorless) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
    if (spec.ipFamilies.length < 2 && !single) spec.ipFamilies = [spec.ipFamilies[0]!, other(spec.ipFamilies[0]!)];
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2)
    errors.push(
      invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
    );
  for (const [i, family] of (spec.ipFamilies ?? []).entries())
    if (!configured.includes(family))
      errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  if (errors.length > 0) throw refuse(service, errors);
  if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
  if (!single && spec.ipFamilies.length === 1 && configured.length === 2)
    spec.ipFamilies = [spec.ipFamilies[0]!, other(spec.ipFamilies[0]!)];
}
