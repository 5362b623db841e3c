import { expect, it } from 'vitest';
import { CLIENT, inSpec, KUBELET_CLIENT, KUBELET_SERVING } from '../../resources/certificates/x509/test-requests.ts';
import type { CertificateOrder, Notary } from '../../simulation/notary.ts';
import { lines, NOW, object, reconciled, SECOND, written } from '../test-view.ts';
import { certificateSigningController, LONGEST_MS, SHORTEST_MS } from './certificatesigningrequest-signing.ts';

const MINUTE = 60 * SECOND;
const ordered: CertificateOrder[] = [];
const notary: Notary = {
  secretToken: () => undefined,
  certificate: (order) => {
    ordered.push(order);
    return { value: 'PEM' };
  },
  tokenKid: () => undefined,
};
const controller = certificateSigningController(notary);
const approved = (spec: object, more: object[] = []) =>
  object('CertificateSigningRequest', 'r', {
    spec: {
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['digital signature', 'client auth'],
      request: inSpec(CLIENT),
      ...spec,
    },
    status: { conditions: [{ type: 'Approved', status: 'True' }, ...more] },
  });
const KUBELET = { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', request: inSpec(KUBELET_CLIENT) };
const SERVING = {
  signerName: 'kubernetes.io/kubelet-serving',
  request: inSpec(KUBELET_SERVING),
  usages: ['digital signature', 'key encipherment', 'server auth'],
};

it.each([
  ['a client', {}],
  ['a kubelet as a client', KUBELET],
  ['a kubelet as a server', SERVING],
])('issues what %s asks for', (_, spec) => {
  const result = reconciled(controller, 'r', [approved(spec)]);
  const issued = written(result, 'update CertificateSigningRequest/status r');
  expect(issued.status.certificate).toBe(btoa('PEM'));
  expect(lines(reconciled(controller, 'r', [issued]))).toEqual([]);
});

it.each([
  [undefined, LONGEST_MS, -5 * MINUTE],
  [SHORTEST_MS / SECOND - 1, SHORTEST_MS, 0],
  [SHORTEST_MS / SECOND, SHORTEST_MS, 0],
  [SHORTEST_MS / SECOND + 1, SHORTEST_MS + SECOND, 0],
  [8 * 3600 - 1, 8 * 60 * MINUTE - SECOND, 0],
  [8 * 3600, 8 * 60 * MINUTE, -5 * MINUTE],
  [LONGEST_MS / SECOND - 1, LONGEST_MS - SECOND, -5 * MINUTE],
  [LONGEST_MS / SECOND + 1, LONGEST_MS, -5 * MINUTE],
])(
  'has it valid for as long as was asked for, from ten minutes to a year: %s s',
  (expirationSeconds, lifetime, backdated) => {
    ordered.length = 0;
    reconciled(controller, 'r', [approved({ expirationSeconds })]);
    expect(ordered[0]).toMatchObject({ notBefore: NOW - 5 * MINUTE, notAfter: NOW + lifetime + backdated });
  },
);

it.each([
  [{ usages: ['server auth'] }, 'invalid usage for client certificate: server auth'],
  [{ usages: ['digital signature'] }, 'missing required usage for client certificate: client auth'],
  [{ ...KUBELET, request: inSpec(CLIENT) }, 'subject organization is not system:nodes'],
  [{ ...KUBELET, request: inSpec(KUBELET_SERVING) }, 'DNS subjectAltNames are not allowed'],
  [{ ...SERVING, request: inSpec(KUBELET_CLIENT) }, 'DNS or IP subjectAltName is required'],
  [{ ...SERVING, usages: ['server auth'] }, 'usages did not match [digital signature key encipherment server auth]'],
])('says why it does not sign: %j', (spec, message) => {
  const result = reconciled(controller, 'r', [approved(spec)]);
  const [, failed] = written(result, 'update CertificateSigningRequest/status r').status.conditions;
  expect(failed).toMatchObject({ type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message });
});

it('signs nothing that is not approved, or is denied, or is another signer’s', () => {
  const open = { ...approved({}), status: {} };
  const denied = approved({}, [{ type: 'Denied', status: 'True' }]);
  for (const request of [open, denied, approved({ signerName: 'example.com/other' })])
    expect(reconciled(controller, 'r', [request])).toEqual({ writes: [] });
});

it('asks again for a signature that has not come', () => {
  const slow = certificateSigningController({ ...notary, certificate: () => undefined });
  expect(reconciled(slow, 'r', [approved({})]).requeueAt).toBeGreaterThan(NOW);
});
