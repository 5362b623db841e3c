/** Events, in both of their groups. Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go. */

import { validateMetadata } from '../../catalog/metadata.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { qualifiedName, unchanged } from '../../objects/field-checks.ts';
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { Event } from '../../objects/generated/core-v1.gen.ts';
import type * as eventsv1 from '../../objects/generated/events-v1.gen.ts';
import { goValue } from '../../objects/go-value.ts';
import { byteLength } from '../../objects/names.ts';
import { own } from '../../objects/own.ts';

const LONG = 128;
export const NOTE_MAX = 1024;
const NO_TIME = '0001-01-01';

/** The names of the group events.k8s.io. */
type NewerEvent = Pick<
  eventsv1.Event,
  | 'regarding'
  | 'note'
  | 'deprecatedSource'
  | 'deprecatedFirstTimestamp'
  | 'deprecatedLastTimestamp'
  | 'deprecatedCount'
  | 'reportingController'
>;

/** An event by the core names of its fields, whichever group it is of. */
function inCoreNames(object: Event): Event {
  if (object.apiVersion === 'v1') return object;
  const event = object as Event & NewerEvent;
  return {
    ...event,
    involvedObject: event.regarding ?? {},
    message: event.note,
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    reportingComponent: event.reportingController!,
  };
}

const hasTime = (time: unknown): boolean => typeof time === 'string' && !time.startsWith(NO_TIME);

function legacy(event: Event, core: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const own: string = event.metadata.namespace ?? '';
  const involved: string = event.involvedObject?.namespace ?? '';
  const mismatch = invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  if (!hasTime(event.eventTime)) {
    if (involved ? own !== involved : own !== '' && own !== 'default') errors.push(mismatch);
    return errors;
  }
  if (!involved && own !== 'default' && own !== 'kube-system') errors.push(mismatch);
  const controller: string = event.reportingComponent ?? '';
  const field = core ? 'reportingComponent' : 'reportingController';
  if (!controller) errors.push(required(field));
  errors.push(...qualifiedName(controller, field));
  for (const key of ['reportingInstance', 'action', 'reason'] as const) {
    const text: string = event[key] ?? '';
    if (!text) errors.push(required(key));
    if (byteLength(text) > LONG) errors.push(invalid(key, '', `can have at most ${LONG} characters`));
  }
  if (byteLength(event.message ?? '') > NOTE_MAX)
    errors.push(invalid('message', '', `can have at most ${NOTE_MAX} characters`));
  return errors;
}

function series(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.series) return errors;
  if ((event.series.count ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if (!hasTime(event.series.lastObservedTime)) errors.push(required('series.lastObservedTime'));
  return errors;
}

function validate(object: Event): FieldError[] {
  const event = inCoreNames(object);
  const core = object.apiVersion === 'v1';
  const errors = legacy(event, core);
  if (core) return errors;
  errors.push(...validateMetadata(object, { namespaced: true }));
  errors.push(...series(event));
  if (!hasTime(event.eventTime)) errors.push(required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning')
    errors.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`));
  const unset = (field: string): void => void errors.push(invalid(field, '', 'needs to be unset'));
  if (hasTime(event.firstTimestamp)) unset('firstTimestamp');
  if (hasTime(event.lastTimestamp)) unset('lastTimestamp');
  if (event.count) unset('count');
  if (event.source?.component || event.source?.host) unset('source');
  return errors;
}

/** In the order in which they are compared; `reason` is, twice. */
const KEPT: [name: string, field: string][] = [
  ['involvedObject', 'involvedObject'],
  ['reason', 'reason'],
  ['message', 'message'],
  ['source', 'source'],
  ['firstTimestamp', 'firstTimestamp'],
  ['lastTimestamp', 'lastTimestamp'],
  ['count', 'count'],
  ['reason', 'reason'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
];

const STRUCTS: Record<string, string> = {
  involvedObject: 'core.ObjectReference',
  related: '*#core.ObjectReference',
  source: 'core.EventSource',
};

/** As the type within prints it. */
function printed(name: string, value: unknown): unknown {
  if (STRUCTS[name]) return value === undefined && name === 'related' ? null : goValue(STRUCTS[name], value ?? {});
  return value ?? (/Time/.test(name) ? null : name === 'count' ? 0 : '');
}

function validateUpdate(object: Event, before: Event): FieldError[] {
  const event = inCoreNames(object);
  const core = object.apiVersion === 'v1';
  const errors = legacy(event, core);
  if (core) return errors;
  const old = inCoreNames(before);
  if (JSON.stringify(event.series) !== JSON.stringify(old.series)) errors.push(...series(event));
  for (const [name, field] of KEPT)
    errors.push(...unchanged(own(event, name), own(old, name), field, printed(name, own(event, name))));
  return errors;
}

function selectableFields(object: Event): Record<string, string> {
  const event = inCoreNames(object);
  const core = event === object;
  const involved = event.involvedObject ?? {};
  const fields: Record<string, string> = { reason: event.reason ?? '', type: event.type ?? '' };
  for (const key of ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const)
    fields[`${core ? 'involvedObject' : 'regarding'}.${key}`] = involved[key] ?? '';
  fields[core ? 'reportingComponent' : 'reportingController'] = event.reportingComponent ?? '';
  if (core) fields.source = event.source?.component || event.reportingComponent || '';
  return fields;
}

export const events: Strategy<Event> = {
  validate,
  validateUpdate,
  selectableFields,
  metadataRules: 'own',
  allowCreateOnUpdate: true,
};
