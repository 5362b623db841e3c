/** What a component sends through a subresource that has a type of its own: policies and webhooks are asked about that. */
import type { KubeObject } from '../../objects/object.ts';
import { admitThrough } from '../dynamic-admission/subresource-admission.ts';
import { SCALE, scaleOf } from '../subresources/scale-object.ts';
import type { DecisionContext, Place } from './decision.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

/** `pod`: as it is to be, bound. Throws `StatusError`. */
export function admitBinding(place: Place, pod: KubeObject, context: DecisionContext): void {
  if (!context.dynamicAdmission) return;
  const { name, namespace, uid } = pod.metadata;
  const object = {
    apiVersion: 'v1',
    kind: BINDING.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
    target: { kind: 'Node', name: pod.spec.nodeName },
  } as KubeObject;
  const through = { operation: 'CREATE' as const, objectType: BINDING, object };
  admitThrough({ ...place, name, subresource: 'binding' }, context, through);
}

/** `object`: with the replicas that it is to have, which become what they are admitted as. Throws `StatusError`. */
export function admitScale(place: Place, object: KubeObject, old: KubeObject, context: DecisionContext): void {
  if (!context.dynamicAdmission) return;
  const { kind } = place;
  const scale = {
    operation: 'UPDATE' as const,
    objectType: SCALE,
    object: scaleOf(kind, object),
    old: scaleOf(kind, old),
  };
  const admitted = admitThrough({ ...place, name: old.metadata.name, subresource: 'scale' }, context, scale);
  if (!kind.custom) object.spec = { ...object.spec, replicas: admitted.spec?.replicas ?? 0 };
}
