/** Under what the pump's index finds an object again, beside its own name. */

import { eventKey } from '../controllers/event-correlation.ts';
import { claimPlaces } from '../controllers/volumes/volume-protection.ts';
import { waitingPlaces } from '../kubelet/kubelet.ts';
import type { Event, Pod } from '../objects/generated/core-v1.gen.ts';
import { membersOf } from '../objects/json-members.ts';
import type { KubeObject } from '../objects/object.ts';
import { nodePlaces, type PlacesOf } from '../resources/core/pod/places.ts';
import { pendingPlaces } from '../scheduler/queue.ts';

/** Its owners; for an event what it is about; for a pod its node and what it waits for. */
export function placesOf(object: KubeObject): string[] {
  const { apiVersion, metadata } = object;
  // Other groups have kinds of the same names.
  const kind = apiVersion === 'v1' ? object.kind : '';
  if (kind === 'Event') {
    const { uid } = (object as Event).involvedObject ?? {};
    if (uid) return [eventKey(uid)];
  }
  const owners = metadata.ownerReferences?.map((reference) => reference.uid) ?? [];
  return kind === 'Pod' ? [...owners, ...POD_PLACES.flatMap((places) => safely(places, object as Pod))] : owners;
}

/** What begins what an event is about, where the API server has written it: within a text its quotes would be escaped. */
const ABOUT = ',"involvedObject":';

/** The same of an event's stored text, of which nothing else is read; undefined where it does not say. */
export function placesOfEventText(text: string): string[] | undefined {
  const at = text.indexOf(ABOUT);
  const members = at < 0 ? undefined : membersOf(text, at + ABOUT.length);
  const uid = members?.find(({ name }) => name === 'uid');
  return uid && [eventKey(JSON.parse(text.slice(uid.start, uid.end)))];
}

const POD_PLACES: PlacesOf[] = [nodePlaces, pendingPlaces, waitingPlaces, claimPlaces];

/** What is not as a pod should be is in no such place: nobody waits for it. */
function safely(places: PlacesOf, pod: Pod): string[] {
  try {
    return places(pod);
  } catch {
    return [];
  }
}
