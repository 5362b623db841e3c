/**
 * Events as kube-scheduler writes them: through events.k8s.io, so the stored form has an event time, an action and a reporting
 * instance, and none of the older fields.
 */
import { eventName, objectReference } from '../objects/events.ts';
import type { KubeObject } from '../objects/object.ts';
import { microTimestamp } from '../objects/time.ts';
import type { Write } from '../simulation/reconciler.ts';
import { SCHEDULER_NAME } from './profile.ts';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
}

const REPORTING_INSTANCE = `${SCHEDULER_NAME}-control-plane`;
export const NOTE_LIMIT = 1024;

/** When it is written: at what time, and after which revision, which tells events of one instant apart and keeps their order. */
export interface EventTime {
  now: number;
  revision: number;
}

/** `related`: the other object that it is about. */
export function schedulerEvent(
  regarding: KubeObject,
  text: EventText,
  { now, revision }: EventTime,
  related?: KubeObject,
): Write<KubeObject> {
  const namespace = regarding.metadata.namespace ?? 'default';
  const message = text.note.length <= NOTE_LIMIT ? text.note : `${text.note.slice(0, NOTE_LIMIT - 4)} ...`;
  const event: KubeObject = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: eventName(`${regarding.metadata.name}.`, now, revision), namespace },
    involvedObject: objectReference(regarding),
    reason: text.reason,
    message,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    type: text.type,
    eventTime: microTimestamp(now),
    action: text.action,
    ...(related ? { related: objectReference(related) } : {}),
    reportingComponent: SCHEDULER_NAME,
    reportingInstance: REPORTING_INSTANCE,
  };
  return { verb: 'create', object: event, bestEffort: true };
}
