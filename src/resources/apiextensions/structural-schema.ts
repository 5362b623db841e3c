/**
 * The schemas of custom resources: every part must say its type, and some words of JSON Schema are not allowed.
 * models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/validation.go
 */

import { sameData } from '../../objects/equality.ts';
import { type FieldError, forbidden, invalid, required } from '../../objects/field-error.ts';
import { own } from '../../objects/own.ts';
import { patternOf } from '../custom/pattern.ts';

// biome-ignore lint/suspicious/noExplicitAny: a schema as its author wrote it, looked up by the words of JSON Schema
type Schema = Record<string, any>;
type Level = 'root' | 'item' | 'field';

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

const MISSING_TYPE: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

const entries = (map: Record<string, Schema> | undefined): [string, Schema][] => Object.entries(map ?? {});
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** What keeps the schema at `field` from being structural, in the order of the alphabet. */
export function validateStructural(schema: Schema, field: string): FieldError[] {
  const errors = [...invariants(schema, 'root', field), ...completeness(schema, schema, field, field)];
  const text = (e: FieldError): string => `${e.field}: ${e.message}`;
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

function invariants(s: Schema, level: Level, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (s.type === 'array' && !s.items) errors.push(required(`${field}.items`, 'must be specified'));
  if (isSchema(s.items) && !Array.isArray(s.items)) errors.push(...invariants(s.items, 'item', `${field}.items`));
  for (const [name, property] of entries(s.properties))
    errors.push(...invariants(property, 'field', `${field}.properties[${name}]`));
  if (s.additionalProperties !== undefined) {
    const at = `${field}.additionalProperties`;
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    if (isSchema(s.additionalProperties)) errors.push(...invariants(s.additionalProperties, 'field', at));
  }
  errors.push(...extensions(s, field));
  errors.push(...junctors(s, field));
  errors.push(...typeOf(s, level, field));
  errors.push(...identity(s, level, field));
  return errors;
}

function extensions(s: Schema, field: string): FieldError[] {
  if (!s['x-kubernetes-int-or-string']) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((extension) => s[extension])
    .map((extension) => invalid(`${field}.${extension}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeOf(s: Schema, level: Level, field: string): FieldError[] {
  const at = `${field}.type`;
  const errors: FieldError[] = [];
  const embedded = s['x-kubernetes-embedded-resource'];
  if (embedded && s.type !== 'object') {
    const words = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(s.type ? invalid(at, s.type, words) : required(at, words));
  } else if (!s.type && !s['x-kubernetes-int-or-string'] && !s['x-kubernetes-preserve-unknown-fields'])
    errors.push(required(at, MISSING_TYPE[level]));
  if (embedded && s.additionalProperties !== undefined)
    errors.push(
      forbidden(`${field}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  if (level === 'root' && s.type && s.type !== 'object') errors.push(invalid(at, s.type, 'must be object at the root'));
  return errors;
}

/** What a schema may say about the fields that every object has. */
function identity(s: Schema, level: Level, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const whole = level === 'root' || s['x-kubernetes-embedded-resource'];
  for (const name of ['kind', 'apiVersion'] as const) {
    const property = s.properties?.[name];
    if (property && whole && property.type !== 'string')
      errors.push(invalid(`${field}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const metadata = s.properties?.metadata;
  if (metadata) {
    const at = `${field}.properties[metadata]`;
    if (whole && metadata.type !== 'object') errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
    const { type: _, default: __, properties, ...rest } = metadata;
    const named = Object.keys(properties ?? {}).every((name) => name === 'name' || name === 'generateName');
    if (level === 'root' && (!named || Object.keys(rest).length > 0))
      errors.push(
        forbidden(
          at,
          'must not specify anything other than name and generateName, but metadata is implicitly specified',
        ),
      );
  }
  const open = s['x-kubernetes-preserve-unknown-fields'];
  if (s['x-kubernetes-embedded-resource'] && !open && entries(s.properties).length === 0)
    errors.push(
      required(
        `${field}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
  return errors;
}

/** Inside `anyOf` and the like only constraints on values may stand, nothing that gives structure. */
function junctors(s: Schema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const intOrString = s['x-kubernetes-int-or-string'];
  if (!(intOrString && sameData(s.anyOf, INT_OR_STRING)))
    for (const [i, part] of (s.anyOf ?? []).entries()) errors.push(...nested(part, `${field}.anyOf[${i}]`));
  for (const [i, part] of (s.allOf ?? []).entries()) {
    const pattern = intOrString && i === 0 && sameData(part.anyOf, INT_OR_STRING);
    errors.push(...nested(pattern ? { ...part, anyOf: undefined } : part, `${field}.allOf[${i}]`));
  }
  for (const [i, part] of (s.oneOf ?? []).entries()) errors.push(...nested(part, `${field}.oneOf[${i}]`));
  if (s.not) errors.push(...nested(s.not, `${field}.not`));
  if (s.pattern) errors.push(...pattern(s.pattern, `${field}.pattern`));
  return errors;
}

function pattern(source: string, field: string): FieldError[] {
  const compiled = patternOf(source);
  return 'error' in compiled
    ? [invalid(field, source, `must be a valid regular expression, but isn't: ${compiled.error}`)]
    : [];
}

const NOT_NESTED: [name: string, words: string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function nested(s: Schema, field: string): FieldError[] {
  const errors = junctors(s, field);
  if (isSchema(s.items)) errors.push(...nested(s.items, `${field}.items`));
  for (const [name, property] of entries(s.properties))
    errors.push(...nested(property, `${field}.properties[${name}]`));
  for (const [name, words] of NOT_NESTED) if (s[name]) errors.push(forbidden(`${field}.${name}`, words));
  if (s.properties?.metadata)
    errors.push(forbidden(`${field}.properties[metadata]`, 'must not be specified in a nested context'));
  return errors;
}

/** What is said of a value within `anyOf` and the like must be of a field that the schema has. `at`: where the schema is, `said`: where that is said. */
function completeness(s: Schema | undefined, said: Schema, at: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [i, part] of ((said[junctor] ?? []) as Schema[]).entries())
      errors.push(...nestedCompleteness(s, part, at, `${path}.${junctor}[${i}]`));
  if (said.not) errors.push(...nestedCompleteness(s, said.not, at, `${path}.not`));
  return errors;
}

function nestedCompleteness(s: Schema | undefined, said: Schema, at: string, path: string): FieldError[] {
  if (!s) return [required(at, `because it is defined in ${path}`)];
  const errors = completeness(s, said, at, path);
  if (isSchema(said.items) && !Array.isArray(said.items)) {
    const items = isSchema(s.items) && !Array.isArray(s.items) ? s.items : undefined;
    errors.push(...nestedCompleteness(items, said.items, `${at}.items`, `${path}.items`));
  }
  for (const [name, property] of entries(said.properties))
    errors.push(
      ...nestedCompleteness(
        own(s.properties ?? {}, name),
        property,
        `${at}.properties[${name}]`,
        `${path}.properties[${name}]`,
      ),
    );
  return errors;
}
