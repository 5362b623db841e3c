/**
 * The schemas of custom resources: every part must say its type, and some words of JSON Schema are not allowed.
 * Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema and pkg/apis/apiextensions/validation. CEL rules are only checked for being there.
 */

import { sameData } from '../../objects/equality.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { ValidationRule } from '../../objects/generated/apiextensions-v1.gen.ts';
import { repeats } from '../../objects/repeats.ts';

// biome-ignore lint/suspicious/noExplicitAny: a schema as its author wrote it, looked up by the words of JSON Schema
type Schema = Record<string, any>;
type Level = 'root' | 'item' | 'field';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

const MISSING_TYPE: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

const entries = (map: Record<string, Schema> | undefined): [string, Schema][] => Object.entries(map ?? {});
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** All that is wrong with the schema at `field`. */
export function validateCustomSchema(schema: Schema, field: string): FieldError[] {
  const errors = schema.nullable ? [forbidden(`${field}.nullable`, 'nullable cannot be true at the root')] : [];
  const structural = invariants(schema, 'root', field);
  const text = (e: FieldError): string => `${e.field}: ${e.message}`;
  structural.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
  return [...errors, ...structural, ...words(schema, field)];
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
  return errors;
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

/** The words of a schema and of all below it, one schema at a time. */
function words(s: Schema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (s.type && !TYPES.includes(s.type)) errors.push(notSupported(`${field}.type`, s.type, TYPES));
  for (const word of UNSUPPORTED)
    if (s[word] !== undefined) errors.push(forbidden(`${field}.${word}`, `${word} is not supported`));
  if (s.type === 'null')
    errors.push(forbidden(`${field}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(s.items))
    errors.push(forbidden(`${field}.items`, 'items must be a schema object and not an array'));
  if (s.uniqueItems)
    errors.push(
      forbidden(
        `${field}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  if (s.additionalProperties !== undefined && s.additionalProperties !== true && entries(s.properties).length > 0)
    errors.push(forbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  errors.push(...below(s, field));
  errors.push(...listAndMap(s, field));
  errors.push(...rules(s['x-kubernetes-validations'] ?? [], `${field}.x-kubernetes-validations`));
  return errors;
}

function below(s: Schema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isSchema(s.additionalProperties)) errors.push(...words(s.additionalProperties, `${field}.additionalProperties`));
  for (const [name, property] of entries(s.properties)) errors.push(...words(property, `${field}.properties[${name}]`));
  if (s.not) errors.push(...words(s.not, `${field}.not`));
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [i, part] of (s[junctor] ?? []).entries()) errors.push(...words(part, `${field}.${junctor}[${i}]`));
  if (isSchema(s.items) && !Array.isArray(s.items)) errors.push(...words(s.items, `${field}.items`));
  return errors;
}

function listAndMap(s: Schema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (s['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalid(`${field}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  const typed = (extension: string, type: string, allowed: string[]): void => {
    const value = s[extension];
    if (value === undefined) return;
    const words = `must be ${type} if ${extension} is specified`;
    if (s.type !== type)
      errors.push(s.type ? invalid(`${field}.type`, s.type, words) : required(`${field}.type`, words));
    if (!allowed.includes(value)) errors.push(notSupported(`${field}.${extension}`, value, allowed));
  };
  typed('x-kubernetes-map-type', 'object', ['atomic', 'granular']);
  typed('x-kubernetes-list-type', 'array', ['atomic', 'set', 'map']);
  const keys: string[] = s['x-kubernetes-list-map-keys'] ?? [];
  const type = s['x-kubernetes-list-type'];
  const mustBeMap = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (keys.length > 0 && type === undefined) errors.push(required(`${field}.x-kubernetes-list-type`, mustBeMap));
  else if (keys.length > 0 && type !== 'map') errors.push(invalid(`${field}.x-kubernetes-list-type`, type, mustBeMap));
  if (type === 'map') errors.push(...mapKeys(s, keys, field));
  return errors;
}

function mapKeys(s: Schema, keys: string[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${field}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
  if (!s.items) return [...errors, required(`${field}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  if (s.items.type !== 'object')
    return [
      ...errors,
      invalid(
        `${field}.items.type`,
        s.items.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ];
  const again = repeats(keys);
  for (const [i, key] of keys.entries()) {
    const property = s.items.properties?.[key];
    if (!property) errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object')
      errors.push(
        invalid(
          `${field}.items.properties[${key}].type`,
          s.items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    if (again[i]) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  }
  if (s.items.nullable)
    errors.push(forbidden(`${field}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is map'));
  const needed = new Set<string>(s.items.required);
  for (const key of keys) {
    const property = s.items.properties?.[key];
    if (property && property.default === undefined && !needed.has(key))
      errors.push(
        required(
          `${field}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    if (property?.nullable)
      errors.push(
        forbidden(
          `${field}.items.properties[${key}].nullable`,
          'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
        ),
      );
  }
  return errors;
}

function rules(all: ValidationRule[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, { rule = '', message = '', messageExpression = '', reason }] of all.entries()) {
    const at = `${field}[${i}]`;
    if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== '' && message.trim() === '')
      errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
    else if (/[\n\r]/.test(message.trim()))
      errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
    else if (/[\n\r]/.test(rule.trim()) && message.trim() === '')
      errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
    if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
  }
  return errors;
}
