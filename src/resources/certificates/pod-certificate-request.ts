/** PodCertificateRequest: a kubelet asks a signer for a pod's certificate. Source: k8s.io/kubernetes/pkg/apis/certificates/validation. */
import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet } from '../../objects/field-checks.ts';
import {
  type FieldError,
  forbidden,
  immutable,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../objects/field-error.ts';
import type { PodCertificateRequest, PodCertificateRequestSpec } from '../../objects/generated/certificates-v1.gen.ts';
import { byteLength, isDNS1123Subdomain } from '../../objects/names.ts';
import { decodeBase64 } from '../../simulation/base64.ts';
import { isKubernetesSigner, mayActFor, validateSignerName, validateUserAnnotations } from './signer-name.ts';
import { type Certificate, parseCertificate } from './x509/certificate.ts';
import { parseCertificateRequest } from './x509/certificate-request.ts';
import type { Bytes } from './x509/der.ts';
import { type PemBlock, pemBlocks } from './x509/pem.ts';
import { type PublicKey, signatureProblem } from './x509/public-key.ts';

/** Bounds of `maxExpirationSeconds`; the project's own signers give no more than a day. */
export const MIN_EXPIRATION_SECONDS = 3600;
export const MAX_EXPIRATION_SECONDS = 91 * 24 * 3600;
export const KUBERNETES_MAX_EXPIRATION_SECONDS = 24 * 3600;
const DEFAULT_EXPIRATION_SECONDS = 24 * 3600;

export const MAX_UID_BYTES = 128;
export const MAX_STUB_BYTES = 10 * 1024;
export const MAX_CHAIN_BYTES = 100 * 1024;

const STUB = 'spec.stubPKCS10Request';
const CHAIN = 'status.certificateChain';

/** An error that does not repeat the value. */
const wrong = (field: string, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
});

export const longestLife = (signer: string): number =>
  isKubernetesSigner(signer) ? KUBERNETES_MAX_EXPIRATION_SECONDS : MAX_EXPIRATION_SECONDS;

function validate(o: PodCertificateRequest, examined: FieldError[]): FieldError[] {
  const spec = o.spec ?? {};
  const errors = [
    ...validateSignerName(spec.signerName ?? '', 'spec.signerName'),
    ...validateUserAnnotations(spec.unverifiedUserAnnotations, 'spec.unverifiedUserAnnotations'),
    ...named(spec.podName, 'spec.podName'),
    ...identified(spec.podUID, 'spec.podUID'),
    ...named(spec.serviceAccountName, 'spec.serviceAccountName'),
    ...identified(spec.serviceAccountUID, 'spec.serviceAccountUID'),
    ...named(spec.nodeName, 'spec.nodeName'),
    ...identified(spec.nodeUID, 'spec.nodeUID'),
  ];
  const seconds = spec.maxExpirationSeconds;
  if (!isSet(seconds)) return [...errors, required('spec.maxExpirationSeconds', 'must be set')];
  const longest = longestLife(spec.signerName ?? '');
  if (seconds < MIN_EXPIRATION_SECONDS || seconds > longest)
    errors.push(
      invalid('spec.maxExpirationSeconds', seconds, `must be in the range [${MIN_EXPIRATION_SECONDS}, ${longest}]`),
    );
  return [...errors, ...validateKey(spec), ...examined];
}

const named = (name: string | undefined, field: string): FieldError[] =>
  isDNS1123Subdomain(name ?? '').map((words) => invalid(field, name ?? '', words));

function identified(uid: string | undefined, field: string): FieldError[] {
  if (!uid) return [invalid(field, uid ?? '', 'must not be empty')];
  return byteLength(uid) > MAX_UID_BYTES ? [tooLong(field, MAX_UID_BYTES)] : [];
}

const bytesOf = (base64: string | undefined): Bytes => decodeBase64(base64 ?? '');

/** Of a v1 request the key is in its stub; other ways are of older versions. */
function validateKey({ stubPKCS10Request: stub }: PodCertificateRequestSpec): FieldError[] {
  if (!stub)
    return [wrong('spec', 'exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set')];
  const bytes = bytesOf(stub);
  if (bytes.length > MAX_STUB_BYTES) return [tooLong(STUB, MAX_STUB_BYTES)];
  try {
    return keyProblems(parseCertificateRequest(bytes).key);
  } catch {
    return [wrong(STUB, 'must be a valid PKCS#10 CSR')];
  }
}

