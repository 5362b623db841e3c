/** What is wrong with a custom resource that is applied, by its schema's types alone. Source: structured-merge-diff/typed/validate.go. */
import { builtInStruct, META } from '../../catalog/schema.ts';
import { printGo } from '../../objects/go-print.ts';
import { isJSONObject } from '../../objects/json.ts';
import {
  additionalOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  META_MEMBERS,
  preservesUnknown,
  propertyOf,
  type Schema,
} from '../../resources/custom/schema.ts';
import { customShape } from './custom-shape.ts';
import { checkItems, checkScalar, checkTyped } from './fields-of.ts';
import { childShape, LEAF, type Shape } from './shape.ts';

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  integer: 'int64',
  number: 'float64',
};

export function checkCustom(schema: Schema, object: unknown): string[] {
  const errors: string[] = [];
  checkMembers(schema, object, '', errors, { shape: customShape(schema), isObject: true });
  return errors;
}

interface Place {
  shape: Shape;
  /** It has metadata as every object has. */
  isObject: boolean;
}

function checkMembers(
  schema: Schema,
  value: unknown,
  path: string,
  errors: string[],
  { shape, isObject }: Place,
): void {
  if (!isJSONObject(value)) {
    errors.push(`${path}: expected map, got &{${printGo(value)}}`);
    return;
  }
  const additional = additionalOf(schema);
  for (const [key, item] of Object.entries(value)) {
    const at = `${path}.${key}`;
    const property = propertyOf(schema, key) ?? additional;
    if (isObject && META_MEMBERS.has(key)) errors.push(...metaErrors(key, item, at));
    else if (property) check(property, item, at, errors, childShape(shape, key));
    else if (!preservesUnknown(schema)) errors.push(`${at}: field not declared in schema`);
  }
}

function metaErrors(key: string, value: unknown, path: string): string[] {
  if (key === 'metadata')
    return checkTyped(builtInStruct(`${META}ObjectMeta`), value).map((words) => `${path}${words}`);
  const errors: string[] = [];
  if (value !== null) checkScalar('string', value, path, errors);
  return errors;
}

function check(schema: Schema, value: unknown, path: string, errors: string[], shape: Shape): void {
  if (value === null || value === undefined) return;
  if (isIntOrString(schema)) {
    checkScalar('IntOrString', value, path, errors);
    return;
  }
  const { type = '' } = schema;
  if (type === 'object') {
    if (schema.properties || additionalOf(schema) || isEmbedded(schema))
      checkMembers(schema, value, path, errors, { shape, isObject: isEmbedded(schema) });
    else if (!isJSONObject(value)) errors.push(`${path}: expected map, got &{${printGo(value)}}`);
  } else if (type === 'array') checkList(schema, value, path, errors, shape);
  else if (SCALARS[type]) checkScalar(SCALARS[type], value, path, errors);
}

function checkList(schema: Schema, value: unknown, path: string, errors: string[], shape: Shape): void {
  if (!Array.isArray(value)) {
    errors.push(`${path}: expected list, got &{${printGo(value)}}`);
    return;
  }
  const items = itemsOf(schema);
  const element = shape.kind === 'list' ? shape.element : LEAF;
  checkItems(value, path, errors, shape, (item, place) => {
    if (items) check(items, item, place, errors, element);
  });
}
