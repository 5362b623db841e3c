/** What the controllers of certificate signing requests share. Models pkg/controller/certificates and pkg/apis/certificates/helpers.go. */
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../objects/generated/certificates-v1.gen.ts';
import type { CertificateRequest } from '../../resources/certificates/x509/certificate-request.ts';

export const REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
export const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

export const conditionsOf = (request: CertificateSigningRequest): CertificateSigningRequestCondition[] =>
  request.status?.conditions ?? [];
export const has = (request: CertificateSigningRequest, type: string): boolean =>
  conditionsOf(request).some((c) => c.type === type);
export const isIssued = (request: CertificateSigningRequest): boolean => Boolean(request.status?.certificate);

/** With one more condition, as a copy. */
export const withCondition = (
  request: CertificateSigningRequest,
  condition: CertificateSigningRequestCondition,
): CertificateSigningRequest => ({
  ...request,
  status: { ...request.status, conditions: [...conditionsOf(request), condition] },
});

/** What is wrong with a request for a kubelet's client certificate; undefined when nothing is. */
export function kubeletClientProblem({ subject, names }: CertificateRequest, usages: string[]): string | undefined {
  if (!isNodes(subject.organizations)) return 'subject organization is not system:nodes';
  if (names.dns.length > 0) return 'DNS subjectAltNames are not allowed';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.ips.length > 0) return 'IP subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!subject.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  return usagesProblem(usages, 'client auth');
}

/** The same of a kubelet's serving certificate. */
export function kubeletServingProblem({ subject, names }: CertificateRequest, usages: string[]): string | undefined {
  if (!isNodes(subject.organizations)) return 'subject organization is not system:nodes';
  if (names.dns.length === 0 && names.ips.length === 0) return 'DNS or IP subjectAltName is required';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const wrong = usagesProblem(usages, 'server auth');
  if (wrong) return wrong;
  return subject.commonName.startsWith('system:node:')
    ? undefined
    : 'subject common name does not begin with system:node:';
}

/** The same of any other client's certificate. */
export function clientProblem(_: CertificateRequest, usages: string[]): string | undefined {
  const other = usages.find((usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const isNodes = (organizations: string[]): boolean => organizations.length === 1 && organizations[0] === 'system:nodes';

/** Key encipherment may be left out: not every key can do it. */
function usagesProblem(usages: string[], purpose: string): string | undefined {
  const required = [purpose, 'digital signature', 'key encipherment'].sort();
  const given = [...new Set(usages)].sort().join();
  const matches = given === required.join() || given === required.filter((u) => u !== 'key encipherment').join();
  return matches ? undefined : `usages did not match [${required.join(' ')}]`;
}
