/** Takes away what the schema does not know. models k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning */
import type { JSONObject } from '../../objects/json.ts';
import {
  additionalOf,
  allowsAdditional,
  isEmbedded,
  itemsOf,
  META_MEMBERS,
  preservesUnknown,
  propertyOf,
  type Schema,
} from './schema.ts';

/** Takes fields away in place. Answers where they were, in order, `spec.list[0].field`, if `told`. `schema`: of the whole object. */
export function prune(object: JSONObject, schema: Schema, told: boolean): string[] {
  const pruner = new Pruner(told);
  pruner.value(object, schema, '');
  return pruner.unknown.sort();
}

class Pruner {
  readonly unknown: string[] = [];
  readonly #told: boolean;

  constructor(told: boolean) {
    this.#told = told;
  }

  value(value: unknown, schema: Schema | undefined, path: string): void {
    if (typeof value !== 'object' || value === null) return;
    const keeps = schema !== undefined && preservesUnknown(schema);
    if (Array.isArray(value)) {
      // What is below a list that is kept as it is, is kept.
      const items = schema && itemsOf(schema);
      for (const [i, item] of value.entries())
        if (keeps) this.#kept(item, items, this.#told ? `${path}[${i}]` : '');
        else this.value(item, items, this.#told ? `${path}[${i}]` : '');
    } else if (keeps) this.#kept(value, schema, path);
    else this.#members(value as JSONObject, schema, path);
  }

  #members(members: JSONObject, schema: Schema | undefined, path: string): void {
    for (const key of Object.keys(members)) {
      if (schema && isEmbedded(schema) && META_MEMBERS.has(key)) continue;
      const property = schema && propertyOf(schema, key);
      const at = this.#told ? (path === '' ? key : `${path}.${key}`) : '';
      if (property || (schema && allowsAdditional(schema)))
        this.value(members[key], property ?? additionalOf(schema as Schema), at);
      else {
        if (this.#told && (!META_MEMBERS.has(key) || path !== '')) this.unknown.push(at);
        delete members[key];
      }
    }
  }

  /** Where unknown fields are preserved, only what is known is looked into. */
  #kept(value: unknown, schema: Schema | undefined, path: string): void {
    if (typeof value !== 'object' || value === null || !schema) return;
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      for (const [i, item] of value.entries()) this.#kept(item, items, this.#told ? `${path}[${i}]` : '');
      return;
    }
    for (const key of Object.keys(value)) {
      if (isEmbedded(schema) && META_MEMBERS.has(key)) continue;
      const property = propertyOf(schema, key);
      if (!property && !allowsAdditional(schema)) continue;
      const at = this.#told ? (path === '' ? key : `${path}.${key}`) : '';
      const below = (value as JSONObject)[key];
      // `additionalProperties: true` says nothing of what is below it, which goes.
      this.value(below, property ?? additionalOf(schema), at);
    }
  }
}
