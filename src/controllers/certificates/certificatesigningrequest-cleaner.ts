/** Deletes requests that are done with, and those that nobody answered. Models pkg/controller/certificates/cleaner. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { CertificateSigningRequest } from '../../objects/generated/certificates-v1.gen.ts';
import { parseCertificate } from '../../resources/certificates/x509/certificate.ts';
import { pemBlocks } from '../../resources/certificates/x509/pem.ts';
import { conditionsOf, isIssued, REQUESTS } from './certificate-signing-requests.ts';

const HOUR_MS = 3_600_000;
/** How long an answer stays to be read, and how long a request waits for one. */
const ANSWERED_MS = HOUR_MS;
const UNANSWERED_MS = 24 * HOUR_MS;

export const certificateCleanerController = (): ClusterReconciler => ({
  name: 'certificatesigningrequest-cleaner-controller',
  manager: 'kube-controller-manager',
  reads: ['certificatesigningrequests.certificates.k8s.io'],
  watches: [{ resource: REQUESTS, keys: ({ new: request }) => (request ? [request.metadata.name] : []) }],
  reconcile(reader, name, { now }) {
    const request = reader.get(REQUESTS, undefined, name);
    const end = request && endOf(request);
    if (end === undefined) return { writes: [] };
    if (now <= end) return { writes: [], requeueAt: end + 1 };
    return { writes: [{ verb: 'delete', resource: REQUESTS, name }] };
  },
});

/** The last instant at which it stays; undefined: for ever. */
function endOf(request: CertificateSigningRequest): number | undefined {
  const conditions = conditionsOf(request);
  if (conditions.length === 0) return Date.parse(request.metadata.creationTimestamp!) + UNANSWERED_MS;
  const ends: number[] = [];
  for (const { type, lastUpdateTime } of conditions) {
    const at = Date.parse(lastUpdateTime ?? '');
    if (type === 'Denied' || type === 'Failed') ends.push(at + ANSWERED_MS);
    if (type !== 'Approved') continue;
    ends.push(at + (isIssued(request) ? ANSWERED_MS : UNANSWERED_MS));
    if (isIssued(request)) ends.push(expiryOf(request.status?.certificate ?? ''));
  }
  const known = ends.filter((end) => !Number.isNaN(end));
  return known.length > 0 ? Math.min(...known) : undefined;
}

function expiryOf(certificate: string): number {
  try {
    const [first] = pemBlocks(atob(certificate));
    return first ? parseCertificate(first.bytes).notAfter : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
