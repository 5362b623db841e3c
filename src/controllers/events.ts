/**
 * Events as the components write them: core/v1, counted when they repeat. The real recorder remembers what it wrote; here the
 * index knows the events of an object. Source: k8s.io/client-go/tools/record.
 */
import { objectReference } from '../objects/events.ts';
import type { Event } from '../objects/generated/core-v1.gen.ts';
import { nameless } from '../objects/nameless.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import type { Write } from '../simulation/reconciler.ts';

export interface EventSource {
  /** `replicaset-controller`, `kubelet`… */
  component: string;
  host?: string;
}

export interface EventText {
  type?: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** A part of the object: `spec.containers{web}`. */
  fieldPath?: string;
}

/** The write that records an event on `object`: a new Event, or one more of the same. */
export function recordEvent(
  reader: View,
  object: KubeObject,
  source: EventSource,
  text: EventText,
  now: number,
): Write<KubeObject> {
  const known = knownEvent(reader, object, source, text);
  if (known) {
    const lastTimestamp = timestamp(now);
    return { verb: 'update', object: { ...known, count: (known.count ?? 1) + 1, lastTimestamp }, bestEffort: true };
  }
  return { verb: 'create', object: newEvent(object, source, text, now), bestEffort: true };
}

/** An event that is told for the first time. */
export function newEvent(object: KubeObject, source: EventSource, text: EventText, now: number): Event {
  const at = timestamp(now);
  const { name, namespace } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // The instant that the name ends with is known when the event is written.
    metadata: nameless({ generateName: `${name}.`, namespace: namespace ?? 'default' }),
    involvedObject: objectReference(object, text.fieldPath),
    reason: text.reason,
    message: text.message,
    source: { component: source.component, ...(source.host === undefined ? {} : { host: source.host }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type: typeOf(text),
    eventTime: null,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
  };
}

const typeOf = ({ type = 'Normal' }: EventText): string => type;

/** What the index keeps an event under: not an owner, so the mark keeps it apart from owners' uids. */
export const eventKey = (uid: string): string => `events/${uid}`;

export const eventsOf = (reader: View, object: KubeObject): Event[] =>
  (reader.dependents?.(eventKey(object.metadata.uid ?? '')) ?? []).map((dependent) => dependent.object as Event);

/** Events of one object by what they say, as of a revision. */
interface Told {
  revision: number;
  uid: string | undefined;
  byText?: Map<string, Event>;
}

/** What was looked up last by this reader. */
const told = new WeakMap<View, Told>();

/** One reconcile may tell of a thousand containers: from the second event of an object on they are looked up by what they say. */
function knownEvent(reader: View, object: KubeObject, source: EventSource, text: EventText) {
  const { revision } = reader;
  const { uid } = object.metadata;
  const last = told.get(reader);
  if (last?.revision !== revision || last.uid !== uid) {
    told.set(reader, { revision, uid });
    return eventsOf(reader, object).find((event) => isSame(event, source, text));
  }
  if (!last.byText) {
    last.byText = new Map();
    for (const event of eventsOf(reader, object)) {
      const { reason, message, type } = event;
      const key = textKey({ reason, message, type }, event.source ?? {}, event.involvedObject.fieldPath);
      if (!last.byText.has(key)) last.byText.set(key, event);
    }
  }
  return last.byText.get(textKey({ ...text, type: typeOf(text) }, source, text.fieldPath));
}

const textKey = (
  { reason, message, type }: Pick<Event, 'reason' | 'message' | 'type'>,
  { component, host }: NonNullable<Event['source']>,
  fieldPath: string | undefined,
): string => JSON.stringify([reason, message, type, component, host, fieldPath]);

const isSame = (event: Event, source: EventSource, text: EventText): boolean =>
  event.reason === text.reason &&
  event.message === text.message &&
  event.type === typeOf(text) &&
  event.involvedObject.fieldPath === text.fieldPath &&
  event.source?.component === source.component &&
  event.source?.host === source.host;
