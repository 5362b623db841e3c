/**
 * ValidatingAdmissionPolicy, MutatingAdmissionPolicy and their bindings. Source: k8s.io/kubernetes/pkg/apis/admissionregistration.
 * Expressions are only checked for being there.
 */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { Findings } from '../../objects/declarative.ts';
import { checked, dns1123Subdomain, isSet, qualifiedName } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { byteLength, isDNS1035Label, isDNS1123Subdomain, isPathSegmentName } from '../../objects/names.ts';
import type { Unchecked } from '../../objects/object.ts';
import { repeats } from '../../objects/repeats.ts';
import { validateLabelSelector } from '../../objects/selector-validation.ts';
import {
  FAILURE_POLICIES,
  matchDefaults,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateMatchResources,
} from './admission-rules.ts';

export const AUDIT_ANNOTATIONS_MAX = 20;
export const AUDIT_EXPRESSION_MAX_BYTES = 5 * 1024;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const CEL_RESERVED =
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  );

const isBlank = (text: string | undefined): boolean => !text?.trim();

function validateParamKind(kind: ParamKind, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const apiVersion: string = kind.apiVersion ?? '';
  const at = `${field}.apiVersion`;
  const parts = apiVersion.split('/');
  const [group, version] = parts.length === 2 ? parts : ['', apiVersion];
  if (apiVersion === '') errors.push(required(at));
  else if (parts.length > 2) errors.push(invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const wrongGroup = group ? isDNS1123Subdomain(group) : [];
    if (wrongGroup.length > 0) errors.push(invalid(at, group, wrongGroup.join(',')));
    const wrong = version ? isDNS1035Label(version) : [];
    if (!version) errors.push(invalid(at, apiVersion, 'version must be specified'));
    else if (wrong.length > 0) errors.push(invalid(at, version, wrong.join(',')));
  }
  if (!kind.kind) return [...errors, required(`${field}.kind`)];
  const wrong = isDNS1035Label(kind.kind.toLowerCase());
  if (wrong.length > 0)
    errors.push(
      invalid(`${field}.kind`, kind.kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`),
    );
  return errors;
}

type AnyPolicy = MutatingAdmissionPolicy | ValidatingAdmissionPolicy;
type AnyBinding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding;

/** What both kinds of policy have: when they apply, and their variables. */
function validateCommon(spec: Unchecked<AnyPolicy['spec']>, mutating: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!isSet(spec.failurePolicy)) errors.push(required('spec.failurePolicy'));
  else if (!FAILURE_POLICIES.includes(spec.failurePolicy))
    errors.push(notSupported('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES));
  if (spec.paramKind) errors.push(...validateParamKind(spec.paramKind, 'spec.paramKind'));
  const match = spec.matchConstraints;
  if (!match) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatchResources(match, 'spec.matchConstraints'));
    if (!match.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
    if (mutating) errors.push(...mutatingOperations(match, 'spec.matchConstraints'));
  }
  errors.push(...validateMatchConditions(spec.matchConditions, 'spec.matchConditions'));
  for (const [i, variable] of (spec.variables ?? []).entries()) {
    const at = `spec.variables[${i}]`;
    if (isBlank(variable.name)) errors.push(required(`${at}.name`, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(variable.name ?? '') || CEL_RESERVED.includes(variable.name ?? ''))
      errors.push(invalid(`${at}.name`, variable.name, 'must be a valid CEL identifier'));
    if (isBlank(variable.expression)) errors.push(required(`${at}.expression`, 'expression is not specified'));
  }
  return errors;
}

function mutatingOperations(match: Unchecked<MatchResources>, field: string): FieldError[] {
  return (match.resourceRules ?? []).flatMap((rule) =>
    (rule.operations ?? [])
      .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
      .map((operation) => notSupported(`${field}.resourceRules.operations`, operation, MUTATING_OPERATIONS)),
  );
}

function validateValidation(v: Validation, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isBlank(v.expression)) errors.push(required(`${field}.expression`, 'expression is not specified'));
  for (const part of ['messageExpression', 'message'] as const)
    if (v[part] && isBlank(v[part]))
      errors.push(invalid(`${field}.${part}`, v[part], 'must be non-empty if specified'));
  if (/[\n\r]/.test((v.message ?? '').trim()))
    errors.push(invalid(`${field}.message`, v.message, 'must not contain line breaks'));
  if (isSet(v.reason) && !REASONS.includes(v.reason)) errors.push(notSupported(`${field}.reason`, v.reason, REASONS));
  return errors;
}

const EMPTY_POLICY = 'validations or auditAnnotations must contain at least one item';

function validateValidatingPolicy(o: ValidatingAdmissionPolicy): FieldError[] {
  const spec = o.spec ?? {};
  const errors = validateCommon(spec, false);
  const validations = spec.validations ?? [];
  const annotations = spec.auditAnnotations ?? [];
  if (validations.length === 0 && annotations.length === 0)
    return [...errors, required('spec.validations', EMPTY_POLICY), required('spec.auditAnnotations', EMPTY_POLICY)];
  for (const [i, v] of validations.entries()) errors.push(...validateValidation(v, `spec.validations[${i}]`));
  if (annotations.length > AUDIT_ANNOTATIONS_MAX)
    errors.push(
      invalid(
        'spec.auditAnnotations',
        annotations,
        `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`,
      ),
    );
  const keys = new Set<string>();
  for (const [i, { key = '', valueExpression }] of annotations.entries()) {
    const at = `spec.auditAnnotations[${i}]`;
    errors.push(...qualifiedName(`${o.metadata.name}/${key}`, `${at}.key`));
    if (isBlank(valueExpression)) errors.push(required(`${at}.valueExpression`, 'valueExpression is not specified'));
    else if (byteLength(valueExpression.trim()) > AUDIT_EXPRESSION_MAX_BYTES)
      errors.push(required(`${at}.valueExpression`, `must not exceed ${AUDIT_EXPRESSION_MAX_BYTES} bytes in length`));
    if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
    keys.add(key);
  }
  return errors;
}

/** Patch types, and the field that describes each. */
const PATCHES: Readonly<Record<string, 'applyConfiguration' | 'jsonPatch'>> = {
  ApplyConfiguration: 'applyConfiguration',
  JSONPatch: 'jsonPatch',
};

function validateMutation(m: Mutation, field: string): FieldError[] {
  if (!m.patchType) return [required(`${field}.patchType`)];
  const own = PATCHES[m.patchType];
  if (own === undefined) return [notSupported(`${field}.patchType`, m.patchType, Object.keys(PATCHES))];
  const errors: FieldError[] = [];
  if (!m[own]) errors.push(required(`${field}.${own}`, `must be specified when patchType is ${m.patchType}`));
  else if (isBlank(m[own]?.expression)) errors.push(required(`${field}.${own}.expression`));
  for (const other of Object.values(PATCHES))
    if (other !== own && m[other])
      errors.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${m.patchType}`));
  return errors;
}

