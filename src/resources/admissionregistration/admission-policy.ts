/**
 * ValidatingAdmissionPolicy and MutatingAdmissionPolicy. Source: k8s.io/kubernetes/pkg/apis/admissionregistration.
 */

import type { Strategy } from '../../catalog/strategy.ts';
import { validateConditions } from '../../objects/condition-validation.ts';
import { isSet, qualifiedName } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  MutatingAdmissionPolicy,
  Mutation,
  ParamKind,
  ValidatingAdmissionPolicy,
  Validation,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { byteLength, isDNS1035Label, isDNS1123Subdomain } from '../../objects/names.ts';
import type { Unchecked } from '../../objects/object.ts';
import {
  FAILURE_POLICIES,
  matchDefaults,
  mutatingOperations,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateMatchResources,
} from './admission-rules.ts';
import {
  APPLY_CONFIGURATION,
  AUDIT_VALUE,
  CONDITION,
  expressionErrors,
  JSON_PATCH,
  MESSAGE,
} from './expression-validation.ts';
import { PolicyCompiler, type PolicyPlace } from './policy-compiler.ts';
import { NONE_STORED, type StoredExpressions, storedInPolicy } from './stored-expressions.ts';

export const AUDIT_ANNOTATIONS_MAX = 20;
export const AUDIT_EXPRESSION_MAX_BYTES = 5 * 1024;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
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

/** By what a policy's expressions are compiled. */
interface Compiling {
  compiler: PolicyCompiler;
  stored: StoredExpressions;
}

/** What both kinds of policy have: when they apply, and their variables. */
function validateCommon(
  spec: Unchecked<AnyPolicy['spec']>,
  mutating: boolean,
  { compiler, stored }: Compiling,
): FieldError[] {
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
  const params = Boolean(spec.paramKind);
  errors.push(...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', params, stored));
  for (const [i, variable] of (spec.variables ?? []).entries()) {
    const at = `spec.variables[${i}]`;
    if (isBlank(variable.name)) errors.push(required(`${at}.name`, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(variable.name ?? '') || CEL_RESERVED.includes(variable.name ?? ''))
      errors.push(invalid(`${at}.name`, variable.name, 'must be a valid CEL identifier'));
    if (isBlank(variable.expression)) errors.push(required(`${at}.expression`, 'expression is not specified'));
    else {
      // The real one looks for them among the validations.
      const isNew = !stored.validations.has(variable.expression!);
      const compiled = compiler.variable(variable.name ?? '', variable.expression!, isNew);
      errors.push(...expressionErrors(compiled, `${at}.expression`));
    }
  }
  return errors;
}

function validateValidation(v: Validation, field: string, { compiler, stored }: Compiling): FieldError[] {
  const errors: FieldError[] = [];
  const check = (expression: string, place: PolicyPlace, part: string, known: ReadonlySet<string>): void =>
    void errors.push(
      ...expressionErrors(compiler.compile(expression, place, !known.has(expression)), `${field}.${part}`),
    );
  const blank = (part: 'messageExpression' | 'message'): boolean => {
    const isEmpty = Boolean(v[part]) && isBlank(v[part]);
    if (isEmpty) errors.push(invalid(`${field}.${part}`, v[part], 'must be non-empty if specified'));
    return isEmpty;
  };
  if (isBlank(v.expression)) errors.push(required(`${field}.expression`, 'expression is not specified'));
  else check(v.expression, CONDITION, 'expression', stored.validations);
  if (!blank('messageExpression') && v.messageExpression)
    check(v.messageExpression, MESSAGE, 'messageExpression', stored.messages);
  if (!blank('message') && /[\n\r]/.test((v.message ?? '').trim()))
    errors.push(invalid(`${field}.message`, v.message, 'must not contain line breaks'));
  if (isSet(v.reason) && !REASONS.includes(v.reason)) errors.push(notSupported(`${field}.reason`, v.reason, REASONS));
  return errors;
}

const EMPTY_POLICY = 'validations or auditAnnotations must contain at least one item';

function validateValidatingPolicy(o: ValidatingAdmissionPolicy, stored: StoredExpressions): FieldError[] {
  const spec = o.spec ?? {};
  const composition = (spec.variables ?? []).length > 0;
  const compiler = new PolicyCompiler({ params: Boolean(spec.paramKind), composition });
  const compiling = { compiler, stored };
  const errors = validateCommon(spec, false, compiling);
  const validations = spec.validations ?? [];
  const annotations = spec.auditAnnotations ?? [];
  if (validations.length === 0 && annotations.length === 0)
    return [...errors, required('spec.validations', EMPTY_POLICY), required('spec.auditAnnotations', EMPTY_POLICY)];
  for (const [i, v] of validations.entries())
    errors.push(...validateValidation(v, `spec.validations[${i}]`, compiling));
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
    else {
      const isNew = !stored.auditAnnotations.has(valueExpression);
      const compiled = compiler.compile(valueExpression.trim(), AUDIT_VALUE, isNew);
      errors.push(...expressionErrors(compiled, `${at}.valueExpression`, valueExpression));
    }
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

const PLACES = { applyConfiguration: APPLY_CONFIGURATION, jsonPatch: JSON_PATCH };

function validateMutation(m: Mutation, field: string, { compiler, stored }: Compiling): FieldError[] {
  if (!m.patchType) return [required(`${field}.patchType`)];
  const own = PATCHES[m.patchType];
  if (own === undefined) return [notSupported(`${field}.patchType`, m.patchType, Object.keys(PATCHES))];
  const errors: FieldError[] = [];
  if (!m[own]) errors.push(required(`${field}.${own}`, `must be specified when patchType is ${m.patchType}`));
  else {
    const written = m[own]?.expression ?? '';
    const expression = written.trim();
    const at = `${field}.${own}.expression`;
    if (expression === '') errors.push(required(at));
    else
      errors.push(...expressionErrors(compiler.compile(expression, PLACES[own], !stored.mutations.has(written)), at));
  }
  for (const other of Object.values(PATCHES))
    if (other !== own && m[other])
      errors.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${m.patchType}`));
  return errors;
}

function validateMutatingPolicy(o: MutatingAdmissionPolicy, stored: StoredExpressions): FieldError[] {
  const spec = o.spec ?? {};
  const compiling = { compiler: new PolicyCompiler({ params: Boolean(spec.paramKind) }), stored };
  const errors = validateCommon(spec, true, compiling);
  const mutations = spec.mutations ?? [];
  if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
  for (const [i, m] of mutations.entries()) errors.push(...validateMutation(m, `spec.mutations[${i}]`, compiling));
  if (!spec.reinvocationPolicy) errors.push(required('spec.reinvocationPolicy'));
  else if (!REINVOCATION_POLICIES.includes(spec.reinvocationPolicy))
    errors.push(notSupported('spec.reinvocationPolicy', spec.reinvocationPolicy, REINVOCATION_POLICIES));
  return errors;
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

const policy = <Policy extends AnyPolicy>(
  validate: (o: Policy, stored: StoredExpressions) => FieldError[],
): Strategy<Policy> => ({
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
  validate: (o) => validate(o, NONE_STORED),
  validateUpdate: (o, old) => validate(o, storedInPolicy(o.spec ?? {}, old.spec ?? {})),
  validateStatusUpdate: validateStatus as Strategy['validateStatusUpdate'] & {},
});

export const validatingAdmissionPolicy: Strategy = policy(validateValidatingPolicy);

export const mutatingAdmissionPolicy: Strategy = policy(validateMutatingPolicy);
