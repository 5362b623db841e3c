/** A schema as a list of its fields, each with its type, what it means and, folded, its own fields. */

import { code, escaped, prose } from './markup.ts';
import { nameOfRef, type Schema, schemaAnchor } from './openapi-types.ts';

type Schemas = Record<string, Schema>;

const refLink = (ref: string): string => {
  const name = nameOfRef(ref);
  return `<a href="#${schemaAnchor(name)}">${escaped(name)}</a>`;
};

/** A type in words, e.g. `list of NodeRequest or whole number`. */
function typeOf(schema: Schema): string {
  if (schema.$ref) return refLink(schema.$ref);
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(' or ');
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(typeOf))].join(' or ');
  if (schema.allOf)
    return schema.allOf
      .filter((part) => part.$ref)
      .map(typeOf)
      .join(' and ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object' && !schema.properties)
    return Object.keys(schema.additionalProperties).length > 0
      ? `map to ${typeOf(schema.additionalProperties)}`
      : 'object';
  const types = [schema.type ?? 'any'].flat().map((type) => (type === 'integer' ? 'whole number' : type));
  return schema.format ? `${types.join(' or ')}, ${schema.format}` : types.join(' or ');
}

const LIMITS: [keyof Schema, (value: number) => string][] = [
  ['minimum', (n) => `at least ${n}`],
  ['exclusiveMinimum', (n) => `more than ${n}`],
  ['maximum', (n) => `at most ${n}`],
  ['maxLength', (n) => `at most ${n} characters`],
  ['maxItems', (n) => `at most ${n} of them`],
  ['maxProperties', (n) => `at most ${n} entries`],
];

/** What of a schema is a number that must hold. Limits that only a machine's numbers set are left out. */
const limitsOf = (schema: Schema): string[] =>
  LIMITS.flatMap(([key, tell]) => {
    const value = schema[key];
    return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? [tell(value)] : [];
  });

/** The schemas whose fields are a value's, or those of what a list or a map holds. Named ones are linked to instead. */
function inner(schema: Schema): Schema[] {
  if (schema.$ref) return [];
  if (schema.properties) return [schema];
  const parts = [schema.anyOf, schema.oneOf].flatMap((branches) => branches ?? []);
  if (schema.items) parts.push(schema.items);
  if (typeof schema.additionalProperties === 'object') parts.push(schema.additionalProperties);
  return parts.flatMap(inner);
}

/** The fields of a schema, with those that it takes over from others. */
function fieldsOf(schema: Schema, schemas: Schemas): { properties: [string, Schema][]; required: string[] } {
  const parts = [...(schema.$ref ? [schemas[nameOfRef(schema.$ref)] ?? {}] : []), ...(schema.allOf ?? [])].map((part) =>
    fieldsOf(part, schemas),
  );
  return {
    properties: [...parts.flatMap((part) => part.properties), ...Object.entries(schema.properties ?? {})],
    required: [...parts.flatMap((part) => part.required), ...(schema.required ?? [])],
  };
}

export const example = (schema: Schema): string =>
  schema.example === undefined ? '' : `<span class="like">e.g. ${code(JSON.stringify(schema.example))}</span>`;

/** What a parameter or a field is, after its name. */
export function described(schema: Schema, description: string | undefined): string {
  const notes = [typeOf(schema), ...limitsOf(schema)].join(', ');
  return `<span class="type">${notes}</span>${description ? `<p>${prose(description)}</p>` : ''}${example(schema)}`;
}

function field(name: string, schema: Schema, required: boolean, schemas: Schemas): string {
  const below = inner(schema)
    .map((part) => fields(part, schemas))
    .join('');
  const folded = below && `<details><summary>Fields of ${code(name)}</summary>${below}</details>`;
  const mark = required ? ' <b class="required">required</b>' : '';
  return `<dt>${code(name)}${mark}</dt><dd>${described(schema, schema.description)}${folded}</dd>`;
}

/** The fields of a schema; for what has none, its type. */
export function fields(schema: Schema, schemas: Schemas): string {
  const { properties, required } = fieldsOf(schema, schemas);
  if (properties.length === 0) return `<p class="type">${typeOf(schema)}</p>`;
  const rows = properties.map(([name, part]) => field(name, part, required.includes(name), schemas));
  return `<dl class="fields">${rows.join('')}</dl>`;
}
