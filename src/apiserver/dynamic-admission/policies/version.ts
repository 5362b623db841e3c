/** An object in another version of its kind. */
import { fromStored, toStored } from '../../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../../catalog/kinds.ts';
import type { KubeObject } from '../../../objects/object.ts';
import { isCustom } from '../../custom/decode.ts';
import { convertedTo } from '../../custom/stored.ts';

/** The same object where it is in that version already. Throws `StatusError` where only a webhook could convert it. */
export function inVersionOf(object: KubeObject, kind: Kind): KubeObject {
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion === apiVersion) return object;
  return isCustom(kind) ? convertedTo(kind, object) : fromStored(toStored(object), apiVersion);
}
