/** How a value is owned: as one leaf, by its fields, by its keys, by its items. Source: the SMD schema that the API server derives from OpenAPI. */
import type { Field, Struct, Type } from '../../catalog/schema.ts';
import { isJSONObject } from '../../objects/json.ts';

export type Shape =
  | { kind: 'leaf' }
  | { kind: 'struct'; fields: Fields }
  | { kind: 'map'; element: Shape }
  | { kind: 'set' }
  | { kind: 'list'; element: Shape; fields: Fields; keys: readonly string[] }
  /** What no schema tells of: a map by its keys, and so on below it, anything else as one. */
  | { kind: 'deduced' };

/** The fields of a type, by their names. */
export interface Fields {
  /** Whether the schema names it. */
  has(name: string): boolean;
  /** Of what the schema does not know, too. */
  shape(name: string): Shape;
  defaultOf(name: string): unknown;
}

export const LEAF: Shape = { kind: 'leaf' };
export const SET: Shape = { kind: 'set' };
export const DEDUCED: Shape = { kind: 'deduced' };
const DEDUCED_MAP: Shape = { kind: 'map', element: DEDUCED };

/** The shape by which values are looked at: where it follows from them, they are all maps, as far as they are there, or each is one. */
export function resolved(shape: Shape, a: unknown, b: unknown = undefined): Shape {
  if (shape.kind !== 'deduced') return shape;
  const isEither = (value: unknown): boolean => value === undefined || isJSONObject(value);
  return isEither(a) && isEither(b) && (a !== undefined || b !== undefined) ? DEDUCED_MAP : LEAF;
}

const ofField = new WeakMap<Field, Shape>();
const ofStruct = new WeakMap<Struct, Shape>();

export function structShape(struct: Struct): Shape {
  let shape = ofStruct.get(struct);
  if (!shape) {
    shape = struct.atomic ? LEAF : { kind: 'struct', fields: fieldsOfStruct(struct) };
    ofStruct.set(struct, shape);
  }
  return shape;
}

const fieldsOfStruct = (struct: Struct): Fields => ({
  has: (name) => struct.byName.has(name),
  shape: (name) => fieldShape(struct, name),
  defaultOf: (name) => struct.byName.get(name)?.default,
});

/** The shape of a struct's field or of what the schema does not know. */
function fieldShape(struct: Struct, name: string): Shape {
  const field = struct.byName.get(name);
  if (!field) return LEAF;
  let shape = ofField.get(field);
  if (!shape) {
    shape = makeShape(field.type, field);
    ofField.set(field, shape);
  }
  return shape;
}

function makeShape(type: Type, field?: Field): Shape {
  switch (type.form) {
    case 'scalar':
      return LEAF;
    case 'struct':
      return field?.atomicMap ? LEAF : structShape(type.struct);
    case 'map':
      return field?.atomicMap ? LEAF : { kind: 'map', element: makeShape(type.element) };
    case 'list':
      if (field?.listType === 'set') return SET;
      if (field?.listType !== 'map' || type.element.form !== 'struct') return LEAF;
      return {
        kind: 'list',
        element: structShape(type.element.struct),
        fields: fieldsOfStruct(type.element.struct),
        keys: [...field.listKeys!].sort(),
      };
  }
}

export const childShape = (shape: Shape, key: string): Shape =>
  shape.kind === 'struct'
    ? shape.fields.shape(key)
    : shape.kind === 'map'
      ? shape.element
      : shape.kind === 'deduced'
        ? DEDUCED
        : LEAF;

/** A map of what is owned as a whole, such as labels. */
export const isLeafMap = (shape: Shape): boolean => shape.kind === 'map' && shape.element.kind === 'leaf';

/** Go's JSON does not leave these as they are. */
function goJSON(value: unknown): string {
  const text = JSON.stringify(value);
  if (typeof value !== 'string' || !/[<>&\u2028\u2029]/.test(value)) return text;
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A list that can't be told apart into items. */
export class ListItemError extends Error {}

/** The path element of an item of a set or of a list with keys. Throws `ListItemError`. */
export function itemElement(shape: Shape & { kind: 'set' | 'list' }, item: unknown): string {
  if (shape.kind === 'set') return `v:${goJSON(item)}`;
  if (item === null) throw new ListItemError('associative list with keys may not have a null element');
  if (!isJSONObject(item)) {
    throw new ListItemError('associative list with keys may not have non-map elements');
  }
  let text = '';
  for (const key of shape.keys) {
    const value = item[key] ?? shape.fields.defaultOf(key);
    if (value === undefined) continue;
    text += `${text ? ',' : ''}${JSON.stringify(key)}:${goJSON(value)}`;
  }
  if (!text) {
    throw new ListItemError(
      `associative list with keys has an element that omits key field ${JSON.stringify(shape.keys[0])} (and doesn't have default value)`,
    );
  }
  return `k:{${text}}`;
}
