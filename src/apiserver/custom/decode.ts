/** Custom resources from what clients send: whole, or what a patch makes of one. */

import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import { invalid as invalidValue } from '../../objects/field-error.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, invalid, type StatusError } from '../../objects/status.ts';
import {
  asWarnings,
  type DecodedBody,
  type FieldValidation,
  parseBody,
  typeMeta,
  unrecognized,
} from '../codec/body.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { repeatedKeys } from '../patch/strict.ts';
import { coerce } from './coerce.ts';

export type CustomlyKind = Kind & { readonly custom: NonNullable<Kind['custom']> };

export const isCustom = (kind: Kind): kind is CustomlyKind => kind.custom !== undefined;

/** Throws a `StatusError` 400 with the decoder's words. */
export function decodeCustomBody(
  body: Uint8Array,
  mediaType: string,
  kind: CustomlyKind,
  validation: FieldValidation,
): DecodedBody {
  const { value, notes, repeated } = parseBody(body, mediaType, kind, true);
  const refusedAs = (said: string, version: string, words: string): StatusError =>
    badRequest(`${said} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${words}`);
  const actual = said(value, kind, body);
  const told = validation !== 'Ignore';
  const object = value as JSONObject;
  try {
    const unknown = isOf(kind, actual) ? coerce(object, kind.custom, actual.version, { told, lenient: false }) : [];
    const strict = told ? [...(repeated ?? repeatedKeys(value, notes)), ...unknown] : [];
    if (strict.length > 0 && validation === 'Strict')
      throw refusedAs(actual.kind, actual.version, `strict decoding error: ${strict.join(', ')}`);
    const apiVersion = textOf(object.apiVersion);
    if (apiVersion !== apiVersionOf(kind))
      throw badRequest(
        `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(kind)})`,
      );
    return { object: object as unknown as KubeObject, warnings: strict.flatMap(asWarnings) };
  } catch (error) {
    if (error instanceof DecodeError) throw refusedAs(actual.kind, actual.version, error.message);
    throw error;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

type Said = ReturnType<typeof typeMeta>;

/** What the body says that it is, which it must say. */
function said(value: unknown, kind: Kind, body: Uint8Array): Said {
  try {
    const actual = typeMeta(value);
    if (actual.kind !== '' && isJSONObject(value)) return actual;
  } catch (error) {
    if (error instanceof DecodeError) throw unrecognized(kind, error.message, body);
    throw error;
  }
  throw unrecognized(kind, `Object 'Kind' is missing in '${new TextDecoder().decode(body)}'`, body);
}

/** Whether it is of this kind, in whichever version. */
const isOf = (kind: Kind, actual: Said): boolean => actual.group === kind.group && actual.kind === kind.kind;

/** What a patch has made of an object; `print`: of the whole of it, for a refusal. Throws 422. */
export function decodeCustomPatched(
  value: unknown,
  kind: CustomlyKind,
  { validation, strict, print }: { validation: FieldValidation; strict: readonly string[]; print(): string },
): DecodedBody {
  const refused = (words: string): StatusError => invalid('', '', '', [invalidValue('patch', print(), words)]);
  const told = validation !== 'Ignore';
  try {
    const actual = typeMeta(value);
    if (!isJSONObject(value) || actual.kind === '') throw new DecodeError(`Object 'Kind' is missing in '${print()}'`);
    const unknown = isOf(kind, actual) ? coerce(value, kind.custom, actual.version, { told, lenient: false }) : [];
    const problems = told ? [...strict, ...unknown] : [];
    if (problems.length > 0 && validation === 'Strict') throw refused(`strict decoding error: ${problems.join(', ')}`);
    return { object: value as unknown as KubeObject, warnings: problems };
  } catch (error) {
    if (error instanceof DecodeError) throw refused(error.message);
    throw error;
  }
}
