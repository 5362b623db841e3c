/** Small checks that many kinds share. Source: k8s.io/kubernetes/pkg/apis/core/validation. */

import { sameData } from './equality.ts';
import { type FieldError, immutable, invalid, negative, notSupported, required } from './field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain, isPortName, isPortNumber, isQualifiedName, isUserID } from './names.ts';

/** One error for each thing that a format check finds wrong. */
export const checked = (wrong: string[], field: string, value: unknown): FieldError[] =>
  wrong.length === 0 ? NONE : wrong.map((words) => invalid(field, value, words));

const NONE = Object.freeze([]) as unknown as FieldError[];

export const dns1123Label = (value: string, field: string): FieldError[] =>
  checked(isDNS1123Label(value), field, value);
export const dns1123Subdomain = (value: string, field: string): FieldError[] =>
  checked(isDNS1123Subdomain(value), field, value);
export const qualifiedName = (value: string, field: string): FieldError[] =>
  checked(isQualifiedName(value), field, value);

export const requiredText = (value: string | undefined, field: string, detail = ''): FieldError[] =>
  value ? NONE : [required(field, detail)];

export const nonNegative = (value: number | undefined, field: string): FieldError[] =>
  (value ?? 0) < 0 ? [negative(field, value)] : NONE;

export const positive = (value: number | undefined, field: string): FieldError[] =>
  (value ?? 0) <= 0 ? [invalid(field, value ?? 0, 'must be greater than zero')] : NONE;

/** `printed`: how the message shows the new value, when not as it is. */
export const unchanged = (value: unknown, old: unknown, field: string, printed: unknown = value): FieldError[] =>
  sameData(value, old) ? NONE : [immutable(field, printed)];

export const userID = (id: number | undefined, field: string): FieldError[] =>
  id === undefined || id === null ? NONE : checked(isUserID(id), field, id);

export function portNumberOrName(port: number | string | undefined, field: string): FieldError[] {
  const value = port ?? 0;
  return checked(typeof value === 'number' ? isPortNumber(value) : isPortName(value), field, value);
}

export const fileMode = (mode: number | undefined, field: string): FieldError[] =>
  mode !== undefined && mode !== null && (mode > 0o777 || mode < 0)
    ? [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : NONE;

export const noBacksteps = (path: string, field: string): FieldError[] =>
  path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : NONE;

/** A path inside some directory. */
export function localPath(path: string, field: string): FieldError[] {
  const errors = path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : [];
  errors.push(...noBacksteps(path, field));
  return errors;
}

export function localNonReservedPath(path: string, field: string): FieldError[] {
  const errors = localPath(path, field);
  if (path.startsWith('..') && !path.startsWith('../')) errors.push(invalid(field, path, "must not start with '..'"));
  return errors;
}

export const isSet = <T>(value: T): value is NonNullable<T> => value !== undefined && value !== null;

/** It must be said, and be one of a few words. */
export function requiredOneOf(value: string | undefined, values: readonly string[], field: string): FieldError[] {
  if (!value) return [required(field)];
  return values.includes(value) ? NONE : [notSupported(field, value, values)];
}

/** It may be left open. */
export const optionalOneOf = (value: unknown, values: readonly string[], field: string): FieldError[] =>
  isSet(value) && !values.includes(value as string) ? [notSupported(field, value, values)] : NONE;
