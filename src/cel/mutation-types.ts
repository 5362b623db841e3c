/**
 * What mutating admission policies make: `Object{spec: Object.spec{…}}`, of which any field may be set, and `JSONPatch{op: …}`. Models
 * k8s.io/apiserver's pkg/cel/mutation.
 */
import { equal } from './compare.ts';
import type { TypeProvider } from './environment.ts';
import { DYN, STRING, struct, type Type } from './type.ts';
import { type CelError, CelList, CelMap, CelObject, type Value } from './value.ts';

export const JSON_PATCH_TYPE = struct('JSONPatch');
const PATCH_FIELDS: ReadonlyMap<string, Type> = new Map([
  ['op', STRING],
  ['path', STRING],
  ['from', STRING],
  ['value', DYN],
]);

/** An object that an expression has made. */
export class MadeObject extends CelObject {
  readonly type: Type;
  readonly fields: ReadonlyMap<string, Value>;
  constructor(type: Type, fields: ReadonlyMap<string, Value>) {
    super();
    this.type = type;
    this.fields = fields;
  }

  override equals(other: Value): boolean | CelError {
    if (!(other instanceof MadeObject) || other.type.name !== this.type.name) return false;
    if (other.fields.size !== this.fields.size) return false;
    for (const [name, value] of this.fields) {
      const theirs = other.fields.get(name);
      const same = theirs !== undefined && equal(value, theirs);
      if (same !== true) return same;
    }
    return true;
  }
}

const isObjectName = (name: string): boolean => name === 'Object' || name.startsWith('Object.');

export const MUTATION_TYPES: TypeProvider = {
  find: (name) => (name === 'JSONPatch' ? JSON_PATCH_TYPE : isObjectName(name) ? struct(name) : undefined),
  field: (name, field) => (isObjectName(name) ? DYN : PATCH_FIELDS.get(field)),
  construct: (name, fields) => new MadeObject(struct(name), fields),
};

/**
 * Objects within a made one whose types are not called by where they are: `Object.spec` within `metadata`. Each as Kubernetes says it.
 */
export function misnamedObjects(value: Value, path = 'Object'): string[] {
  if (value instanceof MadeObject) {
    const found = [...value.fields].flatMap(([name, field]) => misnamedObjects(field, `${path}.${name}`));
    if (value.type.name === path) return found;
    const wrong = `unexpected type name ${JSON.stringify(value.type.name)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`;
    return [wrong, ...found];
  }
  if (value instanceof CelList)
    return Array.from({ length: value.size }, (_, index) => misnamedObjects(value.get(index), path)).flat();
  return value instanceof CelMap ? value.keys().flatMap((key) => misnamedObjects(value.get(key)!, path)) : [];
}
