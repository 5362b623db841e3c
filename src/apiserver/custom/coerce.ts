/**
 * What decoding does to a custom resource beyond reading it: its metadata becomes that of every object, and what its schema does not know
 * is gone. models unstructuredSchemaCoercer of k8s.io/apiextensions-apiserver/pkg/apiserver
 */
import type { CustomKind } from '../../catalog/custom-kind.ts';
import { builtInStruct, META } from '../../catalog/schema.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import { setOwn } from '../../objects/own.ts';
import { dropNulls } from '../../resources/custom/defaulting.ts';
import { concernsEmbedded } from '../../resources/custom/embedded.ts';
import { prune } from '../../resources/custom/pruning.ts';
import { asRoot, isEmbedded, itemsOf, memberSchema, type Schema } from '../../resources/custom/schema.ts';
import { decodeValue } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';

export interface Coercion {
  /** Whether unknown fields are told of. */
  told: boolean;
  /** What cannot be read is left out, as it is of an object that was stored before anybody looked. */
  lenient: boolean;
}

const roots = new WeakMap<Schema, Schema>();

function rootOf(schema: Schema): Schema {
  let root = roots.get(schema);
  if (!root) {
    root = asRoot(schema);
    roots.set(schema, root);
  }
  return root;
}

/** Changes an object of that version in place. Answers what its type does not know, `unknown field "spec.a"`. Throws `DecodeError`. */
export function coerce(object: JSONObject, custom: CustomKind, version: string, how: Coercion): string[] {
  const unknown = coerceMetadata(object, '', how);
  const schema = custom.schema(version);
  if (schema) {
    unknown.push(...prune(object, rootOf(schema), how.told));
    dropNulls(object, schema);
    if (concernsEmbedded(schema)) unknown.push(...new EmbeddedCoercer(how).coerce(object, schema));
  }
  return unknown.map((path) => `unknown field "${path}"`);
}

/** In place. Answers the paths of unknown fields. Throws `DecodeError` unless lenient. */
function coerceMetadata(object: JSONObject, path: string, { told, lenient }: Coercion): string[] {
  if (!Object.hasOwn(object, 'metadata')) return [];
  const { value, strict } = lenient ? readable(object.metadata) : decodeMetadata(object.metadata);
  object.metadata = value;
  if (!told) return [];
  const prefix = path === '' ? 'metadata' : `${path}.metadata`;
  return strict.map((words) => `${prefix}.${/"(.*)"$/.exec(words)![1]}`);
}

const decodeMetadata = (value: unknown) => decodeValue(builtInStruct(`${META}ObjectMeta`), value);

/** Field by field, where it cannot be read as a whole. */
function readable(metadata: unknown): { value: unknown; strict: string[] } {
  try {
    return decodeMetadata(metadata);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const value = {};
    if (isJSONObject(metadata))
      for (const field of Object.keys(metadata))
        try {
          Object.assign(value, decodeMetadata({ [field]: metadata[field] }).value);
        } catch (problem) {
          if (!(problem instanceof DecodeError)) throw problem;
        }
    return { value, strict: [] };
  }
}

/** Objects within the object. */
class EmbeddedCoercer {
  readonly #how: Coercion;
  readonly #unknown: string[] = [];

  constructor(how: Coercion) {
    this.#how = how;
  }

  coerce(object: JSONObject, schema: Schema): string[] {
    this.#value(object, schema, '');
    return this.#unknown.sort();
  }

  #value(value: unknown, schema: Schema | undefined, path: string): void {
    if (!schema || !concernsEmbedded(schema)) return;
    if (Array.isArray(value)) {
      const items = itemsOf(schema);
      for (const [i, item] of value.entries()) this.#value(item, items, `${path}[${i}]`);
    } else if (isJSONObject(value)) {
      if (isEmbedded(schema) && path !== '') this.#object(value, path);
      for (const key of Object.keys(value))
        this.#value(value[key], memberSchema(schema, key), path === '' ? key : `${path}.${key}`);
    }
  }

  #object(object: JSONObject, path: string): void {
    for (const key of ['apiVersion', 'kind'])
      if (Object.hasOwn(object, key) && typeof object[key] !== 'string') {
        if (!this.#how.lenient)
          throw new DecodeError(`${path}.${key}: Invalid value: ${goPrinted(object[key])}: must be a string`);
        delete object[key];
      }
    if (this.#how.lenient && !isJSONObject(object.metadata)) return;
    try {
      this.#unknown.push(...coerceMetadata(object, path, this.#how));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(`${path}.metadata: Invalid value: ${goPrinted(object.metadata)}: ${error.message}`);
    }
    const { metadata } = object;
    if (isJSONObject(metadata) && metadata.creationTimestamp === null) {
      const { creationTimestamp: _, ...rest } = metadata;
      setOwn(object, 'metadata', rest);
    }
  }
}

const goPrinted = (value: unknown): string => JSON.stringify(value);
