import { expect, it } from 'vitest';
import { lines, object, reconciled, written } from '../test-view.ts';
import { crdApiApprovalController } from './crd-api-approval.ts';

const judged = (group: string, approval?: string, conditions: object[] = []) =>
  reconciled(crdApiApprovalController(), `foos.${group}`, [
    object('CustomResourceDefinition', `foos.${group}`, {
      metadata: { annotations: approval === undefined ? {} : { 'api-approved.kubernetes.io': approval } },
      spec: { group, names: { plural: 'foos', kind: 'Foo' } },
      status: { conditions },
    }),
  ]);

const TYPE = 'KubernetesAPIApprovalPolicyConformant';
const URL = 'https://github.com/kubernetes-sigs/gateway-api/pull/2466';

it.each([
  [URL, 'True', 'ApprovedAnnotation', `approved in ${URL}`],
  ['unapproved, as I said', 'False', 'UnapprovedAnnotation', 'not approved: "unapproved, as I said"'],
  [
    undefined,
    'False',
    'MissingAnnotation',
    'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
  ],
])('says of a group of the project what its annotation says: %s', (approval, status, reason, message) => {
  const group = 'gateway.networking.k8s.io';
  const said = written(judged(group, approval), `update CustomResourceDefinition/status foos.${group}`);
  const [condition] = said.status.conditions;
  expect(condition).toMatchObject({ type: TYPE, status, reason, message });
  expect(lines(judged(group, approval, [condition]))).toEqual([]);
});

it('says nothing of other groups', () => {
  expect(lines(judged('example.com', URL))).toEqual([]);
});
