/** The set of fields that an object has, and checks of what is applied. Source: structured-merge-diff/typed. */
import type { Struct, Type } from '../../catalog/schema.ts';
import { isEmpty } from '../../objects/equality.ts';
import { goSyntax, goType, printGo } from '../../objects/go-print.ts';
import { isJSONObject } from '../../objects/json.ts';
import { type FieldSet, isKeysOf, isShort, keysOf, MEMBER, pathText, withSelf } from './field-set.ts';
import { childShape, isLeafMap, itemElement, LEAF, ListItemError, resolved, type Shape, structShape } from './shape.ts';

/** `known`: a set that may be much the same, whose parts are then parts of this one. */
export function fieldsOf(ofShape: Shape, value: unknown, known?: FieldSet): FieldSet | undefined {
  const shape = resolved(ofShape, value);
  switch (shape.kind) {
    case 'leaf':
    case 'deduced':
      return MEMBER;
    case 'struct':
    case 'map':
      return isJSONObject(value) ? fieldsOfMap(shape, value, known) : undefined;
    default:
      return Array.isArray(value) ? fieldsOfList(shape, value) : undefined;
  }
}

function fieldsOfMap(shape: Shape, map: Record<string, unknown>, set?: FieldSet): FieldSet | undefined {
  if (isLeafMap(shape)) return set && isKeysOf(map, set) ? set : keysOf(map, false);
  const result: Record<string, FieldSet> = {};
  let any = false;
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === undefined) continue;
    const child = fieldsOf(childShape(shape, key), value, set?.[`f:${key}`]);
    const known = shape.kind === 'struct' && shape.fields.has(key);
    const whole = value === null || (isJSONObject(value) && isEmpty(value)) || !known;
    if (!child && !whole) continue;
    result[`f:${key}`] = whole ? withSelf(child) : child!;
    any = true;
  }
  return any ? result : undefined;
}

function fieldsOfList(shape: Shape & { kind: 'set' | 'list' }, list: unknown[]): FieldSet | undefined {
  const result: Record<string, FieldSet> = {};
  for (const item of list) {
    const element = itemElement(shape, item);
    if (element in result) result[element] = MEMBER;
    else result[element] = withSelf(shape.kind === 'list' ? fieldsOf(shape.element, item) : undefined);
  }
  return list.length ? result : undefined;
}

/** Makes the fields of structs members too when something below them is. */
export function withNamedFields(shape: Shape, set: FieldSet | undefined): FieldSet | undefined {
  // Below these there is no struct.
  if (!set || shape.kind === 'leaf' || shape.kind === 'set' || shape.kind === 'deduced' || isLeafMap(shape)) return set;
  const result: Record<string, FieldSet> = {};
  for (const element of Object.keys(set)) {
    const node = set[element]!;
    if (element === '.') {
      result[element] = node;
      continue;
    }
    const named = element.startsWith('f:') && shape.kind === 'struct' && shape.fields.has(element.slice(2));
    const below = element.startsWith('f:')
      ? childShape(shape, element.slice(2))
      : shape.kind === 'list'
        ? shape.element
        : LEAF;
    const child = withNamedFields(below, node) ?? MEMBER;
    result[element] = named ? withSelf(child) : child;
  }
  return result;
}

/** `object` without the fields of `set`. */
export function removeFields(ofShape: Shape, value: unknown, set: FieldSet | undefined): unknown {
  if (!set) return value;
  const shape = resolved(ofShape, value);
  if (isLeafMap(shape) && isJSONObject(value) && isShort(set)) return withoutKeys(value, set);
  if ((shape.kind === 'struct' || shape.kind === 'map') && isJSONObject(value)) {
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const node = set[`f:${key}`];
      if (!node) result[key] = value[key];
      else if (!isWhole(node)) result[key] = removeFields(childShape(shape, key), value[key], node);
    }
    return result;
  }
  if ((shape.kind === 'set' || shape.kind === 'list') && Array.isArray(value)) {
    const result: unknown[] = [];
    for (const item of value) {
      const node = set[itemElement(shape, item)];
      if (!node) result.push(item);
      else if (!isWhole(node)) result.push(removeFields(shape.kind === 'list' ? shape.element : LEAF, item, node));
    }
    return result;
  }
  return value;
}

