/**
 * The index of pods by their node, and by whatever else is asked for so often that nobody may go through all pods for it: whoever asks says
 * under which keys a pod is found again, and `cluster/index-places.ts` puts it there.
 */

import type { Pod } from '../../../objects/generated/core-v1.gen.ts';
import type { View } from '../../../objects/object.ts';

/** Under what a pod on this node is found again; the empty name: on none. */
export const nodeKey = (node: string): string => `node/${node}`;

/** Under what a pod is found again. */
export type PlacesOf = (pod: Pod) => string[];

export const nodePlaces: PlacesOf = (pod) => [nodeKey(pod.spec?.nodeName ?? '')];

/** The pods on a node (the empty name: on none), in order of namespace and name. */
export const podsOn = (reader: View, node: string): Pod[] => podsAt(reader, nodeKey(node), nodePlaces);

/** The pods with this key among those that `placesOf` gives them, in order of namespace and name. */
export function podsAt(reader: View, place: string, placesOf: PlacesOf): Pod[] {
  if (!reader.dependents) return reader.list('pods').filter((pod) => placesOf(pod).includes(place));
  const pods = reader.dependents(place).map(({ object }) => object as Pod);
  return pods.sort((a, b) => order(a, b));
}

/** Whether there is such a pod among them; looks no further than to the first. */
export function hasPodAt(
  reader: View,
  place: string,
  placesOf: PlacesOf,
  which: (pod: Pod) => boolean = () => true,
): boolean {
  if (!reader.someDependent) return podsAt(reader, place, placesOf).some(which);
  return reader.someDependent(place, (object) => which(object as Pod));
}

function order(a: Pod, b: Pod): number {
  const [left, right] = [a.metadata.namespace ?? '', b.metadata.namespace ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
