/** Ingresses. Source: k8s.io/kubernetes/pkg/apis/networking. */

import type { Strategy } from '../../catalog/strategy.ts';
import { checked, dns1123Subdomain, isSet } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { TypedLocalObjectReference } from '../../objects/generated/core-v1.gen.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressRule,
} from '../../objects/generated/networking-v1.gen.ts';
import { parseIP, validateIPForLegacyField, warningsForIP } from '../../objects/ip.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isPathSegmentName,
  isPortName,
  isPortNumber,
  isWildcardDNS1123Subdomain,
} from '../../objects/names.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const FORBIDDEN_IN_PATH = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_AT_END = ['/..', '/.'];

const host = (value: string, field: string): FieldError[] =>
  checked(value.includes('*') ? isWildcardDNS1123Subdomain(value) : isDNS1123Subdomain(value), field, value);

function validateIngressSpec(spec: Ingress['spec'], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const rules = spec.rules ?? [];
  if (rules.length === 0 && !spec.defaultBackend)
    errors.push(invalid(field, spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, `${field}.defaultBackend`));
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(rule, `${field}.rules[${i}]`));
  for (const [i, tls] of (spec.tls ?? []).entries()) {
    for (const [j, name] of (tls.hosts ?? []).entries()) errors.push(...host(name, `${field}.tls[${i}].hosts[${j}]`));
    if (tls.secretName) errors.push(...dns1123Subdomain(tls.secretName, `${field}.tls[${i}].secretName`));
  }
  if (isSet(spec.ingressClassName))
    errors.push(...dns1123Subdomain(spec.ingressClassName, `${field}.ingressClassName`));
  return errors;
}

function validateRule(rule: IngressRule, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (rule.host) {
    if (parseIP(rule.host)) errors.push(invalid(`${field}.host`, rule.host, 'must be a DNS name, not an IP address'));
    errors.push(...host(rule.host, `${field}.host`));
  }
  if (!rule.http) return errors;
  const paths = rule.http?.paths ?? [];
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  for (const [i, path] of paths.entries()) errors.push(...validatePath(path, `${field}.http.paths[${i}]`));
  return errors;
}

function validatePath(path: HTTPIngressPath, field: string): FieldError[] {
  if (!isSet(path.pathType)) return [required(`${field}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const text: string = path.path ?? '';
  const relative = invalid(`${field}.path`, text, 'must be an absolute path');
  switch (path.pathType) {
    case 'Exact':
    case 'Prefix':
      if (!text.startsWith('/')) errors.push(relative);
      for (const part of FORBIDDEN_IN_PATH)
        if (text.includes(part)) errors.push(invalid(`${field}.path`, text, `must not contain '${part}'`));
      for (const end of FORBIDDEN_AT_END)
        if (text.endsWith(end)) errors.push(invalid(`${field}.path`, text, `cannot end with '${end}'`));
      break;
    case 'ImplementationSpecific':
      if (text !== '' && !text.startsWith('/')) errors.push(relative);
      break;
    default:
      errors.push(notSupported(`${field}.pathType`, path.pathType, ['Exact', 'ImplementationSpecific', 'Prefix']));
  }
  errors.push(...validateBackend(path.backend ?? {}, `${field}.backend`));
  return errors;
}

function validateBackend(backend: IngressBackend | undefined, field: string): FieldError[] {
  const { resource, service } = backend!;
  if (resource && service) return [invalid(field, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(resource, `${field}.resource`);
  if (!service) return [invalid(field, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(`${field}.service.name`));
  else errors.push(...checked(isDNS1123Label(service.name), `${field}.service.name`, service.name));
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalid(field, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...checked(isPortName(name), `${field}.service.port.name`, name));
  else if (number) errors.push(...checked(isPortNumber(number), `${field}.service.port.number`, number));
  else errors.push(required(field, 'port name or number is required'));
  return errors;
}

function validateReference(reference: TypedLocalObjectReference, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isSet(reference.apiGroup)) errors.push(...dns1123Subdomain(reference.apiGroup, `${field}.apiGroup`));
  for (const part of ['kind', 'name'] as const)
    if (!reference[part]) errors.push(required(`${field}.${part}`));
    else errors.push(...checked(isPathSegmentName(reference[part]), `${field}.${part}`, reference[part]));
  return errors;
}

function validateIngressStatus(object: Ingress, old: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const oldIPs = (old.status?.loadBalancer?.ingress ?? []).flatMap((i) => i.ip || []);
  for (const [i, entry] of (object.status?.loadBalancer?.ingress ?? []).entries()) {
    const at = `status.loadBalancer.ingress[${i}]`;
    if (entry.ip) errors.push(...validateIPForLegacyField(`${at}.ip`, entry.ip, oldIPs));
    if (!entry.hostname) continue;
    errors.push(...dns1123Subdomain(entry.hostname, `${at}.hostname`));
    if (parseIP(entry.hostname))
      errors.push(invalid(`${at}.hostname`, entry.hostname, 'must be a DNS name, not an IP address'));
  }
  return errors;
}

const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';

/** The youngest class marked as default, then the first by name. */
function defaultClass(classes: IngressClass[]): string | undefined {
  const marked = classes.filter((c) => c.metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true');
  const created = (c: IngressClass): string => c.metadata.creationTimestamp ?? '';
  marked.sort((a, b) =>
    created(a) !== created(b) ? (created(a) > created(b) ? -1 : 1) : a.metadata.name < b.metadata.name ? -1 : 1,
  );
  return marked[0]?.metadata.name;
}

export const ingress: Strategy<Ingress> = {
  hasGeneration: true,
  reads: (_, operation) => (operation === 'create' ? [{ resource: 'ingressclasses.networking.k8s.io' }] : []),
  // The admission plugin DefaultIngressClass.
  admit: (o, old, { view }) => {
    if (old || isSet(o.spec?.ingressClassName) || o.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const name = defaultClass(view.list('ingressclasses.networking.k8s.io'));
    if (name !== undefined) o.spec = { ...o.spec, ingressClassName: name };
  },
  validate: (o) => {
    const errors = validateIngressSpec(o.spec ?? {}, 'spec');
    const annotation = o.metadata.annotations?.[CLASS_ANNOTATION];
    if (annotation !== undefined && isSet(o.spec?.ingressClassName) && annotation !== o.spec.ingressClassName)
      errors.push(
        invalid(`annotations.${CLASS_ANNOTATION}`, annotation, 'must match `ingressClassName` when both are specified'),
      );
    return errors;
  },
  validateUpdate: (o) => validateIngressSpec(o.spec ?? {}, 'spec'),
  validateStatusUpdate: validateIngressStatus,
  warnings: (o, old) => {
    if (!old)
      return o.metadata.annotations?.[CLASS_ANNOTATION] !== undefined && !isSet(o.spec?.ingressClassName)
        ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [];
    return (o.status?.loadBalancer?.ingress ?? []).flatMap((entry, i) =>
      entry.ip ? warningsForIP(`status.loadBalancer.ingress[${i}].ip`, entry.ip) : [],
    );
  },
};
