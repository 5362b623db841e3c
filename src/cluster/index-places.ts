/** Under what the pump's index finds an object again, beside its own name. */

import { eventKey } from '../controllers/event-correlation.ts';
import { orphanPlaces, podCountedAs } from '../controllers/pod-groups.ts';
import { claimPlaces } from '../controllers/volumes/volume-protection.ts';
import { waitingPlaces } from '../kubelet/kubelet.ts';
import { mountedPlaces } from '../kubelet/runtime/volume-updates.ts';
import type { Event, Pod } from '../objects/generated/core-v1.gen.ts';
import { membersOf } from '../objects/json-members.ts';
import type { KubeObject } from '../objects/object.ts';
import { nodePlaces, type PlacesOf } from '../resources/core/pod/places.ts';
import { pendingPlaces } from '../scheduler/queue.ts';
import type { Found } from '../simulation/object-index.ts';

/** Its owners; for an event what it is about; for a pod its node and what it waits for, and what its controller counts. */
export function foundBy(object: KubeObject): Found {
  const { apiVersion, metadata } = object;
  // Other groups have kinds of the same names.
  const kind = apiVersion === 'v1' ? object.kind : '';
  if (kind === 'Event') {
    const { uid } = (object as Event).involvedObject ?? {};
    if (uid) return { places: [eventKey(uid)] };
  }
  const owners = metadata.ownerReferences?.map((reference) => reference.uid) ?? [];
  if (kind !== 'Pod') return { places: owners };
  const pod = object as Pod;
  const places = [...owners, ...POD_PLACES.flatMap((placesOf) => safely(placesOf, pod) ?? [])];
  return { places, counted: safely(podCountedAs, pod) };
}

/** What begins what an event is about, where the API server has written it: within a text its quotes would be escaped. */
const ABOUT = ',"involvedObject":';

/** The same of what is kept of an event, and its stored text, of which nothing else is read; undefined where that does not say. */
export function eventFoundBy({ metadata }: KubeObject, text: string): Found | undefined {
  const at = text.indexOf(ABOUT);
  const members = at < 0 ? undefined : membersOf(text, at + ABOUT.length);
  if (!members) return undefined;
  const uid = members.find(({ name }) => name === 'uid');
  const about = uid && JSON.parse(text.slice(uid.start, uid.end));
  return { places: about ? [eventKey(about)] : (metadata.ownerReferences?.map((owner) => owner.uid) ?? []) };
}

const POD_PLACES: PlacesOf[] = [nodePlaces, pendingPlaces, waitingPlaces, mountedPlaces, claimPlaces, orphanPlaces];

/** What is not as a pod should be is in no such place: nobody waits for it. */
function safely<T>(find: (pod: Pod) => T, pod: Pod): T | undefined {
  try {
    return find(pod);
  } catch {
    return undefined;
  }
}
