/** A Scale, which stands for an object's number of replicas. */
import type { Kind } from '../../catalog/kinds.ts';
import { builtInStruct } from '../../catalog/schema.ts';
import type { CustomResourceSubresourceScale } from '../../objects/generated/apiextensions-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import type { KubeObject } from '../../objects/object.ts';
import { formatLabelSelector } from '../../objects/selectors.ts';
import { StatusError } from '../../objects/status.ts';
import { scaleFields } from '../../resources/custom/scale-paths.ts';

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
  if ('problem' in fields) throw internal(fields.problem);
  const { replicas, statusReplicas, selector } = fields;
  if (replicas === undefined && isWhole)
    throw internal(`the spec replicas field ${quoteGo(scale.specReplicasPath)} does not exist`);
  return made(object, replicas ?? (isWhole ? 0 : NO_REPLICAS), statusReplicas, selector);
}

const internal = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

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
