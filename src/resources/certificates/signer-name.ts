/** Names of signers, and who may act for one. Source: k8s.io/kubernetes/pkg/apis/core/validation and pkg/apis/certificates. */

import { ANNOTATIONS_MAX_BYTES } from '../../catalog/metadata.ts';
import { type FieldError, invalid, required, tooLong } from '../../objects/field-error.ts';
import { byteLength, isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../../objects/names.ts';
import type { View } from '../../objects/object.ts';
import { authorize, type Requester } from '../rbac/authorizer.ts';

export const MAX_DOMAIN = 253;
/** A domain, and a path that has room for a label and a subdomain. */
export const MAX_SIGNER_NAME = MAX_DOMAIN + 1 + (253 + 63 + 1);

export function validateSignerName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0)
    return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors: FieldError[] = [];
  const labels = (part: string, check: (label: string) => string[]): void => {
    const bad = part.split('.').find((text) => check(text).length > 0);
    if (bad === undefined) return;
    for (const words of check(bad))
      errors.push(invalid(field, part, `validating label ${JSON.stringify(bad)}: ${words}`));
  };
  if (byteLength(domain) > MAX_DOMAIN) errors.push(tooLong(field, MAX_DOMAIN));
  labels(domain, isDNS1123Label);
  if (!domain.includes('.'))
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  labels(path, isDNS1123Subdomain);
  if (byteLength(name) > MAX_SIGNER_NAME) errors.push(tooLong(field, MAX_SIGNER_NAME));
  return errors;
}

/** Whether it is one of the project's own, for which shorter lives are the rule. */
export function isKubernetesSigner(name: string): boolean {
  const [host = ''] = name.split('/');
  return host === 'kubernetes.io' || host.endsWith('.kubernetes.io');
}

/** What a pod's user tells a signer. */
export function validateUserAnnotations(annotations: Record<string, string> | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [given, value] of Object.entries(annotations ?? {})) {
    size += byteLength(given) + byteLength(value);
    const key = given.toLowerCase();
    const wrong = isQualifiedName(key);
    if (key === '') errors.push(required(field));
    else if (wrong.length > 0) for (const words of wrong) errors.push(invalid(field, key, words));
    else if (!key.includes('/'))
      errors.push(invalid(field, key, 'must be a domain-prefixed key (such as "acme.io/foo")'));
  }
  if (size > ANNOTATIONS_MAX_BYTES) errors.push(tooLong(field, ANNOTATIONS_MAX_BYTES));
  return errors;
}

/** Whether `who` may `approve`, `sign` or `attest` for a signer: for it by its name, or for all of its domain. */
export function mayActFor(who: Requester, verb: 'approve' | 'sign' | 'attest', signer: string, policy: View): boolean {
  const [domain = ''] = signer.split('/');
  return [signer, `${domain}/*`].some((name) => {
    const right = { verb, group: 'certificates.k8s.io', version: '*', resource: 'signers', name };
    return authorize(who, right, policy).allowed;
  });
}