/** A map without a few of its keys. */
function withoutKeys(map: Record<string, unknown>, set: FieldSet): Record<string, unknown> {
  let result: Record<string, unknown> | undefined;
  for (const element in set) {
    const key = element.slice(2);
    if (!element.startsWith('f:') || !Object.hasOwn(map, key) || !isWhole(set[element]!)) continue;
    result ??= { ...map };
    delete result[key];
  }
  return result ?? map;
}

function isWhole(node: FieldSet): boolean {
  for (const key in node) if (key !== '.') return '.' in node;
  return true;
}

/** What is wrong with an object that is applied, each with its path; in the schema's words. */
export function checkTyped(struct: Struct, object: unknown): string[] {
  const errors: string[] = [];
  checkStruct(struct, object, '', errors);
  return errors;
}

function checkStruct(struct: Struct, value: unknown, path: string, errors: string[]): void {
  if (value === null || value === undefined) return;
  if (!isJSONObject(value)) {
    errors.push(`${path}: expected map, got &{${printGo(value)}}`);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const field = struct.byName.get(key);
    if (!field) errors.push(`${path}.${key}: field not declared in schema`);
    else checkType(field.type, item, `${path}.${key}`, errors, childShape(structShape(struct), key));
  }
}

function checkType(type: Type, value: unknown, path: string, errors: string[], shape: Shape): void {
  if (value === null || value === undefined) return;
  switch (type.form) {
    case 'struct':
      checkStruct(type.struct, value, path, errors);
      return;
    case 'map':
      if (!isJSONObject(value)) errors.push(`${path}: expected map, got &{${printGo(value)}}`);
      else if (!(type.element.form === 'scalar' && type.element.scalar === 'string' && isOfTexts(value)))
        for (const [key, item] of Object.entries(value)) checkType(type.element, item, `${path}.${key}`, errors, LEAF);
      return;
    case 'list':
      if (!Array.isArray(value)) errors.push(`${path}: expected list, got &{${printGo(value)}}`);
      else checkList(type.element, value, path, errors, shape);
      return;
    case 'scalar':
      checkScalar(type.scalar, value, path, errors);
  }
}

function isOfTexts(map: Record<string, unknown>): boolean {
  for (const key in map) if (typeof map[key] !== 'string') return false;
  return true;
}

const checkList = (element: Type, list: unknown[], path: string, errors: string[], shape: Shape): void =>
  checkItems(list, path, errors, shape, (item, place) => checkType(element, item, place, errors, LEAF));

/** That no two items have one key, and each by itself. */
export function checkItems(
  list: unknown[],
  path: string,
  errors: string[],
  shape: Shape,
  check: (item: unknown, place: string) => void,
): void {
  const seen = new Set<string>();
  for (const [i, item] of list.entries()) {
    let place = `${path}[${i}]`;
    if (shape.kind === 'set' || shape.kind === 'list') {
      try {
        const key = itemElement(shape, item);
        const shown = pathText([key]);
        if (seen.has(key)) errors.push(`${path}: duplicate entries for key ${shown}`);
        seen.add(key);
        place = `${path}${shown}`;
      } catch (error) {
        if (!(error instanceof ListItemError)) throw error;
        errors.push(`${path}: element ${i}: ${error.message}`);
        continue;
      }
    }
    check(item, place);
  }
}

export function checkScalar(scalar: string, value: unknown, path: string, errors: string[]): void {
  switch (scalar) {
    case 'string':
    case 'bytes':
    case 'Duration':
      if (typeof value !== 'string') {
        errors.push(`${path}: expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      }
      return;
    case 'Time':
    case 'MicroTime':
    case 'Quantity':
      if (typeof value === 'object') errors.push(`${path}: expected any scalar, got &{${printGo(value)}}`);
      return;
    case 'bool':
      if (typeof value !== 'boolean') errors.push(`${path}: expected boolean, got &{${printGo(value)}}`);
      return;
    case 'int32':
    case 'int64':
    case 'float64':
      if (typeof value !== 'number') errors.push(`${path}: expected numeric (int or float), got ${goType(value)}`);
  }
}
