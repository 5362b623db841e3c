/**
 * A JSON value as an object of a Go type, the way the API server's decoder reads it and would write it again: unknown fields gone,
 * quantities and times in their one form, empty fields left out or printed as the type's tags say.
 * Source: sigs.k8s.io/json and the UnmarshalJSON methods of k8s.io/apimachinery.
 */

import { builtInStruct, type Scalar, type Struct, type Type } from '../../catalog/schema.ts';
import { printValue } from '../../objects/field-error.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { setOwn } from '../../objects/own.ts';
import { milliQuantity } from '../../objects/quantity.ts';
import { DecodeError } from './decode-error.ts';
import { type ScalarContext, ScalarDecoder, word } from './decode-scalar.ts';
import { MAX_DECODED_CHARACTERS, printedSize, tooLargeObject } from './decoded-size.ts';
import { membersIn } from './json-outline.ts';
import type { Notes } from './json-text.ts';
import { type Refusal, wrongInConversion, wrongInJSON } from './wrong-type.ts';
import { EMPTY_MAP, emptyObject, print, printEmpty, zeroOf } from './zero.ts';

export interface Decoded {
  /** Types that are no objects, such as options, have as little of one as Go's types have. */
  value: KubeObject;
  /** What the strict decoder finds: `unknown field "spec.zzz"`, `duplicate field "metadata.name"`. */
  strict: string[];
}

/** Go keeps this many. */
export const MAX_STRICT = 100;

/**
 * Reads `value` as a `struct` if nothing is to be said of it, and so many members were written of its objects: then no key is repeated.
 * undefined: `decodeValue` has to look. The value is taken: parts of it may become the object's.
 */
