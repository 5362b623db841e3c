/** Validation of a Service's own addresses. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { isSet } from '../../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, notSupported, required } from '../../../objects/field-error.ts';
import type { Service } from '../../../objects/generated/core-v1.gen.ts';
import { parseIP, validateIPForLegacyField } from '../../../objects/ip.ts';
import { repeats } from '../../../objects/repeats.ts';

export const isHeadless = (service: Service): boolean =>
  service.spec.clusterIPs?.length === 1 && service.spec.clusterIPs[0] === 'None';

const isIPv6 = (ip: string): boolean => parseIP(ip)?.family === 6;

/** Also run before addresses are allocated. */
export function validateClusterIPs(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service;
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const ips: string[] = spec.clusterIPs ?? [];
  const families: string[] = spec.ipFamilies ?? [];
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(required('spec.clusterIPs'));
    else if (ips[0] !== spec.clusterIP)
      errors.push(invalid('spec.clusterIPs', ips, 'first value must match `clusterIP`'));
  } else if (ips.length > 0)
    errors.push(invalid('spec.clusterIPs', ips, 'must be empty when `clusterIP` is not specified'));
  const again = repeats(families);
  for (const [i, family] of families.entries()) {
    if (family !== 'IPv4' && family !== 'IPv6')
      errors.push(notSupported(`spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6']));
    if (again[i]) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  if (isSet(spec.ipFamilyPolicy) && !policies.includes(spec.ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, policies));
  let bad = false;
  for (const [i, ip] of ips.entries()) {
    if (i === 0 && ip === 'None') {
      if (ips.length > 1) {
        bad = true;
        errors.push(invalid('spec.clusterIPs', ips, "'None' must be the first and only value"));
      }
      continue;
    }
    const wrong = validateIPForLegacyField(`spec.clusterIPs[${i}]`, ip, old?.spec.clusterIPs ?? []);
    bad ||= wrong.length > 0;
    errors.push(...wrong);
  }
  if (ips.length > 2) errors.push(invalid('spec.clusterIPs', ips, 'may only hold up to 2 values'));
  if (bad) return errors;
  if (ips.length > 1 && !(ips.some(isIPv6) && ips.some((ip) => !isIPv6(ip))))
    errors.push(invalid('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'));
  if (isHeadless(service)) return errors;
  for (const [i, ip] of ips.entries()) {
    const family = families[i];
    if (family === undefined) break;
    if (isIPv6(ip) !== (family === 'IPv6'))
      errors.push(
        invalid(`spec.clusterIPs[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``),
      );
  }
  return errors;
}

const ONCE = 'may not change once set';

export function keptClusterIPs(service: Service, old: Service): FieldError[] {
  if (isHeadless(old) && isHeadless(service)) return [];
  const now: string[] = service.spec.clusterIPs ?? [];
  const before: string[] = old.spec.clusterIPs ?? [];
  const errors: FieldError[] = [];
  const wrong = (i: number, words: string): void => void errors.push(invalid(`spec.clusterIPs[${i}]`, now, words));
  if (before.length === now.length) {
    for (const [i, ip] of before.entries()) if (ip !== now[i]) wrong(i, ONCE);
  } else if (before.length > now.length) {
    if (now.length === 0) wrong(0, 'primary clusterIP can not be unset');
    else if (now[0] !== before[0]) wrong(0, ONCE);
    if (now.length === 1 && service.spec.ipFamilyPolicy !== 'SingleStack')
      errors.push(
        invalid(
          'spec.ipFamilyPolicy',
          service.spec.ipFamilyPolicy ?? null,
          "must be set to 'SingleStack' when releasing the secondary clusterIP",
        ),
      );
  } else if (before.length > 0 && now[0] !== before[0]) wrong(0, ONCE);
  return errors;
}

export function keptFamilies(service: Service, old: Service): FieldError[] {
  if (isHeadless(old) || isHeadless(service)) return [];
  const now: string[] = service.spec.ipFamilies ?? [];
  const before: string[] = old.spec.ipFamilies ?? [];
  const errors: FieldError[] = [];
  const wrong = (value: unknown, words: string): void => void errors.push(invalid('spec.ipFamilies[0]', value, words));
  if (before.length === now.length) {
    for (const [i, family] of before.entries()) if (family !== now[i]) wrong(now, ONCE);
  } else if (now.length > 0 && before.length > 0 && now[0] !== before[0]) wrong(service.spec.clusterIPs, ONCE);
  return errors;
}
