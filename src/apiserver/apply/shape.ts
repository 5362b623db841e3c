/** How a value is owned: as one leaf, by its fields, by its keys, by its items. Source: the SMD schema that the API server derives from OpenAPI. */
import type { Field, Struct, Type } from '../../catalog/schema.ts';
import { isJSONObject } from '../../objects/json.ts';

export type Shape =
  | { kind: 'leaf' }
  | { kind: 'struct'; struct: Struct }
  | { kind: 'map'; element: Shape }
  | { kind: 'set' }
  | { kind: 'list'; element: Shape; struct: Struct; keys: readonly string[] };

const LEAF: Shape = { kind: 'leaf' };
const SET: Shape = { kind: 'set' };

const ofField = new WeakMap<Field, Shape>();
const ofStruct = new WeakMap<Struct, Shape>();

export function structShape(struct: Struct): Shape {
  let shape = ofStruct.get(struct);
  if (!shape) {
    shape = struct.atomic ? LEAF : { kind: 'struct', struct };
    ofStruct.set(struct, shape);
  }
  return shape;
}

/** The shape of a struct's field or of what the schema does not know. */
export function fieldShape(struct: Struct, name: string): Shape {
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
        struct: type.element.struct,
        keys: [...field.listKeys!].sort(),
      };
  }
}

export const childShape = (shape: Shape, key: string): Shape =>
  shape.kind === 'struct' ? fieldShape(shape.struct, key) : shape.kind === 'map' ? shape.element : LEAF;

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
    const value = item[key] ?? shape.struct.byName.get(key)?.default;
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
