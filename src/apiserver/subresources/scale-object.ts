/** A Scale, which stands for an object's number of replicas. */
import type { Kind } from '../../catalog/kinds.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import { invalid as invalidField } from '../../objects/field-error.ts';
import type { CustomResourceSubresourceScale } from '../../objects/generated/apiextensions-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { isJSONObject, type JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import { own, setOwn } from '../../objects/own.ts';
import { formatLabelSelector } from '../../objects/selectors.ts';
import { badRequest, internalError, invalid } from '../../objects/status.ts';
import { namesOf, scaleFields } from '../../resources/custom/scale-paths.ts';

export const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  struct: builtInStruct('io.k8s.api.autoscaling.v1.Scale'),
};

/** Throws 500 where the object has no field for it. */
export function scaleOf(kind: Kind, object: KubeObject, isWhole = true): KubeObject {
  if (kind.custom?.scale) return customScale(kind.custom.scale, object, isWhole);
  const selector =
    kind.name === 'replicationcontrollers' ? { matchLabels: object.spec?.selector } : object.spec?.selector;
  const text = formatLabelSelector(selector);
  return made(object, object.spec?.replicas ?? 0, object.status?.replicas ?? 0, text);
}

/** `isWhole`: the number that is wanted must be there. */
function customScale(scale: CustomResourceSubresourceScale, object: KubeObject, isWhole: boolean): KubeObject {
  const fields = scaleFields(scale, object);
  if ('problem' in fields) throw internalError(fields.problem);
  const { replicas, statusReplicas, selector } = fields;
  if (replicas === undefined && isWhole)
    throw internalError(`the spec replicas field ${quoteGo(scale.specReplicasPath)} does not exist`);
  return made(object, replicas ?? (isWhole ? 0 : NO_REPLICAS), statusReplicas, selector);
}

/** What stands for a number that is not there, as the real one has it. */
export const NO_REPLICAS = -(2 ** 31);

function made(object: KubeObject, replicas: number, statusReplicas: number, selector: string): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: statusReplicas, ...(selector ? { selector } : {}) },
  };
}

/** Has the object wish for a Scale's number, in place. Throws `StatusError` for what can be nobody's number. */
export function setReplicas(kind: Kind, object: KubeObject, scale: KubeObject): void {
  const replicas = scale.spec?.replicas ?? 0;
  const custom = kind.custom?.scale;
  if (custom) {
    if (replicas === NO_REPLICAS)
      throw badRequest(`the spec replicas field ${quoteGo(custom.specReplicasPath)} cannot be empty`);
    setNested(object as JSONObject, namesOf(custom.specReplicasPath), replicas);
    return;
  }
  if (replicas < 0)
    throw invalid('autoscaling', 'Scale', object.metadata.name, [
      invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  object.spec = { ...object.spec, replicas };
}

function setNested(object: JSONObject, [name = '', ...below]: string[], value: unknown): void {
  if (below.length === 0) setOwn(object, name, value);
  else {
    if (!isJSONObject(own(object, name))) setOwn(object, name, {});
    setNested(object[name] as JSONObject, below, value);
  }
}
