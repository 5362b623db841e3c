/** What is particular to the custom resources of one version. models k8s.io/apiextensions-apiserver/pkg/registry/customresource/strategy.go */
import type { StageContext, Strategy } from '../../catalog/strategy.ts';
import { sameValue } from '../../objects/equality.ts';
import { type FieldError, type FieldErrorType, invalid } from '../../objects/field-error.ts';
import type { CustomResourceSubresources, SelectableField } from '../../objects/generated/apiextensions-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { setDefaults } from './defaulting.ts';
import { validateEmbedded } from './embedded.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { findByPath, parseJSONPath } from './json-path.ts';
import { validateListTypes } from './list-types.ts';
import { NOWHERE } from './problems.ts';
import { validateRules } from './rule-validation.ts';
import { rulesOf } from './rules.ts';
import { validateScaleSpec, validateScaleStatus } from './scale-paths.ts';
import { propertyOf, type Schema } from './schema.ts';
import { validateValue } from './validation.ts';

export interface CustomVersion {
  /** Of the whole object; read when it is first needed. */
  schema(): Schema;
  subresources: CustomResourceSubresources | undefined;
  selectableFields: readonly SelectableField[] | undefined;
}

export function customStrategy({ schema, subresources, selectableFields }: CustomVersion): Strategy {
  const { scale } = subresources ?? {};
  const scaleErrors = (object: KubeObject): FieldError[] =>
    scale ? [...validateScaleSpec(scale, object), ...validateScaleStatus(scale, object)] : [];
  const validateLists = (object: KubeObject, old: KubeObject): FieldError[] => {
    const errors = validateListTypes(schema(), object);
    return errors.length > 0 && validateListTypes(schema(), old).length === 0 ? errors : [];
  };
  return {
    allowUnconditionalUpdate: false,
    statusKeepsMetadata: true,
    hasGeneration: true,
    metadataRules: 'plain',
    defaults: (object) => setDefaults(object, schema()),
    prepareForUpdate: countGeneration,
    validate: (object, { warn }) =>
      withRules(schema(), { object, warn }, [
        ...validateValue(schema(), object),
        ...scaleErrors(object),
        ...validateEmbedded(schema(), object),
        ...validateListTypes(schema(), object),
      ]),
    validateUpdate: (object, old, { warn }) =>
      withRules(schema(), { object, old, warn }, [
        ...validateValue(schema(), object, '', { old, schema: schema() }),
        ...scaleErrors(object),
        ...validateEmbedded(schema(), object),
        ...validateLists(object, old),
      ]),
    validateStatusUpdate: (object, old, { warn }) =>
      withRules(schema(), { object, old, warn }, [
        ...validateStatus(schema(), object, old),
        ...(scale ? validateScaleStatus(scale, object) : []),
        ...validateLists(object, old),
      ]),
    warnings: finalizerWarnings,
    ...(selectableFields?.length ? { selectableFields: selectable(selectableFields) } : {}),
  };
}

/** What makes an object one that rules cannot be asked about. */
const BLOCKING: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

interface Checked {
  object: KubeObject;
  old?: KubeObject;
  warn: StageContext['warn'] | undefined;
}

/** What else is wrong, and with it what the rules say. */
function withRules(schema: Schema, { object, old, warn }: Checked, errors: FieldError[]): FieldError[] {
  const node = rulesOf(schema, true);
  if (!node) return errors;
  if (errors.some(({ type }) => BLOCKING.has(type))) return [...errors, invalid(NOWHERE, null, NOT_CHECKED)];
  return [...errors, ...validateRules(node, object, '', { old, before: old && { old, schema }, warn })];
}

/** Whatever changes but the metadata counts, the status too where it has no door of its own. */
function countGeneration(object: KubeObject, old: KubeObject, { subresource }: { subresource?: string }): void {
  if (!subresource && !sameValue(object, old, 'metadata'))
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

/** By that door only the status is looked at. */
function validateStatus(schema: Schema, object: KubeObject, old: KubeObject): FieldError[] {
  const status = propertyOf(schema, 'status');
  if (!status || object.status === undefined) return [];
  return validateValue(status, object.status, 'status', { old: old.status, schema: status });
}

function selectable(fields: readonly SelectableField[]): (object: KubeObject) => Record<string, string> {
  const paths = fields.map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    path: parseJSONPath(jsonPath) ?? [],
  }));
  return (object) =>
    Object.fromEntries(
      paths.map(({ name, path }) => {
        const [value] = findByPath(path, object);
        return [name, value === undefined || value === null ? '' : String(value)];
      }),
    );
}
