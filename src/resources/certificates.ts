/** CertificateSigningRequest and ClusterTrustBundle. Source: k8s.io/kubernetes/pkg/apis/certificates. What is inside a request is not read. */

import { isSet, unchanged } from './field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from './field-error.ts';
import { sameData } from './go-value.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './names.ts';
import type { KubeObject } from './object.ts';
import { repeats } from './repeats.ts';
import type { Strategy } from './strategy.ts';

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const EXPIRATION_SECONDS_MIN = 600;
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const DECISIONS = ['Approved', 'Denied'];
const OUTCOMES = [...DECISIONS, 'Failed'];

function validateSignerName(name: string, field: string): FieldError[] {
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
  labels(domain, isDNS1123Label);
  if (!domain.includes('.'))
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  labels(path, isDNS1123Subdomain);
  return errors;
}

/** Only the wrapping is looked at: a PEM block of the right type. */
function wrongRequest(request: string): boolean {
  try {
    const text = atob(request);
    const begin = text.indexOf('-----BEGIN CERTIFICATE REQUEST-----');
    return begin < 0 || text.indexOf('-----END CERTIFICATE REQUEST-----', begin) < 0;
  } catch {
    return true;
  }
}

function validate(o: KubeObject): FieldError[] {
  const { request = '', usages: listed, signerName = '', expirationSeconds } = o.spec ?? {};
  const usages: string[] = listed ?? [];
  const errors: FieldError[] = [];
  if (wrongRequest(request ?? ''))
    errors.push(invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST'));
  if (usages.length === 0) errors.push(required('spec.usages'));
  for (const [i, usage] of usages.entries())
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${i}]`, usage, USAGES));
  const again = repeats(usages);
  for (const [i, usage] of usages.entries()) if (again[i]) errors.push(duplicate(`spec.usages[${i}]`, usage));
  if (signerName === LEGACY_SIGNER)
    errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...validateSignerName(signerName, 'spec.signerName'));
  if (isSet(expirationSeconds) && expirationSeconds < EXPIRATION_SECONDS_MIN)
    errors.push(
      invalid(
        'spec.expirationSeconds',
        expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
  return [...errors, ...validateConditions(o.status?.conditions ?? [])];
}

function validateConditions(conditions: any[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, { type = '', status = '' }] of conditions.entries()) {
    const at = `status.conditions[${i}]`;
    const allowed = OUTCOMES.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (type === '') errors.push(required(`${at}.type`));
    if (status === '') errors.push(required(`${at}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${at}.status`, status, allowed));
    if (seen.has(type)) errors.push(duplicate(`${at}.type`, type));
    seen.add(type);
  }
  if (DECISIONS.every((type) => seen.has(type)))
    errors.push(
      invalid('status.conditions', '{Approved, Denied}', 'must specify at most one of: `Approved`, `Denied`'),
    );
  return errors;
}

const ofType = (o: KubeObject, type: string): any[] => (o.status?.conditions ?? []).filter((c: any) => c.type === type);

function validateUpdate(o: KubeObject, old: KubeObject, subresource: string | undefined): FieldError[] {
  const errors = validate(o);
  const field = 'status.conditions';
  for (const type of OUTCOMES)
    if (ofType(o, type).length < ofType(old, type).length)
      errors.push(forbidden(field, `updates may not remove a condition of type "${type}"`));
  if (subresource !== 'approval')
    for (const type of DECISIONS) {
      const [now, before] = [ofType(o, type), ofType(old, type)];
      if (now.length > before.length)
        errors.push(forbidden(field, `updates may not add a condition of type "${type}"`));
      else if (now.length === before.length && !sameData(now, before))
        errors.push(forbidden(field, `updates may not modify a condition of type "${type}"`));
    }
  const [now, before] = [o.status?.certificate ?? '', old.status?.certificate ?? ''];
  if (now !== before && subresource !== 'status')
    errors.push(forbidden('status.certificate', 'updates may not set certificate content'));
  else if (now !== before && before !== '')
    errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  return errors;
}

/** When a condition came, and when it last changed. */
function addTimes(o: KubeObject, old: KubeObject, now: string): void {
  for (const condition of o.status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime) continue;
    const before = ofType(old, condition.type).find((c) => c.status === condition.status);
    condition.lastTransitionTime = before?.lastTransitionTime ?? now;
  }
}

const signingRequest: Strategy = {
  nameRule: 'path',
  hasGeneration: false,
  prepareForCreate: (o, { requester }) => {
    o.status = {};
    if (!o.spec) return;
    const { user: username, uid, groups, extra } = requester ?? {};
    for (const field of ['username', 'uid', 'groups', 'extra']) delete o.spec[field];
    Object.assign(o.spec, { ...(username && { username }), ...(uid && { uid }) });
    if (groups?.length) o.spec.groups = groups;
    if (extra && Object.keys(extra).length > 0) o.spec.extra = extra;
  },
  prepareForUpdate: (o, old, { subresource, now }) => {
    o.spec = structuredClone(old.spec);
    if (!subresource) return;
    addTimes(o, old, now);
    if (subresource === 'approval') o.status = { ...structuredClone(old.status), conditions: o.status?.conditions };
  },
  validate,
  validateUpdate: (o, old, { subresource }) => validateUpdate(o, old, subresource),
  validateStatusUpdate: (o, old) => validateUpdate(o, old, 'status'),
  selectableFields: (o) => ({ 'spec.signerName': o.spec?.signerName ?? '' }),
};

/** A bundle of a signer is named after it. */
function validateBundle(o: KubeObject): FieldError[] {
  const { signerName = '', trustBundle = '' } = o.spec ?? {};
  const errors = signerName === '' ? [] : validateSignerName(signerName, 'spec.signerName');
  const prefix = `${signerName.replace('/', ':')}:`;
  const { name } = o.metadata;
  if (signerName !== '' && name && !name.startsWith(prefix))
    errors.unshift(
      invalid(
        'metadata.name',
        name,
        `ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`,
      ),
    );
  if (signerName === '' && name?.includes(':'))
    errors.unshift(
      invalid('metadata.name', name, 'ClusterTrustBundle without signer name must not have ":" in its name'),
    );
  if (!/-----BEGIN CERTIFICATE-----/.test(trustBundle))
    errors.push(invalid('spec.trustBundle', '<value omitted>', 'at least one trust anchor must be provided'));
  return errors;
}

export const CERTIFICATE_STRATEGIES: Record<string, Strategy> = {
  'certificatesigningrequests.certificates.k8s.io': signingRequest,
  'clustertrustbundles.certificates.k8s.io': {
    nameRule: 'path',
    allowUnconditionalUpdate: false,
    validate: validateBundle,
    validateUpdate: (o, old) => [
      ...validateBundle(o),
      ...unchanged(o.spec?.signerName, old.spec?.signerName, 'spec.signerName'),
    ],
    selectableFields: (o) => ({ 'spec.signerName': o.spec?.signerName ?? '' }),
  },
};
