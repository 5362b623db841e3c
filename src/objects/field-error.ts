/**
 * What validation finds wrong with a field. The words are the real API server's, including how it prints a bad value.
 * Source: k8s.io/apimachinery/pkg/util/validation/field.
 */

import { goJSON, quoteGo } from './go-quote.ts';

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  type: FieldErrorType;
  /** Dotted path, `spec.containers[0].name`, map keys as `data[key]`. */
  field: string;
  /** Everything after `field: `, e.g. `Required value: must be set`. */
  message: string;
}

/** Characters of a value that a message quotes. */
export const MAX_QUOTED = 8 * 1024;

/** Long ones are often told of once for each of their parts. */
const longTexts = new WeakMap<object, string>();

let lastLong = { value: '', text: '' };

function printLongText(value: string): string {
  if (lastLong.value !== value) lastLong = { value, text: `${quoteGo(value.slice(0, MAX_QUOTED))} ...` };
  return lastLong.text;
}

function printObject(value: object): string {
  const text = goJSON(value);
  if (text.length <= MAX_QUOTED) return text;
  const cut = `${text.slice(0, MAX_QUOTED)} ...`;
  longTexts.set(value, cut);
  return cut;
}

/** A value as Go's `%q`/JSON printing shows it in messages; a long one is cut, so that no error sends a document back. */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return value.length > MAX_QUOTED ? printLongText(value) : quoteGo(value);
  if (typeof value !== 'object') return String(value);
  return longTexts.get(value) ?? printObject(value);
}

export const required = (field: string, detail = ''): FieldError =>
  make('FieldValueRequired', field, 'Required value', detail);

export const invalid = (field: string, value: unknown, detail = ''): FieldError =>
  make('FieldValueInvalid', field, `Invalid value: ${printValue(value)}`, detail);

/** Of a value that is more than is told. */
export const invalidUntold = (field: string, detail: string): FieldError =>
  make('FieldValueInvalid', field, 'Invalid value', detail);

export const duplicateUntold = (field: string): FieldError => make('FieldValueDuplicate', field, 'Duplicate value', '');

export const forbidden = (field: string, detail = ''): FieldError =>
  make('FieldValueForbidden', field, 'Forbidden', detail);

export const duplicate = (field: string, value: unknown): FieldError =>
  make('FieldValueDuplicate', field, `Duplicate value: ${printValue(value)}`, '');

export const notFound = (field: string, value: unknown): FieldError =>
  make('FieldValueNotFound', field, `Not found: ${printValue(value)}`, '');

export const tooLong = (field: string, maxBytes: number): FieldError =>
  make('FieldValueTooLong', field, 'Too long', `may not be more than ${maxBytes} bytes`);

export const tooMany = (field: string, actual: number, max: number): FieldError =>
  make('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${max} items`);

export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  make(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${printValue(value)}`,
    supported.length ? `supported values: ${supported.map((s) => quoteGo(s)).join(', ')}` : '',
  );

export const internalError = (field: string, detail: string): FieldError =>
  make('InternalError', field, 'Internal error', detail);

/** Where an error is about the whole object. */
export const WHOLE_OBJECT = '[]';

function make(type: FieldErrorType, field: string, head: string, detail: string): FieldError {
  const error: FieldError = { type, field, message: detail ? `${head}: ${detail}` : head };
  if (found && found.push(error) > MAX_FIELD_ERRORS) throw new TooManyFieldErrors(found);
  return error;
}

/** Errors that are looked for in one object: nobody reads more, and a small body can be wrong in a million places. */
export const MAX_FIELD_ERRORS = 10_000;

class TooManyFieldErrors extends Error {
  readonly errors: FieldError[];
  constructor(errors: FieldError[]) {
    super('too many errors');
    this.errors = errors;
  }
}

/** Of the validation that goes on. */
let found: FieldError[] | undefined;

/** What a validation finds, until it has found `MAX_FIELD_ERRORS`. */
export function validated(validate: () => FieldError[]): FieldError[] {
  const outer = found;
  found = [];
  try {
    return validate();
  } catch (error) {
    if (error instanceof TooManyFieldErrors) return error.errors;
    throw error;
  } finally {
    found = outer;
  }
}

export const immutable = (field: string, value: unknown): FieldError => invalid(field, value, 'field is immutable');

export const negative = (field: string, value: unknown): FieldError =>
  invalid(field, value, 'must be greater than or equal to 0');
