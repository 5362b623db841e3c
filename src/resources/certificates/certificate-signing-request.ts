/** CertificateSigningRequest. Source: k8s.io/kubernetes/pkg/apis/certificates and plugin/pkg/admission/certificates. */

import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../objects/generated/certificates-v1.gen.ts';
import { repeats } from '../../objects/repeats.ts';
import { forbidden as refused } from '../../objects/status.ts';
import { mayActFor, validateSignerName } from './signer-name.ts';
import { parseCertificate } from './x509/certificate.ts';
import { requestInSpec } from './x509/certificate-request.ts';
import { pemBlocks } from './x509/pem.ts';
import { signatureProblem } from './x509/public-key.ts';

const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
export const EXPIRATION_SECONDS_MIN = 600;
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

/** Why the request cannot be read. */
function requestProblem(request: string): string | undefined {
  try {
    requestInSpec(request);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether who made the request has the key that it asks a certificate for. */
async function examine({ spec }: CertificateSigningRequest): Promise<FieldError[]> {
  try {
    const request = requestInSpec(spec.request);
    const problem = await signatureProblem(request, request.key);
    return problem ? [invalid('spec.request', spec.request, problem)] : [];
  } catch {
    // What cannot be read is said by what reads it.
    return [];
  }
}

function certificateProblem(certificate: string): string | undefined {
  const blocks = pemBlocks(textOf(certificate));
  for (const { type, headers, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (headers) return 'no PEM block headers are permitted';
    try {
      parseCertificate(bytes);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function textOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

function validate(o: CertificateSigningRequest, examined: FieldError[] = []): FieldError[] {
  const { request = '', usages: listed, signerName = '', expirationSeconds } = o.spec ?? {};
  const usages: string[] = listed ?? [];
  const errors: FieldError[] = [];
  const unreadable = requestProblem(request ?? '');
  if (unreadable) errors.push(invalid('spec.request', request, unreadable));
  errors.push(...examined);
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
  errors.push(...validateConditions(o.status?.conditions ?? []));
  const { certificate } = o.status ?? {};
  const wrong = certificate && certificateProblem(certificate);
  if (wrong) errors.push(invalid('status.certificate', '<certificate data>', wrong));
  return errors;
}

function validateConditions(conditions: CertificateSigningRequestCondition[]): FieldError[] {
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

const ofType = (o: CertificateSigningRequest, type: string): CertificateSigningRequestCondition[] =>
  (o.status?.conditions ?? []).filter((c) => c.type === type);

function validateUpdate(
  o: CertificateSigningRequest,
  old: CertificateSigningRequest,
  subresource: string | undefined,
): FieldError[] {
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
function addTimes(o: CertificateSigningRequest, old: CertificateSigningRequest, now: string): void {
  for (const condition of o.status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime) continue;
    const before = ofType(old, condition.type).find((c) => c.status === condition.status);
    condition.lastTransitionTime = before?.lastTransitionTime ?? now;
  }
}

const RESOURCE = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' };
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Who answers needs the signer's leave, and nobody asks to be one of the masters. */
function review(
  o: CertificateSigningRequest,
  old: CertificateSigningRequest | undefined,
  { requester, view, subresource }: StageContext,
): void {
  const refuse = (words: string): never => {
    throw refused(RESOURCE, o.metadata.name, words);
  };
  if (!old) {
    if (o.spec.signerName === CLIENT_SIGNER && requestInSpec(o.spec.request).subject.organizations.includes(MASTERS))
      refuse(`use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
    return;
  }
  const signer: string = old.spec?.signerName ?? '';
  if (!requester) return;
  if (subresource === 'approval' && !mayActFor(requester, 'approve', signer, view))
    refuse(`user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
  const signs =
    subresource === 'status' &&
    !(
      sameData(o.status?.certificate, old.status?.certificate) && sameData(o.status?.conditions, old.status?.conditions)
    );
  if (signs && !mayActFor(requester, 'sign', signer, view))
    refuse(`user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
}

const MASTERS = 'system:masters';

export const certificateSigningRequest: Strategy<CertificateSigningRequest> = {
  nameRule: 'path',
  hasGeneration: false,
  prepareForCreate: (o, { requester }) => {
    o.status = {};
    if (!o.spec) return;
    const { user: username, uid, groups, extra } = requester ?? {};
    for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete o.spec[field];
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
  asksPolicy: true,
  examine,
  review,
  validate: (o, { examined }) => validate(o, examined),
  validateUpdate: (o, old, { subresource }) => validateUpdate(o, old, subresource),
  validateStatusUpdate: (o, old) => validateUpdate(o, old, 'status'),
  selectableFields: (o) => ({ 'spec.signerName': o.spec?.signerName ?? '' }),
};
