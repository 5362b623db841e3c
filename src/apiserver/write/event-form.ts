/**
 * The Events that components tell. There are more of them than of any other object, and those of one reporter all have one form: the stages
 * make the same of each but for what the text says. So the stages are asked once for a form, and what they have made of it is made of
 * the next ones as well: to the letter what they would store.
 */
import { compactMetadata } from '../../objects/compact-ownership.ts';
import type { KubeObject } from '../../objects/object.ts';
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { storedText } from '../storage/stored.ts';

/** Forms that are remembered: there are some forty. */
export const MAX_FORMS = 256;

/** What is told anew for each. */
export interface Making {
  uid: string;
  /** RFC 3339, to the second. */
  now: string;
}

export interface MadeEvent {
  object: KubeObject;
  text: string;
}

/** A value that no stage leaves as it is is never taken for one of its form. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/;
const INSTANTS = new Set(['firstTimestamp', 'lastTimestamp', 'eventTime']);

/** Which fields there are, and which of them say nothing: what the writer owns, and what is printed, follows from that. */
function formOf(manager: string, event: KubeObject): string | undefined {
  const { name, namespace } = event.metadata;
  if (!name || !namespace || Object.keys(event.metadata).length > 2) return undefined;
  let form = manager;
  for (const field in event) {
    if (field === 'metadata') continue;
    const value = event[field];
    if (INSTANTS.has(field) && value !== null && !INSTANT.test(value)) return undefined;
    form += `,${field}`;
    if (typeof value === 'object' && value !== null) {
      form += '{';
      for (const part in value) {
        const mark = markOf(value[part]);
        if (mark === undefined) return undefined;
        form += `,${part}${mark}`;
      }
      form += '}';
    } else {
      const mark = markOf(value);
      if (mark === undefined) return undefined;
      form += mark;
    }
  }
  return form;
}

/** A text is as good as another; a number may be too large. */
function markOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? '=' : '';
  return value === null || typeof value === 'number' ? `=${value}` : undefined;
}

/** What the stages have made of the first of a form. */
class EventForm {
  /** The fields beside kind, apiVersion and metadata, in the order of the stored text. */
  readonly #fields: readonly string[];
  /** managedFields, before and after the instant. */
  readonly #ownership: readonly [string, string];

  constructor(decided: KubeObject) {
    const { kind: _, apiVersion: __, metadata, ...rest } = decided;
    this.#fields = Object.keys(rest);
    const [before = '', after = ''] = JSON.stringify(metadata.managedFields ?? []).split(
      `"time":${JSON.stringify(metadata.creationTimestamp)}`,
    );
    this.#ownership = [`${before}"time":"`, `"${after}`];
  }

  make(event: KubeObject, { uid, now }: Making): MadeEvent {
    const { name, namespace } = event.metadata;
    const [before, after] = this.#ownership;
    const ownership = before + now + after;
    // Where the stages put them: managedFields are known before the object is told apart from others.
    const metadata = compactMetadata({ name, namespace: namespace! }, ownership);
    metadata.uid = uid;
    metadata.creationTimestamp = now;
    const object: KubeObject = { kind: 'Event', apiVersion: 'v1', metadata };
    const body: Record<string, unknown> = {};
    for (const field of this.#fields) object[field] = body[field] = event[field];
    const names = `"name":${JSON.stringify(name)},"namespace":${JSON.stringify(namespace)}`;
    const system = `"managedFields":${ownership},"uid":"${uid}","creationTimestamp":"${now}"`;
    const text = `{"kind":"Event","apiVersion":"v1","metadata":{${names},${system}},${JSON.stringify(body).slice(1)}`;
    return { object, text };
  }
}

export class EventForms {
  /** `unfit`: the stages make something else of it than can be told from the form. */
  readonly #known = new BoundedMap<EventForm | 'unfit'>(MAX_FORMS);

  /** What the stages would make of an event with a name and a namespace; undefined where they must be asked. */
  make(manager: string, event: KubeObject, making: () => Making): MadeEvent | undefined {
    const form = formOf(manager, event);
    const known = form === undefined ? undefined : this.#known.get(form);
    return known === undefined || known === 'unfit' ? undefined : known.make(event, making());
  }

  /** Told what they have made of one. */
  learn(manager: string, event: KubeObject, decided: KubeObject): void {
    const form = formOf(manager, event);
    if (form === undefined || this.#known.get(form)) return;
    const { uid = '', creationTimestamp: now = '' } = decided.metadata;
    const learned = new EventForm(decided);
    const isSame = learned.make(event, { uid, now }).text === storedText(decided);
    this.#known.set(form, isSame ? learned : 'unfit');
  }
}
