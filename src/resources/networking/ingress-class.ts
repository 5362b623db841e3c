/** IngressClasses. Source: k8s.io/kubernetes/pkg/apis/networking. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { validateDomainPrefixedPath } from '../../objects/domain-names.ts';
import { checked, dns1123Label, dns1123Subdomain, isSet, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, forbidden, notSupported, required, tooLong } from '../../objects/field-error.ts';
import type { IngressClass, IngressClassParametersReference } from '../../objects/generated/networking-v1.gen.ts';
import { byteLength, isPathSegmentName } from '../../objects/names.ts';

export const CONTROLLER_MAX_BYTES = 250;

function validateIngressClass(o: IngressClass): FieldError[] {
  const found = new Findings();
  const controller: string = o.spec?.controller ?? '';
  if (byteLength(controller) > CONTROLLER_MAX_BYTES) found.add(tooLong('spec.controller', CONTROLLER_MAX_BYTES));
  found.add(...validateDomainPrefixedPath('spec.controller', controller));
  const p = o.spec?.parameters;
  if (p) validateParameters(p, 'spec.parameters', found);
  return found.all();
}

function validateParameters(p: IngressClassParametersReference, field: string, found: Findings): void {
  if (isSet(p.apiGroup)) found.add(...dns1123Subdomain(p.apiGroup, `${field}.apiGroup`));
  for (const part of ['kind', 'name'] as const)
    if (found.has(p[part], `${field}.${part}`))
      found.add(...checked(isPathSegmentName(p[part]), `${field}.${part}`, p[part]));
  if (!isSet(p.scope)) found.add(required(`${field}.scope`));
  else if (p.scope === 'Namespace') {
    if (!isSet(p.namespace)) found.add(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else found.add(...dns1123Label(p.namespace, `${field}.namespace`));
  } else if (p.scope === 'Cluster') {
    if (isSet(p.namespace)) found.add(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  } else found.add(notSupported(`${field}.scope`, p.scope, ['Cluster', 'Namespace']));
}

export const ingressClass: Strategy<IngressClass> = {
  hasGeneration: true,
  defaults: (o) => {
    if (o.spec?.parameters) o.spec.parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: (o, old) => [
    ...unchanged(o.spec?.controller, old.spec?.controller, 'spec.controller', o.spec?.controller ?? ''),
    ...validateIngressClass(o),
  ],
};
