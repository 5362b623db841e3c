/** The schema of one version of a definition, with all that can be said of it before any object comes. */

import type { StoredExpressions } from '../../cel/rules.ts';
import { type FieldError, forbidden, invalid } from '../../objects/field-error.ts';
import { isKnownFormat } from '../custom/formats.ts';
import { MAX_PATTERNS, PatternCount } from '../custom/pattern.ts';
import { additionalOf, itemsOf, type Schema } from '../custom/schema.ts';
import { validateDefinitionRules } from './definition-rules.ts';
import { validateDefaults } from './schema-defaults.ts';
import { validateWords } from './schema-words.ts';
import { validateStructural } from './structural-schema.ts';

/** What may stand at the root beside a status that is validated by itself, as the server's own type names it. */
const BESIDE_STATUS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];

const BESIDE_STATUS_WORDS = new Set([
  ...BESIDE_STATUS.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

/** Where there are more patterns than would be kept ready, the first that is too many. */
function excessPattern(schema: Schema, field: string, count: PatternCount): string | undefined {
  if (schema.pattern && !count.add(schema.pattern)) return `${field}.pattern`;
  const parts: [Schema | undefined, string][] = [
    [itemsOf(schema), 'items'],
    [additionalOf(schema), 'additionalProperties'],
    [schema.not, 'not'],
    ...Object.entries(schema.properties ?? {}).map(([name, part]): [Schema, string] => [part, `properties[${name}]`]),
  ];
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [i, part] of (schema[junctor] ?? []).entries()) parts.push([part, `${junctor}[${i}]`]);
  for (const [part, name] of parts) {
    const excess = part && excessPattern(part, `${field}.${name}`, count);
    if (excess) return excess;
  }
  return undefined;
}

/** `field`: of the schema; `withStatus`: the status has a door of its own; `stored`: expressions that the definition has had before. */
export function validateDefinitionSchema(
  schema: Schema,
  field: string,
  withStatus: boolean,
  stored?: StoredExpressions,
): FieldError[] {
  const excess = excessPattern(schema, field, new PatternCount());
  if (excess) return [forbidden(excess, `all patterns of a schema may take ${MAX_PATTERNS} steps`)];
  const errors = withStatus ? validateRootWithStatus(schema, field) : [];
  if (schema.nullable) errors.push(forbidden(`${field}.nullable`, 'nullable cannot be true at the root'));
  const structural = validateStructural(schema, field);
  const shape = structural.length > 0 ? structural : validateDefaults(schema, field);
  const words = validateWords(schema, field);
  const rules = shape.length > 0 ? [] : validateDefinitionRules(schema, field, words, stored);
  return [...errors, ...shape, ...words, ...rules];
}

function validateRootWithStatus(schema: Schema, field: string): FieldError[] {
  if (schema.type && schema.type !== 'object') {
    const words = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(`${field}.type`, schema.type, words)];
  }
  const other = Object.entries(schema).some(([word, value]) => value !== undefined && !BESIDE_STATUS_WORDS.has(word));
  if (!other) return [];
  const words = `only [${BESIDE_STATUS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(field, schema, words)];
}

/** What is told of a schema that is accepted as it is. */
export function schemaWarnings(schema: Schema | undefined): { formats: string[]; sets: string[] } {
  const formats: string[] = [];
  const sets = new Set<string>();
  const look = (s: Schema): void => {
    const type = s.type ?? '';
    if (s.format && !isKnownFormat(s.format, type)) formats.push(`unrecognized format "${s.format}"`);
    const items = itemsOf(s);
    if (s['x-kubernetes-list-type'] === 'set' && (items?.type === 'object' || items?.type === 'array'))
      sets.add(
        `x-kubernetes-list-type: set for items of type "${items.type}" is not supported by server-side apply or CEL validation rules`,
      );
    const additional = additionalOf(s);
    for (const below of [
      items,
      ...(s.allOf ?? []),
      ...(s.anyOf ?? []),
      ...(s.oneOf ?? []),
      s.not,
      ...Object.values(s.properties ?? {}),
      additional,
    ])
      if (below) look(below);
  };
  if (schema) look(schema);
  return { formats, sets: [...sets].sort() };
}
