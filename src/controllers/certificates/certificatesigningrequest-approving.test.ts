import { expect, it } from 'vitest';
import { CLIENT, inSpec, KUBELET_CLIENT } from '../../resources/certificates/x509/test-requests.ts';
import { lines, object, reconciled, written } from '../test-view.ts';
import { certificateApprovingController } from './certificatesigningrequest-approving.ts';

const controller = certificateApprovingController();
const USAGES = ['digital signature', 'client auth'];
const request = (spec: object) =>
  object('CertificateSigningRequest', 'r', {
    spec: {
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: USAGES,
      username: 'system:bootstrap:abc',
      groups: ['system:bootstrappers'],
      request: inSpec(KUBELET_CLIENT),
      ...spec,
    },
  });
/** Lets `user` create this part of requests. */
const right = (subresource: string, user: string) => [
  object('ClusterRole', subresource, {
    rules: [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: [`certificatesigningrequests/${subresource}`],
        verbs: ['create'],
      },
    ],
  }),
  object('ClusterRoleBinding', subresource, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: subresource },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  }),
];

it.each([
  ['nodeclient', 'system:bootstrap:abc', 'Auto approving kubelet client certificate after SubjectAccessReview.'],
  ['selfnodeclient', 'system:node:n1', 'Auto approving self kubelet client certificate after SubjectAccessReview.'],
])('approves a kubelet’s request by the right %s', (subresource, username, message) => {
  const result = reconciled(controller, 'r', [request({ username }), ...right(subresource, username)]);
  expect(written(result, 'update CertificateSigningRequest/approval r').status.conditions).toEqual([
    { type: 'Approved', status: 'True', reason: 'AutoApproved', message },
  ]);
});

it('waits for the right where there is none', () => {
  const result = reconciled(controller, 'r', [request({})]);
  expect(lines(result)).toEqual([]);
  expect(result.error).toBe('recognized csr "r" as [nodeclient] but subject access review was not approved');
  const own = reconciled(controller, 'r', [
    request({ username: 'system:node:n1' }),
    ...right('selfnodeclient', 'other'),
  ]);
  expect(own.error).toMatch(/as \[selfnodeclient nodeclient\]/);
});

it.each([
  ['of another signer', { signerName: 'example.com/other' }],
  ['for another certificate than a kubelet’s', { request: inSpec(CLIENT) }],
  ['for other usages', { usages: ['server auth'] }],
])('leaves a request %s to others', (_, spec) => {
  const result = reconciled(controller, 'r', [request(spec), ...right('nodeclient', 'system:bootstrap:abc')]);
  expect(result).toEqual({ writes: [] });
});
