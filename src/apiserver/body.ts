/** From a request's bytes to an object: the size limit and the options around the decoder in codec/. */
import { append } from '../resources/append.ts';
import { invalid as invalidValue } from '../resources/field-error.ts';
import { apiVersionOf, type Kind } from '../resources/kinds.ts';
import type { KubeObject } from '../resources/object.ts';
import { findSchema } from '../resources/schema.ts';
import { bodyMediaType, decodeBody, type FieldValidation, type GroupVersionKind } from './codec/body.ts';
import { DecodeError } from './codec/decode.ts';
import type { Patch } from './patch.ts';
import type { Exchange } from './pipeline.ts';
import { invalid, StatusError } from './status.ts';

/** What the real server takes: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Reads at most `MAX_BODY_BYTES`; more is 413. */
export async function readBody(request: Request): Promise<Uint8Array> {
  const tooLarge = (): StatusError =>
    new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
  return bytes;
}

export const mediaType = (request: Request): string =>
  (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** The whole object that a create or an update sends. */
export async function readObject(
  exchange: Exchange,
  expected: GroupVersionKind,
  validation: FieldValidation,
): Promise<KubeObject> {
  const type = bodyMediaType(exchange.request.headers.get('content-type'));
  const bytes = await readBody(exchange.request);
  const { object, warnings } = decodeBody(bytes, type, expected, validation);
  append(exchange.warnings, warnings);
  return object;
}

/** A patched object as its Go type would hold it. Throws 422, which quotes it. */
export function decodePatched(
  value: any,
  expected: Pick<Kind, 'group' | 'version' | 'kind' | 'schema'>,
  validation: FieldValidation,
  warnings: string[],
  patch: Pick<Patch, 'decode' | 'print' | 'strict'>,
): KubeObject {
  const apiVersion = apiVersionOf(expected);
  const struct = findSchema(expected.schema);
  if (!struct) return { ...value, apiVersion, kind: expected.kind };
  const refused = (words: string): StatusError =>
    invalid('', '', '', [invalidValue('patch', patch.print(value), words)]);
  try {
    const { value: object, strict: decoded } = patch.decode(struct, value);
    const strict = [...patch.strict, ...decoded];
    if (strict.length && validation === 'Strict') throw refused(`strict decoding error: ${strict.join(', ')}`);
    if (validation === 'Warn') append(warnings, strict);
    object.apiVersion = apiVersion;
    object.kind = expected.kind;
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw refused(error.message);
    throw error;
  }
}