export function decodeFlawless(struct: Struct, value: unknown, members: number): object | undefined {
  const decoder = new Decoder(undefined, wrongInJSON);
  try {
    const decoded = decoder.top(struct, value);
    return decoder.strict.length === 0 && decoder.members === members ? decoded : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Reads `value` as a `struct`. Throws `DecodeError`. */
export function decodeValue(struct: Struct, value: unknown, notes?: Notes): Decoded {
  const decoder = new Decoder(notes, wrongInJSON);
  let decoded = emptyObject(struct);
  try {
    decoded = decoder.top(struct, value);
    if (decoder.strict.length === 0) return { value: decoded, strict: [] };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  // What is wrong is told in the order of the text, so it is read once more.
  const reader = new Decoder(notes, wrongInJSON, true);
  reader.top(struct, value);
  return { value: decoded, strict: reader.strict };
}

/** The same in the words of the converter that a strategic merge patch goes through. Throws `DecodeError`. */
export function convertValue(struct: Struct, value: unknown): Decoded {
  const decoder = new Decoder(undefined, wrongInConversion);
  const decoded = decoder.top(struct, value);
  return { value: decoded, strict: decoder.strict.sort() };
}

class Decoder implements ScalarContext {
  readonly strict: string[] = [];
  readonly #notes: Notes | undefined;
  #saved: string | undefined;
  /** Go's context of an error: the struct that has the field, and the fields on the way to it. */
  #struct: Struct | undefined;
  readonly #fields: string[] = [];
  /** The same with list indexes and map keys, as strict errors name a place. */
  readonly #path: string[] = [];

  /** Characters so far. */
  #size = 0;
  /** JSONObject of objects so far. */
  members = 0;

  readonly #refusal: Refusal;
  readonly #scalars: ScalarDecoder;
  /** Whether fields are taken as the text has them, and not as the type has them. */
  readonly #inTextOrder: boolean;

  constructor(notes: Notes | undefined, refusal: Refusal, inTextOrder = false) {
    this.#notes = notes;
    this.#refusal = refusal;
    this.#inTextOrder = inTextOrder;
    this.#scalars = new ScalarDecoder(notes, this);
  }

  top(struct: Struct, value: unknown): KubeObject {
    const decoded = this.#decodeStruct(struct, value, struct.go);
    if (this.#saved !== undefined) throw new DecodeError(this.#saved);
    return decoded ? (decoded as unknown as KubeObject) : emptyObject(struct);
  }

  /** What is wrong, unless something was before. */
  save(message: string): void {
    this.#saved ??= message;
  }

  #grow(characters: number): void {
    this.#size += characters;
    if (this.#size > MAX_DECODED_CHARACTERS) throw tooLargeObject();
  }

  /** Go's words for a value of a wrong type. */
  typeMessage(what: string, go: string): string {
    if (!this.#struct || this.#refusal === wrongInConversion) {
      return `json: cannot unmarshal ${what} into Go value of type ${go}`;
    }
    const name = this.#struct.go.slice(this.#struct.go.indexOf('.') + 1);
    return `json: cannot unmarshal ${what} into Go struct field ${name}.${this.#fields.join('.')} of type ${go}`;
  }

  /** The same where a value stands that is decoded no further. */
  wrongType(value: unknown, go: string, scalar?: Scalar): undefined {
    this.wrong(word(value), go, scalar);
    return undefined;
  }

  /** Go's decoder goes on after a value of a wrong type and reports the first one; its converter stops. */
  wrong(what: string, go: string, scalar?: Scalar): void {
    const refusal = this.#refusal(what, go, scalar);
    if (refusal !== undefined) throw new DecodeError(refusal);
    this.#saved ??= this.typeMessage(what, go);
  }

  #noteStrict(kind: string, name: string): void {
    if (this.strict.length >= MAX_STRICT) return;
    const place = this.#path.length ? `${this.#path.join('')}.${name}` : name;
    const text = `${kind} field ${printValue(place)}`;
    if (!this.strict.includes(text)) this.strict.push(text);
  }

  #decodeStruct(struct: Struct, value: unknown, go: string): JSONObject | undefined {
    if (value === null || value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) return this.wrongType(value, go);
    this.#grow(printedSize(struct));
    const input = value as JSONObject;
    const duplicates = this.#notes?.get(input)?.duplicates;
    const outer = this.#struct;
    this.#struct = struct;
    const result: JSONObject = {};
    const keys = Object.keys(input);
    this.members += keys.length;
    let seen = 0;
    for (const field of this.#inTextOrder ? keys.map((key) => struct.byName.get(key) ?? key) : struct.fields) {
      if (typeof field === 'string') {
        this.#noteStrict('unknown', field);
        continue;
      }
      const { name, embedding } = field;
      const raw = input[name];
      if (raw === undefined || !Object.hasOwn(input, name)) {
        printEmpty(result, field);
        continue;
      }
      seen++;
      if (duplicates?.has(name)) this.#noteStrict('duplicate', name);
      const depth = this.#fields.length;
      if (embedding.length > 0) this.#fields.push(...embedding);
      this.#fields.push(name);
      this.#path.push(this.#path.length ? `.${name}` : name);
      const decoded = raw === null && field.type.pointer ? undefined : this.#decode(field.type, raw, input, name);
      this.#fields.length = depth;
      this.#path.pop();
      print(result, field, decoded);
    }
    if (seen < keys.length && !this.#inTextOrder) {
      for (const key of keys) if (!struct.byName.has(key)) this.#noteStrict('unknown', key);
    }
    this.#struct = outer;
    return result;
  }

  /** `undefined` is nil or the zero value. */
  #decode(type: Type, value: unknown, owner: object, key: string): unknown {
    switch (type.form) {
      case 'struct':
        return this.#decodeStruct(type.struct, value, type.go);
      case 'list':
        return this.#decodeList(type, value);
      case 'map':
        return this.#decodeMap(type, value);
      case 'scalar':
        return this.#decodeScalar(type.scalar, type.go, value, owner, key);
    }
  }

  #decodeList(type: Type & { form: 'list' }, value: unknown): unknown {
    if (value === null) return undefined;
    if (!Array.isArray(value)) return this.wrongType(value, type.go);
    const { element } = type;
    this.#grow(2 + value.length);
    return value.map((item, i) => {
      this.#path.push(`[${i}]`);
      const decoded = this.#decode(element, item, value, String(i));
      this.#path.pop();
      return decoded === undefined ? zeroOf(element) : decoded === EMPTY_MAP ? {} : decoded;
    });
  }

  #decodeMap(type: Type & { form: 'map' }, value: unknown): unknown {
    if (value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) return this.wrongType(value, type.go);
    const result: JSONObject = {};
    for (const key of this.#notes?.get(value as object)?.duplicates ?? []) this.#noteStrict('duplicate', key);
    if (type.element.form === 'scalar' && type.element.scalar === 'string') {
      const texts = this.#textsIn(value);
      if (texts !== undefined) return texts === 0 ? EMPTY_MAP : value;
    }
    // Bytes that are nil come back empty from the real server's store, as Protobuf knows but one of the two in a map.
    const isBytes = type.element.form === 'scalar' && type.element.scalar === 'bytes';
    let isEmpty = true;
    for (const [key, item] of Object.entries(value as object)) {
      isEmpty = false;
      this.members++;
      this.#grow(key.length + 4);
      this.#path.push(this.#path.length ? `.${key}` : key);
      const decoded = this.#decode(type.element, item, value as object, key);
      this.#path.pop();
      setOwn(
        result,
        key,
        decoded === undefined ? (isBytes ? '' : zeroOf(type.element)) : decoded === EMPTY_MAP ? {} : decoded,
      );
    }
    if (type.element.form === 'scalar' && type.element.scalar === 'Quantity') roundToMilli(result);
    return isEmpty ? EMPTY_MAP : result;
  }

  /** How many keys a map has that holds texts and nothing else, as most do: it is taken as it is, and nobody changes such a map in place. */
  #textsIn(map: object): number | undefined {
    let size = 0;
    let count = 0;
    for (const key in map) {
      const item: unknown = map[key as keyof typeof map];
      if (typeof item !== 'string') return undefined;
      size += key.length + item.length + 6;
      count++;
    }
    this.#grow(size);
    this.members += count;
    return count;
  }

  #decodeScalar(scalar: Scalar, go: string, value: unknown, owner: object, key: string): unknown {
    this.#grow(typeof value === 'string' ? value.length + 2 : 4);
    if (typeof value === 'object') this.members += membersIn(value);
    // Schemas lie within schemas: no call more than is needed, so that the stack goes deep.
    if (SCHEMA_UNIONS.has(scalar)) return this.#schemaOr(scalar, value);
    return this.#scalars.decode(scalar, go, value, owner, key);
  }

  /** A JSON schema, or in its place a boolean, a list of schemas, a list of texts. */
  #schemaOr(scalar: Scalar, value: unknown): unknown {
    if (value === null) return undefined;
    if (typeof value === 'object' && !Array.isArray(value)) return this.#schema(value);
    if (scalar === 'JSONSchemaPropsOrBool') {
      if (typeof value === 'boolean') return value;
      throw new DecodeError('boolean or JSON schema expected');
    }
    if (Array.isArray(value))
      return scalar === 'JSONSchemaPropsOrArray' ? value.map((item) => this.#schema(item)) : value;
    return undefined;
  }

  #schema(value: unknown): unknown {
    return decodeValue(builtInStruct(JSON_SCHEMA), value, this.#notes).value;
  }
}

const SCHEMA_UNIONS = new Set<Scalar>([
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrStringArray',
]);
const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** Lists of amounts know no less than a thousandth. models pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList */
function roundToMilli(amounts: Record<string, unknown>): void {
  for (const name of Object.keys(amounts)) setOwn(amounts, name, milliQuantity(amounts[name] as string));
}