function keyProblems(key: PublicKey): FieldError[] {
  switch (key.type) {
    case 'Ed25519':
      return [];
    case 'ECDSA':
      return ['P-256', 'P-384', 'P-521'].includes(key.curve)
        ? []
        : [invalid(STUB, `curve ${key.curve}`, 'elliptic public keys must use curve P256, P384, or P521')];
    case 'RSA':
      return key.bits === 3072 || key.bits === 4096
        ? []
        : [invalid(STUB, `${key.bits}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')];
    default:
      return [wrong(STUB, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA')];
  }
}

/** Whether who asks has the key. */
async function examine({ spec }: PodCertificateRequest): Promise<FieldError[]> {
  try {
    if (validateKey(spec).length > 0) return [];
    const request = parseCertificateRequest(bytesOf(spec.stubPKCS10Request));
    return (await signatureProblem(request, request.key)) ? [wrong(STUB, 'invalid signature')] : [];
  } catch {
    // What cannot be read is said by what reads it.
    return [];
  }
}

const OUTCOMES = ['Issued', 'Denied', 'Failed'];

const outcomeOf = (o: PodCertificateRequest): string | undefined =>
  (o.status?.conditions ?? []).find((c) => OUTCOMES.includes(c.type) && c.status === 'True')?.type;

function validateStatusUpdate(
  o: PodCertificateRequest,
  old: PodCertificateRequest,
  context: StageContext,
): FieldError[] {
  const errors = [...validateOutcomes(o), ...validateConditions(o.status?.conditions, 'status.conditions')];
  if (errors.length > 0) return errors;
  const found = validateChange(o, old, Date.parse(context.now));
  if (found.length > 0) return found;
  return sameData(o.status, old.status) ? [] : signerProblem(old, context);
}

/** What is answered is answered once, with a certificate or without. */
function validateChange(o: PodCertificateRequest, old: PodCertificateRequest, now: number): FieldError[] {
  const outcome = outcomeOf(o);
  if (outcomeOf(old))
    return sameData(o.status, old.status)
      ? []
      : [wrong('status', 'immutable after PodCertificateRequest is issued, denied, or failed')];
  if (outcome === 'Issued') return validateIssued(o, old, now);
  if (outcome)
    return sameData(o.status, { conditions: o.status?.conditions })
      ? []
      : [
          wrong(
            'status',
            'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
          ),
        ];
  return sameData(o.status, old.status)
    ? []
    : [wrong('status', 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"')];
}

function validateOutcomes(o: PodCertificateRequest): FieldError[] {
  const errors: FieldError[] = [];
  let known = 0;
  for (const [i, { type = '', status = '' }] of (o.status?.conditions ?? []).entries()) {
    const at = `status.conditions.[${i}]`;
    if (!OUTCOMES.includes(type)) {
      errors.push(notSupported(`${at}.type`, type, OUTCOMES));
      continue;
    }
    if (++known > 1)
      errors.push(
        invalid(`${at}.type`, type, 'There may be at most one condition with type "Issued", "Denied", or "Failed"'),
      );
    if (status !== 'True') errors.push(notSupported(`${at}.status`, status, ['True']));
  }
  return errors;
}

function signerProblem(old: PodCertificateRequest, { requester, view }: StageContext): FieldError[] {
  const signer: string = old.spec?.signerName ?? '';
  if (!requester || mayActFor(requester, 'sign', signer, view)) return [];
  const words = `User ${JSON.stringify(requester.user)} is not permitted to "sign" for signer ${JSON.stringify(signer)}`;
  return [forbidden('spec.signerName', words)];
}

function validateIssued(o: PodCertificateRequest, old: PodCertificateRequest, now: number): FieldError[] {
  const { certificateChain: chain = '', notBefore, notAfter, beginRefreshAt } = o.status!;
  if (byteLength(chain) > MAX_CHAIN_BYTES) return [tooLong(CHAIN, MAX_CHAIN_BYTES)];
  const [first, ...rest] = pemBlocks(chain);
  const refuse = (detail: string): FieldError[] => [invalid(CHAIN, chain, detail)];
  if (!first) return refuse('issued certificate chain must contain at least one certificate');
  if (first.type !== 'CERTIFICATE')
    return refuse('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  const leaf = readable(first);
  if (!leaf) return refuse('leaf certificate does not parse as valid X.509');
  const names = dnsProblems(leaf);
  if (names.length > 0) return names;
  if (!sameKey(leaf, old.spec)) return refuse('leaf certificate was not issued to the requested public key');
  const absent: FieldError[] = [];
  const consistent = 'must be present and consistent with the issued certificate';
  if (!notBefore) absent.push(required('status.notBefore', consistent));
  if (!notAfter) absent.push(required('status.notAfter', consistent));
  if (!beginRefreshAt)
    absent.push(
      required('status.beginRefreshAt', 'must be present and in the range [notbefore+10min, notafter-10min]'),
    );
  if (absent.length > 0) return absent;
  const times = timeProblem({
    leaf,
    notBefore: notBefore!,
    notAfter: notAfter!,
    beginRefreshAt: beginRefreshAt!,
    now,
    longest: o.spec.maxExpirationSeconds!,
  });
  if (times) return [times];
  for (const block of rest) {
    if (block.type !== 'CERTIFICATE')
      return refuse('issued certificate chain must consist entirely of CERTFICATE PEM blocks');
    if (!readable(block)) return refuse('intermediate certificate does not parse as valid X.509');
  }
  return [];
}

function readable({ bytes }: PemBlock): Certificate | undefined {
  try {
    return parseCertificate(bytes);
  } catch {
    return undefined;
  }
}

function dnsProblems({ names }: Certificate): FieldError[] {
  return names.dns.flatMap((name) => {
    const problems: FieldError[] = [];
    const say = (words: string): void => void problems.push(invalid(CHAIN, name, `leaf certificate${words}`));
    if (name === '') say(' should not contain empty DNSName');
    if (name.includes('..')) say("'s DNSName should not contain '..'");
    if (name.startsWith('.') || name.endsWith('.')) say("'s DNSName should not start or end with '.'");
    return problems;
  });
}

function sameKey(leaf: Certificate, { stubPKCS10Request: stub }: PodCertificateRequestSpec): boolean {
  try {
    return sameData([...parseCertificateRequest(bytesOf(stub)).key.spki], [...leaf.key.spki]);
  } catch {
    return false;
  }
}

const MINUTE_MS = 60_000;

interface Times {
  leaf: Certificate;
  notBefore: string;
  notAfter: string;
  beginRefreshAt: string;
  now: number;
  longest: number;
}

function timeProblem({ leaf, notBefore, notAfter, beginRefreshAt, now, longest }: Times): FieldError | undefined {
  const at = (text: string): number => Date.parse(text);
  const [start, end, refresh] = [at(notBefore), at(notAfter), at(beginRefreshAt)];
  const life = (leaf.notAfter - leaf.notBefore) / 1000;
  if (start !== leaf.notBefore)
    return invalid('status.notBefore', notBefore, 'must be set to the NotBefore time encoded in the leaf certificate');
  if (Math.abs(start - now) >= 5 * MINUTE_MS)
    return invalid('status.notBefore', notBefore, "must be set to within 5 minutes of kube-apiserver's current time");
  if (end !== leaf.notAfter)
    return invalid('status.notAfter', notAfter, 'must be set to the NotAfter time encoded in the leaf certificate');
  if (life < MIN_EXPIRATION_SECONDS) return invalid(CHAIN, life, 'leaf certificate lifetime must be >= 1 hour');
  if (life > longest)
    return invalid(CHAIN, life, `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${longest})`);
  if (refresh < start + 10 * MINUTE_MS)
    return invalid('status.beginRefreshAt', beginRefreshAt, 'must be at least 10 minutes after status.notBefore');
  if (refresh > end - 10 * MINUTE_MS)
    return invalid('status.beginRefreshAt', beginRefreshAt, 'must be at least 10 minutes before status.notAfter');
  return undefined;
}

export const podCertificateRequest: Strategy<PodCertificateRequest> = {
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  asksPolicy: true,
  examine,
  defaults: (o) => {
    if (o.spec) o.spec.maxExpirationSeconds ??= DEFAULT_EXPIRATION_SECONDS;
  },
  validate: (o, { examined }) => validate(o, examined ?? []),
  validateUpdate: (o, old) => (sameData(o.spec, old.spec) ? [] : [immutable('spec', o.spec)]),
  validateStatusUpdate,
  selectableFields: ({ spec = {} }) => ({
    'spec.signerName': spec.signerName ?? '',
    'spec.podName': spec.podName ?? '',
    'spec.nodeName': spec.nodeName ?? '',
  }),
};
