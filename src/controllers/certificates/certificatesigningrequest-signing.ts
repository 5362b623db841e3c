/** Issues what approved requests ask of the built-in signers. Models pkg/controller/certificates/signer. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { CertificateSigningRequest } from '../../objects/generated/certificates-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { type CertificateRequest, requestInSpec } from '../../resources/certificates/x509/certificate-request.ts';
import { ASK_AGAIN_MS, type Notary } from '../../simulation/notary.ts';
import type { ReconcileResult } from '../../simulation/reconciler.ts';
import {
  CLIENT_SIGNER,
  clientProblem,
  has,
  isIssued,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  kubeletClientProblem,
  kubeletServingProblem,
  REQUESTS,
  withCondition,
} from './certificate-signing-requests.ts';

const NAME = 'certificatesigningrequest-signing-controller';

const MINUTE_MS = 60_000;
/** `--cluster-signing-duration`. */
export const LONGEST_MS = 365 * 24 * 60 * MINUTE_MS;
export const SHORTEST_MS = 10 * MINUTE_MS;
const BACKDATED_MS = 5 * MINUTE_MS;
/** Below this the end is not backdated with the beginning. */
const SHORT_MS = 8 * 60 * MINUTE_MS;

const SIGNERS: Record<string, (request: CertificateRequest, usages: string[]) => string | undefined> = {
  [CLIENT_SIGNER]: clientProblem,
  [KUBELET_CLIENT_SIGNER]: kubeletClientProblem,
  [KUBELET_SERVING_SIGNER]: kubeletServingProblem,
};

export const certificateSigningController = (notary: Notary): ClusterReconciler => ({
  name: NAME,
  manager: 'kube-controller-manager',
  reads: ['certificatesigningrequests.certificates.k8s.io'],
  watches: [{ resource: REQUESTS, keys: ({ new: request }) => (request ? [request.metadata.name] : []) }],
  reconcile(reader, name, { now }) {
    const request = reader.get(REQUESTS, undefined, name);
    const problemOf = SIGNERS[request?.spec.signerName ?? ''];
    if (!request || !problemOf || isIssued(request)) return { writes: [] };
    if (!has(request, 'Approved') || has(request, 'Denied') || has(request, 'Failed')) return { writes: [] };
    return sign(request, problemOf, notary, now);
  },
});

function sign(
  request: CertificateSigningRequest,
  problemOf: (typeof SIGNERS)[string],
  notary: Notary,
  now: number,
): ReconcileResult<KubeObject> {
  const { usages = [], expirationSeconds } = request.spec;
  const asked = requestInSpec(request.spec.request);
  const message = problemOf(asked, usages);
  if (message !== undefined) {
    const reason = 'SignerValidationFailure';
    const failed = { type: 'Failed', status: 'True', reason, message, lastUpdateTime: timestamp(now) };
    return { writes: [{ verb: 'update', object: withCondition(request, failed), subresource: 'status' }] };
  }
  const lifetime = lifetimeOf(expirationSeconds);
  const order = {
    subject: asked.subjectDer,
    spki: asked.key.spki,
    ...(asked.namesDer ? { names: asked.namesDer } : {}),
    usages,
    notBefore: now - BACKDATED_MS,
    notAfter: now + lifetime - (lifetime < SHORT_MS ? 0 : BACKDATED_MS),
  };
  const signed = notary.certificate(order, { reconciler: NAME, key: request.metadata.name });
  if (!signed) return { writes: [], requeueAt: now + ASK_AGAIN_MS };
  if ('error' in signed) return { writes: [], error: signed.error };
  const issued = { ...request, status: { ...request.status, certificate: btoa(signed.value) } };
  return { writes: [{ verb: 'update', object: issued, subresource: 'status' }] };
}

function lifetimeOf(seconds: number | undefined | null): number {
  if (seconds === undefined || seconds === null) return LONGEST_MS;
  return Math.min(Math.max(seconds * 1000, SHORTEST_MS), LONGEST_MS);
}
