/**
 * JSON read into structs as Go does it: fields are found whatever the case of their letters, null leaves what there is, and of values of a
 * wrong type the first is told, after all else was read. A field's own reader may refuse at once. Source: encoding/json's decoder.
 */
import { isJSONObject } from '../../objects/json.ts';
import { setOwn } from '../../objects/own.ts';
import { fail } from './errors.ts';

export interface Shape<T> {
  /** As Go names the type. */
  readonly type: string;
  /** What a field holds that is not given. */
  readonly zero: T;
  read(value: unknown, place: Place): T;
}

/** Where in the document, and what was wrong so far. */
export interface Place {
  /** The struct that the field is of; '' outside of one. */
  readonly struct: string;
  readonly path: string;
  readonly found: { mistake?: string };
}

type Fields = Record<string, Shape<unknown>>;
export type Read<S> = S extends Shape<infer T> ? T : never;

/** As Go names it when it is of the wrong type. */
export const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

export function mistaken(value: string, place: Place, type: string): string {
  const where = place.path === '' ? 'value' : `struct field ${place.struct}.${place.path}`;
  return `json: cannot unmarshal ${value} into Go ${where} of type ${type}`;
}

function mistake<T>(shape: Shape<T>, value: unknown, place: Place): T {
  place.found.mistake ??= mistaken(kindOf(value), place, shape.type);
  return shape.zero;
}

/** Throws `CNIError`. */
export function decode<T>(shape: Shape<T>, value: unknown): T {
  const found: Place['found'] = {};
  const read = shape.read(value, { struct: '', path: '', found });
  if (found.mistake !== undefined) fail(found.mistake);
  return read;
}

export const text: Shape<string> = {
  type: 'string',
  zero: '',
  read: (value, place) => (typeof value === 'string' ? value : value === null ? '' : mistake(text, value, place)),
};

export const flag: Shape<boolean> = {
  type: 'bool',
  zero: false,
  read: (value, place) => (typeof value === 'boolean' ? value : value === null ? false : mistake(flag, value, place)),
};

function whole(type: string, fits: (value: number) => boolean): Shape<number> {
  const shape: Shape<number> = {
    type,
    zero: 0,
    read(value, place) {
      if (value === null) return 0;
      if (typeof value !== 'number') return mistake(shape, value, place);
      if (!fits(value)) {
        place.found.mistake ??= mistaken(`number ${value}`, place, type);
        return 0;
      }
      return value;
    },
  };
  return shape;
}

export const int = whole('int', Number.isInteger);
export const uint = whole('uint64', (value) => Number.isInteger(value) && value >= 0);

/** A pointer: null and nothing are told from zero. */
export function optional<T>(of: Shape<T>): Shape<T | undefined> {
  return {
    type: of.type,
    zero: undefined,
    read: (value, place) => (value === null ? undefined : of.read(value, place)),
  };
}

export function list<T>(of: Shape<T>, type = `[]${of.type}`): Shape<T[] | undefined> {
  const shape: Shape<T[] | undefined> = {
    type,
    zero: undefined,
    read(value, place) {
      if (value === null) return undefined;
      return Array.isArray(value) ? value.map((item) => of.read(item, place)) : mistake(shape, value, place);
    },
  };
  return shape;
}

export function map<T>(of: Shape<T>): Shape<Record<string, T> | undefined> {
  const shape: Shape<Record<string, T> | undefined> = {
    type: `map[string]${of.type}`,
    zero: undefined,
    read(value, place) {
      if (value === null) return undefined;
      if (!isJSONObject(value)) return mistake(shape, value, place);
      const read: Record<string, T> = {};
      for (const [key, part] of Object.entries(value)) {
        const path = place.path === '' ? key : `${place.path}.${key}`;
        setOwn(read, key, of.read(part, { ...place, path }));
      }
      return read;
    },
  };
  return shape;
}

/** Anything. */
export const raw: Shape<unknown> = { type: 'interface {}', zero: undefined, read: (value) => value };
export const rawMap: Shape<Record<string, unknown> | undefined> = map(raw);

/** `name`: as Go prints the type; a field's error names the struct without its package. */
export function struct<F extends Fields>(name: string, fields: F): Shape<{ [K in keyof F]: Read<F[K]> }> {
  type Value = { [K in keyof F]: Read<F[K]> };
  const bare = name.slice(name.lastIndexOf('.') + 1);
  const byFoldedName = new Map(Object.keys(fields).map((field) => [field.toLowerCase(), field]));
  const zero = (): Value =>
    Object.fromEntries(Object.entries(fields).map(([field, shape]) => [field, shape.zero])) as Value;
  const shape: Shape<Value> = {
    type: name,
    get zero() {
      return zero();
    },
    read(value, place) {
      if (value === null) return zero();
      if (!isJSONObject(value)) return mistake(shape, value, place);
      const read = zero();
      for (const [key, part] of Object.entries(value)) {
        const field = Object.hasOwn(fields, key) ? key : byFoldedName.get(key.toLowerCase());
        if (field === undefined) continue;
        const path = place.path === '' ? field : `${place.path}.${field}`;
        read[field as keyof Value] = fields[field]!.read(part, { struct: bare, path, found: place.found }) as never;
      }
      return read;
    },
  };
  return shape;
}

/** A text that is read by its own rules; `parse` gives undefined for what it refuses, which ends the reading. */
export function textual<T>(
  type: string,
  parse: (value: string) => T | undefined,
  refusal: (value: string) => string,
): Shape<T | undefined> {
  const shape: Shape<T | undefined> = {
    type,
    zero: undefined,
    read(value, place) {
      if (value === null || value === '') return undefined;
      if (typeof value !== 'string') return mistake(shape, value, place);
      return parse(value) ?? fail(refusal(value));
    },
  };
  return shape;
}
