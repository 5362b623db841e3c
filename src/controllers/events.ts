/**
 * Events as the components write them: core/v1, counted when they repeat. The real recorder remembers what it wrote; here the
 * event's name says what it is about, so that the same event is found again without a memory.
 * Source: k8s.io/client-go/tools/record.
 */
import type { KubeObject } from '../resources/object.ts';
import type { Reader, Write } from '../simulation/reconciler.ts';
import { timestamp } from './time.ts';

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
  reader: Reader<KubeObject>,
  object: KubeObject,
  source: EventSource,
  text: EventText,
  now: number,
): Write<KubeObject> {
  const type = text.type ?? 'Normal';
  const namespace = object.metadata.namespace ?? 'default';
  const about = [source.component, source.host, object.metadata.uid, text.fieldPath, type, text.reason, text.message];
  const name = `${object.metadata.name}.${hash64(about.join('\0'))}`;
  const at = timestamp(now);
  const known = reader.get('events', namespace, name);
  if (known) {
    return { verb: 'update', object: { ...known, count: (known.count ?? 1) + 1, lastTimestamp: at }, bestEffort: true };
  }
  const event: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind: object.kind,
      ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
      name: object.metadata.name,
      uid: object.metadata.uid,
      apiVersion: object.apiVersion,
      ...(object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion }),
      ...(text.fieldPath === undefined ? {} : { fieldPath: text.fieldPath }),
    },
    reason: text.reason,
    message: text.message,
    source: { component: source.component, ...(source.host === undefined ? {} : { host: source.host }) },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type,
    eventTime: null,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
  };
  return { verb: 'create', object: event, ignoreExisting: true, bestEffort: true };
}

/** Sixteen hex digits that look like the nanoseconds the real recorder puts there. */
function hash64(text: string): string {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ (unit + high), 0x01000193);
  }
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return `18${hex(high).slice(2)}${hex(low)}`;
}
