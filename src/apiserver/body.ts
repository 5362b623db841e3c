/** From a request's bytes to an object: the size limit and the options around the decoder in codec/. */

import { fromStored, toStored } from '../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../catalog/kinds.ts';
import type { Schemas } from '../catalog/schema.ts';
import { boundedBody } from '../etcd/bounded-body.ts';
import { append } from '../objects/append.ts';
import { invalid as invalidValue } from '../objects/field-error.ts';
import type { KubeObject } from '../objects/object.ts';
import { invalid, StatusError } from '../objects/status.ts';
import { LIGHT_BYTES } from '../simulation/held-bytes.ts';
import {
  bodyMediaType,
  checkConversion,
  decodeBody,
  type FieldValidation,
  type GroupVersionKind,
  structOf,
  typeMeta,
} from './codec/body.ts';
import type { Decoded } from './codec/decode.ts';
import { DecodeError } from './codec/decode-error.ts';
import { tooManyRequests } from './flow-control.ts';
import type { Patch } from './patch.ts';
import type { Exchange } from './pipeline.ts';

/** What the real server takes: 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const bodies = new WeakMap<Request, Uint8Array>();

/** Reads no more than `MAX_BODY_BYTES`; what is longer is 413. 429 when too many large ones are on their way. */
export async function readBody({ request, storage }: Pick<Exchange, 'request' | 'storage'>): Promise<Uint8Array> {
  const read = bodies.get(request);
  if (read) return read;
  const { held } = storage;
  const bytes = await boundedBody(
    request,
    MAX_BODY_BYTES,
    () => new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`),
    held && { holding: held, none: () => tooManyRequests(1) },
  );
  if (bytes.length <= LIGHT_BYTES) bodies.set(request, bytes);
  return bytes;
}

/** What `readBody` has read of a request, unless it was long. */
export const bodyRead = (request: Request): Uint8Array | undefined => bodies.get(request);

export const mediaType = (request: Request): string =>
  (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** The whole object that a create or an update sends. */
export async function readObject(
  exchange: Exchange,
  expected: GroupVersionKind,
  validation: FieldValidation,
): Promise<KubeObject> {
  const type = bodyMediaType(exchange.request.headers.get('content-type'));
  const bytes = await readBody(exchange);
  const { object, warnings } = decodeBody(bytes, type, expected, validation, exchange.storage.catalog.schemas);
  append(exchange.warnings, warnings);
  return object;
}

/** A patched object as its Go type would hold it. Throws 422, which quotes it. */
export function decodePatched(
  value: any,
  expected: Pick<Kind, 'group' | 'version' | 'kind' | 'struct'>,
  schemas: Schemas,
  validation: FieldValidation,
  warnings: string[],
  patch: Pick<Patch, 'decode' | 'print' | 'strict' | 'saysKind'>,
): KubeObject {
  const apiVersion = apiVersionOf(expected);
  const { struct } = expected;
  if (!struct) return { ...value, apiVersion, kind: expected.kind };
  const refused = (words: string): StatusError =>
    invalid('', '', '', [invalidValue('patch', patch.print(value), words)]);
  try {
    const { value: object, strict: decoded } = patch.saysKind
      ? decodeAsSaid(value, expected, schemas, patch)
      : patch.decode(struct, value);
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

/**
 * The whole object as a body, whose kind counts: what is of another kind can't be converted, another version of the same one can, and
 * what says no version is read as the type that the server keeps within, which has none of the fields' names. Throws `DecodeError`.
 */
function decodeAsSaid(
  value: any,
  expected: Pick<Kind, 'group' | 'version' | 'kind'>,
  schemas: Schemas,
  patch: Pick<Patch, 'decode'>,
): Decoded {
  const said = typeMeta(value);
  const kind = said.kind || expected.kind;
  if (said.version === '' && said.group === '') {
    if (!schemas.nameOf(expected.group, expected.version, kind))
      throw new DecodeError(
        `no kind ${JSON.stringify(kind)} is registered for the internal version of group ${JSON.stringify(expected.group)} in scheme "pkg/runtime/scheme.go:111"`,
      );
    checkConversion({ ...expected, kind }, expected, `${expected.group.split('.')[0] || 'core'}.${kind}`);
    const unknown = Object.keys(value ?? {}).filter((key) => key !== 'kind' && key !== 'apiVersion');
    return { value: { metadata: {} }, strict: unknown.map((key) => `unknown field ${JSON.stringify(key)}`) };
  }
  const struct = structOf({ ...said, kind }, schemas);
  const decoded = patch.decode(struct, value);
  checkConversion({ ...said, kind }, expected, struct.go);
  const object = { ...decoded.value, apiVersion: apiVersionOf(said), kind };
  return { ...decoded, value: fromStored(toStored(object), apiVersionOf(expected)) };
}
