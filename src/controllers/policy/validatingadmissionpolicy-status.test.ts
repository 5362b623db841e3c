import { expect, it } from 'vitest';
import { BUILT_IN } from '../../resources/built-in.ts';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicy-status.ts';

const controller = validatingAdmissionPolicyStatusController(() => BUILT_IN);
const policy = (expression: string, generation: number, status: object = {}) =>
  object('ValidatingAdmissionPolicy', 'p', {
    metadata: { generation },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
      },
      validations: [{ expression }],
    },
    status,
  });

it('tells what the schemas have against a policy, once for each of its generations', () => {
  const wrong = policy('object.replicas > 1', 2, { observedGeneration: 1, typeChecking: {} });
  expect(keysOf(controller, { new: wrong })).toEqual(['p']);
  expect(written(reconciled(controller, 'p', [wrong]), 'update ValidatingAdmissionPolicy/status p').status).toEqual({
    observedGeneration: 2,
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[0].expression',
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
        },
      ],
    },
  });
  const right = policy('object.spec.replicas > 1', 3, { observedGeneration: 2 });
  expect(written(reconciled(controller, 'p', [right]), 'update ValidatingAdmissionPolicy/status p').status).toEqual({
    observedGeneration: 3,
    typeChecking: {},
  });
  const seen = policy('object.replicas > 1', 3, { observedGeneration: 3 });
  expect([keysOf(controller, { new: seen }), lines(reconciled(controller, 'p', [seen]))]).toEqual([[], []]);
});
