/** IPAddresses. Source: k8s.io/kubernetes/pkg/apis/networking. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { checked, dns1123Subdomain, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, required } from '../../objects/field-error.ts';
import type { IPAddress } from '../../objects/generated/networking-v1.gen.ts';
import { validateIP } from '../../objects/ip.ts';
import { isPathSegmentName } from '../../objects/names.ts';

function validateIPAddress(o: IPAddress): FieldError[] {
  const found = new Findings();
  const parent = o.spec?.parentRef;
  const field = 'spec.parentRef';
  if (!parent) return [required(field)];
  if (parent.group) found.add(...dns1123Subdomain(parent.group, `${field}.group`));
  for (const part of ['resource', 'name'] as const)
    if (found.has(parent[part], `${field}.${part}`))
      found.add(...checked(isPathSegmentName(parent[part]), `${field}.${part}`, parent[part]));
  if (parent.namespace)
    found.add(...checked(isPathSegmentName(parent.namespace), `${field}.namespace`, parent.namespace));
  return found.all();
}

export const ipAddress: Strategy<IPAddress> = {
  nameRule: (name) => validateIP('', name).map((e) => e.message.replace(/^.*?: .*?: /, '')),
  validate: validateIPAddress,
  validateUpdate: (o, old) => unchanged(o.spec?.parentRef, old.spec?.parentRef, 'spec.parentRef', null),
};
