/** Validation of a container's environment variables. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateEnv. */

import { checked, dns1123Label, dns1123Subdomain, noBacksteps } from '../../../objects/field-checks.ts';
import { type FieldError, invalid, required } from '../../../objects/field-error.ts';
import type {
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  SecretKeySelector,
} from '../../../objects/generated/core-v1.gen.ts';
import { isConfigMapKey, isRelaxedEnvVarName } from '../../../objects/names.ts';
import { ENVIRONMENT_FIELDS, validateFieldRef, validateResourceFieldRef } from './downward-api.ts';

function keySelector(ref: SecretKeySelector, field: string): FieldError[] {
  const errors = [...dns1123Subdomain(ref.name ?? '', `${field}.name`)];
  if (!ref.key) errors.push(required(`${field}.key`));
  else errors.push(...checked(isConfigMapKey(ref.key), `${field}.key`, ref.key));
  return errors;
}

function fileKeyRef(ref: FileKeySelector, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!ref.key) errors.push(required(`${field}.key`));
  else errors.push(...checked(isRelaxedEnvVarName(ref.key), `${field}.key`, ref.key));
  if (!ref.volumeName) errors.push(required(`${field}.volumeName`));
  else errors.push(...dns1123Label(ref.volumeName, `${field}.volumeName`));
  if (!ref.path) errors.push(required(`${field}.path`));
  else errors.push(...noBacksteps(ref.path, `${field}.path`));
  return errors;
}

const ONE_OF = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

function valueFrom(variable: EnvVar, field: string): FieldError[] {
  const from = variable.valueFrom;
  if (!from) return [];
  const errors: FieldError[] = [];
  let sources = 0;
  if (from.fieldRef) {
    sources++;
    errors.push(...validateFieldRef(from.fieldRef, ENVIRONMENT_FIELDS, `${field}.fieldRef`));
  }
  if (from.resourceFieldRef) {
    sources++;
    errors.push(...validateResourceFieldRef(from.resourceFieldRef, `${field}.resourceFieldRef`, false));
  }
  if (from.configMapKeyRef) {
    sources++;
    errors.push(...keySelector(from.configMapKeyRef, `${field}.configMapKeyRef`));
  }
  if (from.secretKeyRef) {
    sources++;
    errors.push(...keySelector(from.secretKeyRef, `${field}.secretKeyRef`));
  }
  if (from.fileKeyRef) {
    sources++;
    errors.push(...fileKeyRef(from.fileKeyRef, `${field}.fileKeyRef`));
  }
  if (sources === 0) errors.push(invalid(field, '', ONE_OF));
  else if (variable.value) errors.push(invalid(field, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  return errors;
}

export function validateEnv(variables: EnvVar[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, variable] of (variables ?? []).entries()) {
    const path = `${field}[${i}]`;
    if (!variable.name) errors.push(required(`${path}.name`));
    else errors.push(...checked(isRelaxedEnvVarName(variable.name), `${path}.name`, variable.name));
    errors.push(...valueFrom(variable, `${path}.valueFrom`));
  }
  return errors;
}

export function validateEnvFrom(sources: EnvFromSource[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, source] of (sources ?? []).entries()) {
    const path = `${field}[${i}]`;
    if (source.prefix) errors.push(...checked(isRelaxedEnvVarName(source.prefix), `${path}.prefix`, source.prefix));
    let count = 0;
    for (const key of ['configMapRef', 'secretRef'] as const) {
      const ref = source[key];
      if (!ref) continue;
      count++;
      if (!ref.name) errors.push(required(`${path}.${key}.name`));
      else errors.push(...dns1123Subdomain(ref.name, `${path}.${key}.name`));
    }
    if (count === 0) errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (count > 1) errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}
