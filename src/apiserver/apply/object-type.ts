/** How the objects of a kind are owned, applied and read: by their Go type, or by the schema of their definition. */
import type { Kind } from '../../catalog/kinds.ts';
import { builtInStruct, META, type Struct } from '../../catalog/schema.ts';
import { cloneJSON } from '../../objects/clone.ts';
import type { KubeObject, ObjectMeta } from '../../objects/object.ts';
import type { Schema } from '../../resources/custom/schema.ts';
import { convertValue } from '../codec/decode.ts';
import { emptyObject } from '../codec/zero.ts';
import { customShape } from './custom-shape.ts';
import { checkCustom } from './custom-typed.ts';
import { checkTyped } from './fields-of.ts';
import { type Shape, structShape } from './shape.ts';

export interface ObjectType {
  /** Its Go type; undefined for what users have defined. */
  struct: Struct | undefined;
  shape: Shape;
  /** What a creation is compared with. */
  empty: KubeObject;
  /** What is wrong with an object that is applied, each with its path; in the schema's words. */
  check(object: unknown): string[];
  /** An object of the caller's own. Throws `DecodeError`. */
  convert(merged: unknown): KubeObject;
}

const types = new WeakMap<Struct | Schema, ObjectType>();

/** Undefined for a kind whose objects nobody owns. */
export function typeOf(kind: Pick<Kind, 'struct' | 'custom' | 'version'>): ObjectType | undefined {
  const { struct, custom, version } = kind;
  const by = struct ?? custom?.schema(version);
  if (!by) return undefined;
  let type = types.get(by);
  if (!type) {
    type = struct ? typeOfStruct(struct) : typeOfSchema(by as Schema);
    types.set(by, type);
  }
  return type;
}

const typeOfStruct = (struct: Struct): ObjectType => ({
  struct,
  shape: structShape(struct),
  empty: emptyObject(struct),
  check: (object) => checkTyped(struct, object),
  convert: (merged) => convertValue(struct, merged).value as KubeObject,
});

/** Nobody owns that an object has metadata. */
const NOTHING = Object.freeze({ metadata: Object.freeze({}) }) as KubeObject;

const typeOfSchema = (schema: Schema): ObjectType => ({
  struct: undefined,
  shape: customShape(schema),
  empty: NOTHING,
  check: (object) => checkCustom(schema, object),
  convert(merged) {
    const object = cloneJSON(merged) as KubeObject;
    if (object.metadata !== undefined) {
      const metadata: unknown = convertValue(builtInStruct(`${META}ObjectMeta`), object.metadata).value;
      object.metadata = metadata as ObjectMeta;
    }
    return object;
  },
});
