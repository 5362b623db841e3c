/** The fields of a custom resource that its scale subresource stands for. */

import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { CustomResourceSubresourceScale } from '../../objects/generated/apiextensions-v1.gen.ts';
import { goType } from '../../objects/go-print.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { own } from '../../objects/own.ts';

const INT32_END = 2 ** 31 - 1;

export const namesOf = (path: string): string[] => path.replace(/^\./, '').split('.');

/** What stands at a path of names. `problem`: Go's words for what is of another type. */
function nested(
  object: JSONObject,
  path: string,
  go: string,
  isType: (value: unknown) => boolean,
): { value?: unknown; problem?: string } {
  let value: unknown = object;
  const names = namesOf(path);
  for (const [i, name] of names.entries()) {
    if (!isJSONObject(value))
      return value === null || value === undefined
        ? {}
        : {
            problem: `.${names.slice(0, i + 1).join('.')} accessor error: ${printed(value)} is of the type ${goType(value)}, expected map[string]interface{}`,
          };
    value = own(value, name);
    if (value === undefined) return {};
  }
  if (isType(value)) return { value };
  return {
    problem: `.${names.join('.')} accessor error: ${printed(value)} is of the type ${goType(value)}, expected ${go}`,
  };
}

const printed = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const nestedNumber = (object: JSONObject, path: string) =>
  nested(object, path, 'int64', (value) => typeof value === 'number' && Number.isInteger(value)) as {
    value?: number;
    problem?: string;
  };

const nestedText = (object: JSONObject, path: string) =>
  nested(object, path, 'string', (value) => typeof value === 'string') as { value?: string; problem?: string };

function validateReplicas(object: KubeObject, path: string): FieldError[] {
  const { value = 0, problem } = nestedNumber(object as JSONObject, path);
  if (problem) return [invalid(path, 0, problem)];
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > INT32_END ? [invalid(path, value, `should be less than or equal to ${INT32_END}`)] : [];
}

export const validateScaleSpec = (scale: CustomResourceSubresourceScale, object: KubeObject): FieldError[] =>
  validateReplicas(object, scale.specReplicasPath);

export function validateScaleStatus(scale: CustomResourceSubresourceScale, object: KubeObject): FieldError[] {
  const errors = validateReplicas(object, scale.statusReplicasPath);
  const { labelSelectorPath } = scale;
  const problem = labelSelectorPath ? nestedText(object as JSONObject, labelSelectorPath).problem : undefined;
  return problem ? [...errors, invalid(labelSelectorPath!, '', problem)] : errors;
}

export interface ScaleFields {
  /** Undefined: the field is not there. */
  replicas: number | undefined;
  statusReplicas: number;
  selector: string;
}

/** What the object says of its scale, or what is wrong with that. */
export function scaleFields(
  scale: CustomResourceSubresourceScale,
  object: KubeObject,
): ScaleFields | { problem: string } {
  const spec = nestedNumber(object as JSONObject, scale.specReplicasPath);
  const status = nestedNumber(object as JSONObject, scale.statusReplicasPath);
  const selector = scale.labelSelectorPath ? nestedText(object as JSONObject, scale.labelSelectorPath) : {};
  const problem = spec.problem ?? status.problem ?? selector.problem;
  if (problem !== undefined) return { problem };
  return { replicas: spec.value, statusReplicas: status.value ?? 0, selector: selector.value ?? '' };
}
