/** Admission policies for tests, bound to the whole cluster. */
import type { Answer, Call } from './calls.ts';

export const POLICIES = '/apis/admissionregistration.k8s.io/v1';

export const rule = (resource: string, operations = ['CREATE', 'UPDATE'], apiGroups = [''], apiVersions = ['*']) => ({
  apiGroups,
  apiVersions,
  operations,
  resources: [resource],
});

async function made(answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(body.message);
}

interface Bound {
  /** Of the policy, beside its rules. */
  spec?: object;
  /** Of the binding. */
  binding?: object;
}

/** Makes a policy that validates by one expression, and its binding, under one name. */
export async function validating(
  call: Call,
  name: string,
  resourceRules: object[],
  validation: string | object,
  { spec = {}, binding = {} }: Bound = {},
): Promise<void> {
  const validations = [typeof validation === 'string' ? { expression: validation } : validation];
  const body = { metadata: { name }, spec: { matchConstraints: { resourceRules }, validations, ...spec } };
  await made(call('POST', `${POLICIES}/validatingadmissionpolicies`, body));
  const bound = { policyName: name, validationActions: ['Deny'], ...binding };
  await made(call('POST', `${POLICIES}/validatingadmissionpolicybindings`, { metadata: { name }, spec: bound }));
}

/** The same of one that mutates: by a patch's expression, or an object's. */
export async function mutating(
  call: Call,
  name: string,
  resourceRules: object[],
  expression: string,
  { spec = {}, binding = {} }: Bound = {},
): Promise<void> {
  const mutation = expression.startsWith('Object')
    ? { patchType: 'ApplyConfiguration', applyConfiguration: { expression } }
    : { patchType: 'JSONPatch', jsonPatch: { expression } };
  const own = { matchConstraints: { resourceRules }, mutations: [mutation], reinvocationPolicy: 'Never', ...spec };
  await made(call('POST', `${POLICIES}/mutatingadmissionpolicies`, { metadata: { name }, spec: own }));
  const bound = { policyName: name, ...binding };
  await made(call('POST', `${POLICIES}/mutatingadmissionpolicybindings`, { metadata: { name }, spec: bound }));
}
