/** An object as another version of its resource has it, for a policy or a webhook whose rules name that one; and back again. */
import { fromStored, toStored } from '../../catalog/conversion.ts';
import { apiVersionOf, type Kind } from '../../catalog/kinds.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { StatusError } from '../../objects/status.ts';
import { setDefaults } from '../../resources/custom/defaulting.ts';
import { decodeValue } from '../codec/decode.ts';
import { coerce } from '../custom/coerce.ts';
import { isCustom } from '../custom/decode.ts';
import { convertedTo } from '../custom/stored.ts';
import { convertObjects } from '../webhooks/conversion.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { PluginContext } from './plugin-context.ts';

/** The object of a request as `shown` has it. What has a type of its own has that in all versions. @throws StatusError, AnswersNeeded */
export const shownIn = (
  object: KubeObject,
  { kind, objectType }: AdmissionRequest,
  shown: Kind,
  context: PluginContext,
): KubeObject => (objectType ? object : shown === kind ? withType(object, shown) : converted(object, shown, context));

const withType = (object: KubeObject, kind: Kind): KubeObject =>
  object.kind === kind.kind && object.apiVersion === apiVersionOf(kind)
    ? object
    : { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) };

/**
 * An object in a version of its resource; the same where it is in that already. Where a webhook converts the resource, that is one more
 * to be asked. @throws StatusError, AnswersNeeded
 */
export function converted(object: KubeObject, kind: Kind, { answers, callWebhook, view }: PluginContext): KubeObject {
  if (!isCustom(kind) || !kind.custom.converter || !answers || object.apiVersion === apiVersionOf(kind))
    return withType(inVersionOf(object, kind), kind);
  const ports = { call: callWebhook, service: async () => view };
  const ask = (): Promise<KubeObject | StatusError> =>
    convertObjects(kind, [object], kind.version, ports).then(
      ([made]) => made!,
      (error) => (error instanceof StatusError ? error : new StatusError(500, '', String(error))),
    );
  const answer = answers.of({ whom: `convert ${kind.version}`, text: JSON.stringify(object), ask });
  if (answer instanceof StatusError) throw answer;
  return answer;
}

/** @throws StatusError where only a webhook could convert it */
function inVersionOf(object: KubeObject, kind: Kind): KubeObject {
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion === apiVersion) return object;
  return isCustom(kind) ? convertedTo(kind, object) : fromStored(toStored(object), apiVersion);
}

/** What a webhook that was shown `shown` has made of a request's object, as the request has it. @throws DecodeError, StatusError, AnswersNeeded */
export function takenFrom(
  value: JSONObject,
  request: AdmissionRequest,
  shown: Kind,
  context: PluginContext,
): KubeObject {
  const { kind, objectType } = request;
  if (objectType) {
    const { struct } = objectType;
    const { apiVersion, kind } = value;
    return (struct ? { ...decodeValue(struct, value).value, apiVersion, kind } : value) as KubeObject;
  }
  const made = decoded(value, shown);
  const taken = shown === kind ? made : converted(made, kind, context);
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
