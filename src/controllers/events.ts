/** Events as the components write them: core/v1, counted when they repeat. Source: k8s.io/client-go/tools/record. */
import { objectReference } from '../objects/events.ts';
import type { Event } from '../objects/generated/core-v1.gen.ts';
import { nameless } from '../objects/nameless.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { timestamp } from '../objects/time.ts';
import type { Write } from '../simulation/reconciler.ts';
import { correlate } from './event-correlation.ts';

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

/**
 * The write that records an event on `object`: a new Event, one more of the same, or one that changes nothing where the source has told
 * too much of it.
 */
export function recordEvent(
  reader: View,
  object: KubeObject,
  source: EventSource,
  text: EventText,
  now: number,
): Write<KubeObject> {
  const event = newEvent(object, source, text, now);
  const correlated = correlate(reader, object, event, now);
  switch (correlated.how) {
    case 'new':
      return {
        verb: 'create',
        object: correlated.isCombined ? combined(event, correlated.message) : event,
        bestEffort: true,
      };
    case 'again': {
      const { event: known, message } = correlated;
      const lastTimestamp = event.lastTimestamp!;
      const again = { ...known, message, count: (known.count ?? 1) + 1, lastTimestamp };
      return { verb: 'update', object: again, bestEffort: true };
    }
    case 'skipped':
      return { verb: 'update', object: correlated.event, bestEffort: true };
    default:
      return correlated satisfies never;
  }
}

/** Says nothing of who reports it. */
const combined = (event: Event, message: string): Event => ({
  ...event,
  message,
  reportingComponent: '',
  reportingInstance: '',
});

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
    type: text.type ?? 'Normal',
    eventTime: null,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
  };
}
