/** Approves kubelets' requests for client certificates where who asks may have one. Models pkg/controller/certificates/approver. */

import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import type { CertificateSigningRequest } from '../../objects/generated/certificates-v1.gen.ts';
import { type CertificateRequest, requestInSpec } from '../../resources/certificates/x509/certificate-request.ts';
import { authorize } from '../../resources/rbac/authorizer.ts';
import {
  has,
  isIssued,
  KUBELET_CLIENT_SIGNER,
  kubeletClientProblem,
  REQUESTS,
  withCondition,
} from './certificate-signing-requests.ts';

/** The right that each way of asking needs, and what is said of it. */
const WAYS = [
  {
    subresource: 'selfnodeclient',
    recognizes: (request: CertificateSigningRequest, asked: CertificateRequest) =>
      request.spec.username === asked.subject.commonName,
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  },
  {
    subresource: 'nodeclient',
    recognizes: () => true,
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  },
];

export const certificateApprovingController = (): ClusterReconciler => ({
  name: 'certificatesigningrequest-approving-controller',
  manager: 'kube-controller-manager',
  reads: [REQUESTS, 'clusterrolebindings.rbac.authorization.k8s.io'],
  watches: [{ resource: REQUESTS, keys: ({ new: request }) => (request ? [request.metadata.name] : []) }],
  reconcile(reader, name) {
    const request = reader.get(REQUESTS, undefined, name);
    if (!request || isIssued(request) || has(request, 'Approved') || has(request, 'Denied')) return { writes: [] };
    const { signerName, usages = [], username = '', groups = [] } = request.spec ?? {};
    if (signerName !== KUBELET_CLIENT_SIGNER) return { writes: [] };
    const asked = requestInSpec(request.spec.request);
    if (kubeletClientProblem(asked, usages) !== undefined) return { writes: [] };
    const tried: string[] = [];
    for (const { subresource, recognizes, message } of WAYS) {
      if (!recognizes(request, asked)) continue;
      tried.push(subresource);
      const right = {
        verb: 'create',
        group: 'certificates.k8s.io',
        version: '*',
        resource: 'certificatesigningrequests',
        subresource,
      };
      if (!authorize({ user: username, groups }, right, reader).allowed) continue;
      const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
      return { writes: [{ verb: 'update', object: withCondition(request, approved), subresource: 'approval' }] };
    }
    // The right may be given later.
    return {
      writes: [],
      error: `recognized csr "${name}" as [${tried.join(' ')}] but subject access review was not approved`,
    };
  },
});
