/** What a JSON patch of a policy has made, read as strictly as the real server reads it. */
import { isJSONObject, type JSONObject } from '../../../objects/json.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { internalError } from '../../../objects/status.ts';
import type { ObjectType } from '../../apply/object-type.ts';
import { decodeValue } from '../../codec/decode.ts';
import { DecodeError } from '../../codec/decode-error.ts';

/** @throws StatusError 500 for what no such object may be */
export function readPatched(value: unknown, { type, kind }: { type: ObjectType; kind: string }): KubeObject {
  if (!isJSONObject(value)) throw internalError(`${kind} is no object`);
  try {
    if (!type.struct) return type.convert(value);
    const { value: object, strict } = decodeValue(type.struct, value as JSONObject);
    if (strict.length > 0) throw internalError(`strict decoding error: ${strict.join(', ')}`);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
}