function validateMutatingPolicy(o: MutatingAdmissionPolicy): FieldError[] {
  const spec = o.spec ?? {};
  const errors = validateCommon(spec, true);
  const mutations = spec.mutations ?? [];
  if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
  for (const [i, m] of mutations.entries()) errors.push(...validateMutation(m, `spec.mutations[${i}]`));
  if (!spec.reinvocationPolicy) errors.push(required('spec.reinvocationPolicy'));
  else if (!REINVOCATION_POLICIES.includes(spec.reinvocationPolicy))
    errors.push(notSupported('spec.reinvocationPolicy', spec.reinvocationPolicy, REINVOCATION_POLICIES));
  return errors;
}

function validateParamRef(ref: ParamRef | undefined, field: string): FieldError[] {
  if (!ref) return [];
  const errors: FieldError[] = [];
  const both = ref.name && ref.selector;
  const exclusive = 'name and selector are mutually exclusive';
  if (ref.name) errors.push(...checked(isPathSegmentName(ref.name), `${field}.name`, ref.name));
  if (both) errors.push(forbidden(`${field}.name`, exclusive));
  errors.push(...validateLabelSelector(ref.selector, `${field}.selector`));
  if (both) errors.push(forbidden(`${field}.selector`, exclusive));
  if (!ref.name && !ref.selector) errors.push(required(field, 'one of name or selector must be specified'));
  const action = ref.parameterNotFoundAction;
  if (!action) errors.push(required(`${field}.parameterNotFoundAction`));
  else if (action !== 'Deny' && action !== 'Allow')
    errors.push(notSupported(`${field}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  return errors;
}

function validateActions(actions: string[], field: string, found: Findings): void {
  const again = repeats(actions);
  for (const [i, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) found.add(notSupported(`${field}[${i}]`, action, ACTIONS));
    if (again[i]) found.add(duplicate(`${field}[${i}]`, action));
  }
  if (actions.includes('Deny') && actions.includes('Warn'))
    found.add(
      invalid(
        field,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  if (actions.length === 0) found.declare(required(field));
}

function validateBinding(o: AnyBinding, mutating: boolean): FieldError[] {
  const found = new Findings();
  const spec = o.spec ?? {};
  if (spec.policyName) found.add(...dns1123Subdomain(spec.policyName, 'spec.policyName'));
  else if (mutating) found.add(required('spec.policyName'));
  else found.declare(required('spec.policyName'));
  found.add(...validateParamRef(spec.paramRef, 'spec.paramRef'));
  found.add(...validateMatchResources(spec.matchResources, 'spec.matchResources'));
  if (!mutating)
    validateActions(('validationActions' in spec && spec.validationActions) || [], 'spec.validationActions', found);
  else if (spec.matchResources) found.add(...mutatingOperations(spec.matchResources, 'spec.matchResources'));
  return found.all();
}

const validateStatus = (o: ValidatingAdmissionPolicy): FieldError[] => {
  const errors: FieldError[] = [];
  for (const [i, { warning, fieldRef }] of (o.status?.typeChecking?.expressionWarnings ?? []).entries()) {
    const at = `status.typeChecking.expressionWarnings[${i}]`;
    if (!warning) errors.push(required(`${at}.warning`));
    if (isBlank(fieldRef)) errors.push(required(`${at}.fieldRef`));
  }
  return [...errors, ...validateConditions(o.status?.conditions, 'status.conditions')];
};

const policy = <Policy extends AnyPolicy>(validate: (o: Policy) => FieldError[]): Strategy<Policy> => ({
  hasGeneration: true,
  statusKeepsMetadata: true,
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  defaults: (o) => {
    const spec = o.spec ?? {};
    o.spec = spec;
    spec.failurePolicy ??= 'Fail';
    matchDefaults(spec.matchConstraints);
  },
  validate,
  validateStatusUpdate: validateStatus as Strategy['validateStatusUpdate'] & {},
});

const binding = (mutating: boolean): Strategy<AnyBinding> => ({
  hasGeneration: true,
  metadataRules: 'plain',
  allowUnconditionalUpdate: false,
  defaults: (o) => matchDefaults(o.spec?.matchResources),
  validate: (o) => validateBinding(o, mutating),
});

export const validatingAdmissionPolicy: Strategy = policy(validateValidatingPolicy);

export const mutatingAdmissionPolicy: Strategy = policy(validateMutatingPolicy);

export const validatingAdmissionPolicyBinding: Strategy = binding(false);

export const mutatingAdmissionPolicyBinding: Strategy = binding(true);
