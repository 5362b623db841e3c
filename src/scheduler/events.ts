/**
 * Events as kube-scheduler writes them: through events.k8s.io, so the stored form has an event time, an action and a reporting
 * instance, and none of the older fields.
 */
import type { KubeObject } from '../objects/object.ts';
import type { Write } from '../simulation/reconciler.ts';
import { SCHEDULER_NAME } from './profile.ts';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  action: string;
  note: string;
}

const REPORTING_INSTANCE = `${SCHEDULER_NAME}-control-plane`;
const NOTE_LIMIT = 1024;

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
  const nanoseconds = BigInt(Math.trunc(now)) * 1_000_000n + BigInt(revision % 1_000_000);
  const message = text.note.length <= NOTE_LIMIT ? text.note : `${text.note.slice(0, NOTE_LIMIT - 4)} ...`;
  const event: KubeObject = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: `${regarding.metadata.name}.${nanoseconds.toString(16)}`, namespace },
    involvedObject: reference(regarding),
    reason: text.reason,
    message,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    type: text.type,
    eventTime: new Date(now).toISOString().replace('Z', '000Z'),
    action: text.action,
    ...(related ? { related: reference(related) } : {}),
    reportingComponent: SCHEDULER_NAME,
    reportingInstance: REPORTING_INSTANCE,
  };
  return { verb: 'create', object: event, bestEffort: true };
}

function reference({ kind, apiVersion, metadata }: KubeObject): Record<string, unknown> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    apiVersion,
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}
