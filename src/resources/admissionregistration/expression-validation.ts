/** What is wrong with the expressions of policies and webhooks. Models k8s.io/kubernetes/pkg/apis/admissionregistration/validation. */
import { JSON_PATCH_TYPE } from '../../cel/mutation-types.ts';
import { BOOL, listOf, NULL, STRING, struct } from '../../cel/type.ts';
import { type FieldError, internalError, invalid } from '../../objects/field-error.ts';
import { PolicyCompiler, type PolicyExpression, type PolicyPlace } from './policy-compiler.ts';
import type { StoredExpressions } from './stored-expressions.ts';

export const CONDITION: PolicyPlace = { types: [BOOL] };
export const MESSAGE: PolicyPlace = { types: [STRING], authorizer: false };
export const AUDIT_VALUE: PolicyPlace = { types: [STRING, NULL] };
export const APPLY_CONFIGURATION: PolicyPlace = { types: [struct('Object')], mutation: true };
export const JSON_PATCH: PolicyPlace = { types: [listOf(JSON_PATCH_TYPE)], mutation: true };

/** `quoted`: how the field has it, where that is not what was compiled. */
export function expressionErrors({ error, source }: PolicyExpression, field: string, quoted = source): FieldError[] {
  if (!error) return [];
  return [error.isInternal ? internalError(field, error.detail) : invalid(field, quoted, error.detail)];
}

/** A condition may name no variables. */
export function matchConditionErrors(
  expression: string,
  field: string,
  params: boolean,
  { matchConditions }: StoredExpressions,
): FieldError[] {
  const source = expression.trim();
  const compiler = new PolicyCompiler({ params, composition: false });
  return expressionErrors(compiler.compile(source, CONDITION, !matchConditions.has(source)), field);
}
