import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { mutatingAdmissionPolicy, validatingAdmissionPolicy } from './admission-policy.ts';
import { compiledPolicy } from './compiled-policy.ts';
import { mutatingWebhookConfiguration } from './webhooks.ts';

/** Of which only this release knows. */
const LATE = 'object.metadata.finalizers.includes("a")';

const COMMON = {
  failurePolicy: 'Fail',
  matchConstraints: {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
  },
};

const object = (content: object): KubeObject => ({ metadata: { name: 'p' }, ...content }) as unknown as KubeObject;

const validating = (spec: object): KubeObject =>
  object({ spec: { ...COMMON, validations: [{ expression: 'true' }], ...spec } });

const mutating = (spec: object): KubeObject =>
  object({ spec: { ...COMMON, reinvocationPolicy: 'Never', mutations: [mutation('Object{}')], ...spec } });

const mutation = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

const hooks = (...conditions: string[]): KubeObject =>
  object({
    webhooks: [
      {
        name: 'a.example.org',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { url: 'https://hooks.example.org/' },
        matchConditions: conditions.map((expression, i) => ({ name: `c${i}`, expression })),
      },
    ],
  });

const unknown = (problems: readonly { field: string; message: string }[] | undefined): string[] =>
  (problems ?? []).map(({ field, message }) => {
    expect(`${field}: ${message}`).toContain("undeclared reference to 'includes'");
    return field;
  });

const APPLIED = `Object{spec: Object.spec{paused: ${LATE}}}`;
const PATCHED = `${LATE} ? [JSONPatch{op: "remove", path: "/a"}] : []`;

it.each([
  [
    'a condition',
    validatingAdmissionPolicy,
    validating,
    { matchConditions: [{ name: 'c', expression: LATE }] },
    'spec.matchConditions[0].expression',
  ],
  [
    'a validation',
    validatingAdmissionPolicy,
    validating,
    { validations: [{ expression: LATE }] },
    'spec.validations[0].expression',
  ],
  [
    'a message',
    validatingAdmissionPolicy,
    validating,
    { validations: [{ expression: 'false', messageExpression: `string(${LATE})` }] },
    'spec.validations[0].messageExpression',
  ],
  [
    'an audit annotation',
    validatingAdmissionPolicy,
    validating,
    { auditAnnotations: [{ key: 'k', valueExpression: ` string(${LATE})` }] },
    'spec.auditAnnotations[0].valueExpression',
  ],
  [
    'a mutation',
    mutatingAdmissionPolicy,
    mutating,
    { mutations: [mutation(APPLIED)] },
    'spec.mutations[0].applyConfiguration.expression',
  ],
])('knows in %s what is new in this release only where that was stored before', (_, strategy, of, spec, field) => {
  const policy = of(spec);
  expect(unknown(strategy.validate?.(policy, {} as never))).toEqual([field]);
  expect(unknown(strategy.validateUpdate?.(policy, of({}), {} as never))).toEqual([field]);
  const changed = of({ ...spec, failurePolicy: 'Ignore' });
  expect(strategy.validateUpdate?.(changed, policy, {} as never)).toEqual([]);
});

it('knows it wherever a policy is in force', () => {
  const { validations, auditAnnotations } = compiledPolicy(
    validating({
      validations: [{ expression: LATE }],
      auditAnnotations: [{ key: 'k', valueExpression: `string(${LATE})` }],
    }),
  );
  expect([validations[0]!.error, auditAnnotations[0]!.error]).toEqual([undefined, undefined]);
});

it('finds variables and patches where the real one looks for them', () => {
  const variables = [{ name: 'v', expression: LATE }];
  const withVariable = validating({ variables });
  const update = (policy: KubeObject, old: KubeObject, strategy = validatingAdmissionPolicy) =>
    unknown(strategy.validateUpdate?.(policy, old, {} as never));
  expect(update(withVariable, withVariable)).toEqual(['spec.variables[0].expression']);
  expect(update(withVariable, validating({ validations: [{ expression: LATE }] }))).toEqual([]);
  const patching = mutating({ mutations: [patch(PATCHED)] });
  expect(update(patching, patching, mutatingAdmissionPolicy)).toEqual(['spec.mutations[0].jsonPatch.expression']);
});

it('does not look again at conditions of webhooks that are what they were', () => {
  const update = (to: KubeObject, from: KubeObject) =>
    mutatingWebhookConfiguration.validateUpdate?.(to, from, {} as never);
  expect(unknown(mutatingWebhookConfiguration.validate?.(hooks(LATE), {} as never))).toEqual([
    'webhooks[0].matchConditions[0].expression',
  ]);
  expect(update(hooks('no expression'), hooks('no expression'))).toEqual([]);
  expect(update(hooks(LATE, 'true'), hooks(LATE))).toEqual([]);
  expect(unknown(update(hooks(LATE, `!${LATE}`), hooks(LATE)))).toEqual(['webhooks[0].matchConditions[1].expression']);
});
