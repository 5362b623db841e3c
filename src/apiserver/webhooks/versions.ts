/** An object as another version of its resource has it, for a webhook whose rules name that one; and back again. */
import { fromStored } from '../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { setDefaults } from '../../resources/custom/defaulting.ts';
import { decodeValue } from '../codec/decode.ts';
import { coerce } from '../custom/coerce.ts';
import { isCustom } from '../custom/decode.ts';
import { convertedTo } from '../custom/stored.ts';
import type { AdmissionRequest } from '../dynamic-admission/admission-request.ts';

/** The object of a request as `kind` has it. What has a type of its own has that in all versions. */
export function shownIn(object: KubeObject, { kind, objectType }: AdmissionRequest, shown: Kind): KubeObject {
  if (objectType) return object;
  if (shown === kind) return withType(object, shown);
  if (isCustom(shown)) return convertedTo(shown, object);
  return withType(fromStored(withType(object, kind), apiVersionOf(shown)), shown);
}

const withType = (object: KubeObject, kind: Kind): KubeObject =>
  object.kind === kind.kind && object.apiVersion === apiVersionOf(kind)
    ? object
    : { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) };

/** What a webhook that was shown `shown` has made of a request's object, as the request has it. @throws DecodeError */
export function takenFrom(value: JSONObject, request: AdmissionRequest, shown: Kind): KubeObject {
  const { kind, objectType } = request;
  if (objectType) {
    const { struct } = objectType;
    return struct
      ? ({ ...decodeValue(struct, value).value, kind: value.kind, apiVersion: value.apiVersion } as KubeObject)
      : (value as KubeObject);
  }
  const made = decoded(value, shown);
  const taken = shown === kind ? made : isCustom(kind) ? convertedTo(kind, made) : fromStored(made, apiVersionOf(kind));
  kind.strategy.defaults?.(taken);
  return taken;
}

function decoded(value: JSONObject, kind: Kind): KubeObject {
  if (isCustom(kind)) {
    coerce(value, kind.custom, kind.version, { told: false, lenient: false });
    setDefaults(value, kind.custom.schema(kind.version));
    return value as unknown as KubeObject;
  }
  const object = (kind.struct ? decodeValue(kind.struct, value).value : value) as KubeObject;
  return { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) };
}
