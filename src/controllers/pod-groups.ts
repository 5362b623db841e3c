/** The pods of one controller, without a look at each: how many there are of each kind, and who has no controller yet. */
import { conditionOf } from '../objects/conditions.ts';
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { type PlacesOf, podsAt } from '../resources/core/pod/places.ts';
import type { Counted, Group } from '../simulation/groups.ts';
import { controllerOf } from './owners.ts';

const placeOf = (namespace: string | undefined, uid: string): string => `${namespace}/${uid}`;

/** Pods of one controller are counted as the same when they are alike in all that is asked below. */
export function podCountedAs(pod: Pod): Counted | undefined {
  const controller = controllerOf(pod);
  if (!controller) return undefined;
  const { namespace, deletionTimestamp, labels } = pod.metadata;
  const ready = conditionOf(pod, 'Ready');
  const ending = deletionTimestamp === undefined ? '' : 'ending';
  const as = `${pod.status?.phase} ${ending} ${ready?.status} ${ready?.lastTransitionTime} ${JSON.stringify(labels)}`;
  return { place: placeOf(namespace, controller.uid), as };
}

/**
 * Of each group one pod, whose phase, labels, readiness with its time and being deleted are those of all, and how many there are. Undefined
 * where they must be looked at one by one.
 */
export function podGroupsOf(reader: View, owner: KubeObject): Group<Pod>[] | undefined {
  const { namespace, uid = '' } = owner.metadata;
  if (!reader.groups || reader.unreadable?.(namespace)) return undefined;
  return reader.groups(placeOf(namespace, uid)) as Group<Pod>[];
}

const orphansOf = (namespace = ''): string => `orphans/${namespace}`;

export const orphanPlaces: PlacesOf = (pod) => (controllerOf(pod) ? [] : [orphansOf(pod.metadata.namespace)]);

/** The pods of a namespace that nobody controls. */
export const orphanedPods = (reader: View, namespace: string | undefined): Pod[] =>
  podsAt(reader, orphansOf(namespace), orphanPlaces);

/** The pods that an owner controls, in no order. */
export function podsOf(reader: View, { metadata }: KubeObject): Pod[] {
  const { namespace, uid = '' } = metadata;
  // Where something cannot be read, the list says whether that is to be minded.
  if (!reader.dependents || reader.unreadable?.(namespace))
    return reader.list('pods', namespace).filter((pod) => controllerOf(pod)?.uid === uid);
  const pods: Pod[] = [];
  for (const { resource, object } of reader.dependents(uid))
    if (resource === 'pods' && object.metadata.namespace === namespace && controllerOf(object)?.uid === uid)
      pods.push(object as Pod);
  return pods;
}

/** Those that it controls and those that it might adopt, in order of their names. */
export function candidatesOf(reader: View, owner: KubeObject): Pod[] {
  const pods = [...podsOf(reader, owner), ...orphanedPods(reader, owner.metadata.namespace)];
  return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
