/** What each version of a definition says: its schema, columns, subresources and selectable fields. */
import type { StoredExpressions } from '../../cel/rules.ts';
import { sameData } from '../../objects/equality.ts';
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { byteLength, isDNS1035Label } from '../../objects/names.ts';
import { validateDefinitionSchema } from './definition-schema.ts';
import { validateSelectableFields } from './selectable-fields.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
/** What may be said once for all versions, as the server's own type holds it, its name there, and how it is checked. */
interface Part {
  field: keyof CustomResourceDefinitionVersion;
  path: string;
  validate(version: CustomResourceDefinitionVersion, at: string, stored?: StoredExpressions): FieldError[];
}

const PARTS: readonly Part[] = [
  {
    field: 'schema',
    path: 'validation',
    validate({ schema, subresources }, at, stored) {
      const whole = schema?.openAPIV3Schema;
      if (!whole) return [];
      return validateDefinitionSchema(whole, `${at}.openAPIV3Schema`, Boolean(subresources?.status), stored);
    },
  },
  {
    field: 'subresources',
    path: 'subresources',
    validate: ({ subresources }, at) => (subresources?.scale ? validateScale(subresources.scale, at) : []),
  },
  {
    field: 'additionalPrinterColumns',
    path: 'additionalPrinterColumns',
    validate: ({ additionalPrinterColumns: columns }, at) =>
      (columns ?? []).flatMap((column, i) => validateColumn(column, `${at}[${i}]`)),
  },
  {
    field: 'selectableFields',
    path: 'selectableFields',
    validate({ schema, selectableFields: fields }, at) {
      const whole = schema?.openAPIV3Schema;
      return fields && whole ? validateSelectableFields(fields, whole, at) : [];
    },
  },
];

/** The server's own type has one copy of what all versions say alike; paths of errors follow it. */
export function isShared(versions: readonly CustomResourceDefinitionVersion[], field: Part['field']): boolean {
  return versions.length > 0 && versions.every((v) => sameData(v[field], versions[0]?.[field]));
}

/** What is wrong with what all versions say alike. */
export const validateShared = (versions: CustomResourceDefinitionVersion[], stored?: StoredExpressions): FieldError[] =>
  PARTS.filter(({ field }) => isShared(versions, field)).flatMap(({ path, validate }) =>
    validate(versions[0]!, `spec.${path}`, stored),
  );

function validateColumn(column: CustomResourceColumnDefinition, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!column.name) errors.push(required(`${field}.name`));
  if (!column.type) errors.push(required(`${field}.type`, types));
  else if (!COLUMN_TYPES.includes(column.type)) errors.push(invalid(`${field}.type`, column.type, types));
  if (column.format && !COLUMN_FORMATS.includes(column.format))
    errors.push(invalid(`${field}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  if (!column.jsonPath) errors.push(required(`${field}.JSONPath`));
  else errors.push(...jsonPath(column.jsonPath, `${field}.JSONPath`));
  return errors;
}

const jsonPath = (path: string, field: string): FieldError[] =>
  path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')];

function validateScale(scale: CustomResourceSubresourceScale, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, root] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
  ] as const) {
    const at = `${field}.scale.${name}`;
    const path = scale[name];
    if (!path) errors.push(required(at));
    else if (!path.startsWith('.')) errors.push(...jsonPath(path, at));
    else if (!path.startsWith(`${root}.`)) errors.push(invalid(at, path, `should be a json path under ${root}`));
  }
  const path = scale.labelSelectorPath;
  const at = `${field}.scale.labelSelectorPath`;
  if (path && !path.startsWith('.')) errors.push(...jsonPath(path, at));
  else if (path && !path.startsWith('.spec.') && !path.startsWith('.status.'))
    errors.push(invalid(at, path, 'should be a json path under either .spec or .status'));
  return errors;
}

export const MAX_DEPRECATION_WARNING = 256;

function deprecationProblems({ deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const unprintable = warning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  return [
    ...(byteLength(warning) > MAX_DEPRECATION_WARNING ? ['must be <= 256 characters long'] : []),
    ...(warning === '' ? ['must not be an empty string'] : []),
    ...(unprintable < 0
      ? []
      : [
          `must only contain printable UTF-8 characters; non-printable character found at index ${byteLength(warning.slice(0, unprintable))}`,
        ]),
  ];
}

export function validateVersions(
  versions: CustomResourceDefinitionVersion[],
  stored?: StoredExpressions,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, version] of versions.entries())
    if (!version.schema?.openAPIV3Schema) errors.push(required(`spec.versions[${i}].schema.openAPIV3Schema`));
  for (const [i, version] of versions.entries()) {
    const wrong = isDNS1035Label(version.name ?? '').join(',');
    if (wrong) errors.push(invalid(`spec.versions[${i}].name`, version.name ?? '', wrong));
    for (const words of deprecationProblems(version))
      errors.push(invalid(`spec.versions[${i}].deprecationWarning`, version.deprecationWarning, words));
    for (const { field, validate } of PARTS)
      if (!isShared(versions, field)) errors.push(...validate(version, `spec.versions[${i}].${field}`, stored));
  }
  const printed = versions.map((v) => printedVersion(v, versions));
  if (new Set(versions.map((v) => v.name)).size < versions.length)
    errors.push(invalid('spec.versions', printed, 'must contain unique version names'));
  if (versions.filter((v) => v.storage).length !== 1)
    errors.push(invalid('spec.versions', printed, 'must have exactly one version marked as storage version'));
  return errors;
}

/** As messages print it: the fields of the internal type. */
const printedVersion = (v: CustomResourceDefinitionVersion, versions: CustomResourceDefinitionVersion[]): object => ({
  Name: v.name ?? '',
  Served: v.served ?? false,
  Storage: v.storage ?? false,
  Deprecated: v.deprecated ?? false,
  DeprecationWarning: v.deprecationWarning ?? null,
  Schema: isShared(versions, 'schema') ? null : (v.schema ?? null),
  Subresources: isShared(versions, 'subresources') ? null : (v.subresources ?? null),
  AdditionalPrinterColumns: isShared(versions, 'additionalPrinterColumns')
    ? null
    : (v.additionalPrinterColumns ?? null),
  SelectableFields: isShared(versions, 'selectableFields') ? null : (v.selectableFields ?? null),
});
