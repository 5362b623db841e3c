/** What a component sends through a subresource that has a type of its own: policies and webhooks are asked about that. */
import { topologyLabels } from '../../admission/pod-topology-labels.ts';
import { sameValue } from '../../objects/equality.ts';
import type { KubeObject } from '../../objects/object.ts';
import { admitThrough } from '../dynamic-admission/subresource-admission.ts';
import { checkTarget } from '../subresources/binding-target.ts';
import { SCALE, scaleOf, setReplicas } from '../subresources/scale-object.ts';
import type { DecisionContext, Place } from './decision.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

/** Answers `pod`, which is as it is to be, bound, as its binding is admitted: to whichever node that says. Throws `StatusError`. */
export function admitBinding(place: Place, pod: KubeObject, context: DecisionContext): KubeObject {
  if (!context.dynamicAdmission) return pod;
  const { name, namespace, uid } = pod.metadata;
  const object = {
    apiVersion: 'v1',
    kind: BINDING.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
    target: { kind: 'Node', name: pod.spec.nodeName },
  } as KubeObject;
  const through = { operation: 'CREATE' as const, objectType: BINDING, object };
  const binding = admitThrough({ ...place, name, subresource: 'binding' }, context, through);
  const node = binding.target?.name ?? '';
  checkTarget(binding.target?.kind ?? '', node);
  const { labels, annotations } = binding.metadata;
  const moved = node === pod.spec.nodeName ? {} : topologyLabels(context.view.get('nodes', undefined, node));
  const metadata = { ...pod.metadata };
  if (labels || Object.keys(moved).length > 0) metadata.labels = { ...metadata.labels, ...labels, ...moved };
  if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations };
  return { ...pod, metadata, spec: { ...pod.spec, nodeName: node } };
}

/**
 * `object`: with the replicas that it is to have, which become what they are admitted as. Answers whether these are others.
 * Throws `StatusError`.
 */
export function admitScale(place: Place, object: KubeObject, old: KubeObject, context: DecisionContext): boolean {
  if (!context.dynamicAdmission) return false;
  const { kind } = place;
  const scale = {
    operation: 'UPDATE' as const,
    objectType: SCALE,
    object: scaleOf(kind, object),
    old: scaleOf(kind, old),
  };
  const admitted = admitThrough({ ...place, name: old.metadata.name, subresource: 'scale' }, context, scale);
  if (sameValue(admitted.spec, scale.object.spec)) return false;
  setReplicas(kind, object, admitted);
  return true;
}
