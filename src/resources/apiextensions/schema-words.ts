/** The words of custom resources' schemas, and what they may stand for. models k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation */
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { ValidationRule } from '../../objects/generated/apiextensions-v1.gen.ts';
import { repeats } from '../../objects/repeats.ts';
import { followFieldPath } from '../custom/field-path.ts';
import { META_MEMBERS } from '../custom/schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: a schema as its author wrote it, looked up by the words of JSON Schema
type Schema = Record<string, any>;

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

const entries = (map: Record<string, Schema> | undefined): [string, Schema][] => Object.entries(map ?? {});
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** What is known of the place of a schema from those above it. */
interface Place {
  /** Why there may be no default here. */
  noDefaults?: string;
  /** Within what every object has: its metadata, its kind. */
  inMeta: boolean;
  isRoot: boolean;
}

/** All that is wrong with the words of the schema of a whole object. */
export const validateWords = (schema: Schema, field: string): FieldError[] =>
  words(schema, field, { inMeta: false, isRoot: true });

/** The words of a schema and of all below it, one schema at a time. */
function words(s: Schema, field: string, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  if (s.type && !TYPES.includes(s.type)) errors.push(notSupported(`${field}.type`, s.type, TYPES));
  if (s.default !== undefined && place.noDefaults)
    errors.push(forbidden(`${field}.default`, `must not be set ${place.noDefaults}`));
  for (const word of UNSUPPORTED)
    if (s[word] !== undefined) errors.push(forbidden(`${field}.${word}`, `${word} is not supported`));
  if (s.type === 'null')
    errors.push(forbidden(`${field}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(s.items))
    errors.push(forbidden(`${field}.items`, 'items must be a schema object and not an array'));
  if (place.inMeta && s['x-kubernetes-embedded-resource'])
    errors.push(forbidden(`${field}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  if (s.uniqueItems)
    errors.push(
      forbidden(
        `${field}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  if (s.additionalProperties !== undefined && s.additionalProperties !== true && entries(s.properties).length > 0)
    errors.push(forbidden(`${field}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  errors.push(...below(s, field, place));
  errors.push(...listAndMap(s, field));
  errors.push(...rules(s, `${field}.x-kubernetes-validations`));
  return errors;
}

function below(s: Schema, field: string, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const within: Place = { ...place, isRoot: false };
  if (isSchema(s.additionalProperties)) {
    const noDefaults = place.inMeta ? 'inside additionalProperties applying to object metadata' : undefined;
    const among = noDefaults ? { ...within, noDefaults } : within;
    errors.push(...words(s.additionalProperties, `${field}.additionalProperties`, among));
  }
  for (const [name, property] of entries(s.properties))
    errors.push(...words(property, `${field}.properties[${name}]`, placeOf(s, name, place)));
  if (s.not) errors.push(...words(s.not, `${field}.not`, within));
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [i, part] of (s[junctor] ?? []).entries())
      errors.push(...words(part, `${field}.${junctor}[${i}]`, within));
  if (isSchema(s.items) && !Array.isArray(s.items)) errors.push(...words(s.items, `${field}.items`, within));
  return errors;
}

function placeOf(s: Schema, name: string, place: Place): Place {
  const isMeta = (place.isRoot || s['x-kubernetes-embedded-resource']) && META_MEMBERS.has(name);
  if (!isMeta) return { ...place, isRoot: false };
  return { inMeta: true, isRoot: false, ...(place.isRoot ? { noDefaults: `in top-level ${name}` } : {}) };
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
  if (s.type === 'array' && s['x-kubernetes-list-type'] === 'set') errors.push(...setOfParts(s, field));
  const keys: string[] = s['x-kubernetes-list-map-keys'] ?? [];
  const type = s['x-kubernetes-list-type'];
  const mustBeMap = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (keys.length > 0 && type === undefined) errors.push(required(`${field}.x-kubernetes-list-type`, mustBeMap));
  else if (keys.length > 0 && type !== 'map') errors.push(invalid(`${field}.x-kubernetes-list-type`, type, mustBeMap));
  if (type === 'map') errors.push(...mapKeys(s, keys, field));
  return errors;
}

/** What is in a set is one thing, and told apart as one. */
function setOfParts(s: Schema, field: string): FieldError[] {
  if (!isSchema(s.items) || Array.isArray(s.items)) return [];
  const errors: FieldError[] = [];
  const words = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = s.items['x-kubernetes-list-type'];
  if (s.items.type === 'array' && listType !== undefined && listType !== 'atomic')
    errors.push(invalid(`${field}.items.x-kubernetes-list-type`, listType, words));
  // The real one quotes the other extension.
  if (s.items.type === 'object' && s.items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(invalid(`${field}.items.x-kubernetes-map-type`, listType ?? null, words));
  if (s.items.nullable)
    errors.push(forbidden(`${field}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'));
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

function rules(s: Schema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const all: ValidationRule[] = s['x-kubernetes-validations'] ?? [];
  for (const [i, { rule = '', message = '', messageExpression = '', reason, fieldPath = '' }] of all.entries()) {
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
    if (fieldPath !== '') errors.push(...validateRulePath(s, fieldPath, `${at}.fieldPath`));
  }
  return errors;
}

function validateRulePath(s: Schema, path: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (path.trim() === '') errors.push(invalid(field, path, 'must be non-empty if specified'));
  if (/[\n\r]/.test(path)) errors.push(invalid(field, path, 'must not contain line breaks'));
  if ('problem' in followFieldPath(path, s)) errors.push(invalid(field, path, 'must be a valid path'));
  return errors;
}
