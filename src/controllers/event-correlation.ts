/**
 * What is told again, or much like what was told before: counted in the event that there is, put together with its like, or not told at all. The
 * real recorder remembers what it has told; here the index knows the events of an object, as far as they live.
 * Source: k8s.io/client-go/tools/record/events_cache.go.
 */
import type { Event } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../objects/object.ts';
import { milliseconds } from '../objects/time.ts';

/** Events that differ in their messages alone are put together from so many on. */
export const MAX_SIMILAR = 10;
/** As long as there was one no longer ago. */
export const SIMILAR_MS = 600_000;
/** What one source may tell of one object at once. */
export const SPAM_BURST = 25;
/** Then it may tell one more each time this has passed. */
export const SPAM_REFILL_MS = 300_000;
const COMBINED = '(combined from similar events): ';

/** What becomes of an event. */
export type Correlated =
  | { how: 'new'; message: string; isCombined: boolean }
  | { how: 'again'; event: Event; message: string }
  /** One that there is, which stays as it is. */
  | { how: 'skipped'; event: Event };

/** What the index keeps an event under: not an owner, so the mark keeps it apart from owners' uids. */
export const eventKey = (uid: string): string => `events/${uid}`;

export const eventsOf = (reader: View, object: KubeObject): Event[] =>
  (reader.dependents?.(eventKey(object.metadata.uid ?? '')) ?? []).map((dependent) => dependent.object as Event);

/** What one source has told of one object with one type and reason. */
interface Similar {
  /** By what they say and of which part. */
  byText: Map<string, Event>;
  messages: Set<string>;
  combined: Event | undefined;
  lastTold: number;
}

/** What one source has told of one object. */
interface Source {
  first: Event | undefined;
  told: number;
  /** Since when, milliseconds. */
  since: number;
}

const sourceKey = ({ source }: Event): string => `${source?.component ?? ''}\0${source?.host ?? ''}`;

const textKey = ({ message = '', involvedObject }: Event): string => `${involvedObject.fieldPath ?? ''}\0${message}`;

/** The events of one object as of a revision, and what the reconcile that looks at them has told since. */
class Told {
  readonly revision: number;
  readonly uid: string | undefined;
  /** Of the object, whoever told them. */
  readonly #events: Event[];
  readonly #similar = new Map<string, Similar>();
  readonly #sources = new Map<string, Source>();
  /** How often any of them was told. */
  #count: number | undefined;
  /** How many are not written yet, and of which source. */
  #pending = 0;
  readonly #pendingOf = new Map<string, number>();

  constructor(reader: View, object: KubeObject) {
    this.revision = reader.revision;
    this.uid = object.metadata.uid;
    this.#events = eventsOf(reader, object);
  }

  correlate(event: Event, now: number): Correlated {
    const similar = this.#similarTo(event);
    const { message = '' } = event;
    const known = similar.byText.get(textKey(event));
    const isLate = now - similar.lastTold > SIMILAR_MS;
    const isMany = !isLate && !similar.messages.has(message) && similar.messages.size + 1 >= MAX_SIMILAR;
    if (known && !isMany) return { how: 'again', event: known, message };
    const spam = this.#spamOf(event, now);
    if (spam) return { how: 'skipped', event: spam };
    const said = isMany ? COMBINED + message : message;
    if (isMany && similar.combined) return { how: 'again', event: similar.combined, message: said };
    this.#pending++;
    const source = sourceKey(event);
    this.#pendingOf.set(source, (this.#pendingOf.get(source) ?? 0) + 1);
    if (!isMany) similar.messages.add(message);
    return { how: 'new', message: said, isCombined: isMany };
  }

  /** Those of the same reason are looked at; what others say need not be read. */
  #similarTo(event: Event): Similar {
    const { reason = '', type = '' } = event;
    const source = sourceKey(event);
    const key = `${reason}\0${type}\0${source}`;
    const known = this.#similar.get(key);
    if (known) return known;
    const similar: Similar = { byText: new Map(), messages: new Set(), combined: undefined, lastTold: 0 };
    for (const other of this.#events) {
      if (other.reason !== reason || other.type !== type || sourceKey(other) !== source) continue;
      similar.lastTold = Math.max(similar.lastTold, milliseconds(other.lastTimestamp));
      if (isCombined(other)) similar.combined = other;
      else {
        similar.messages.add(other.message ?? '');
        const text = textKey(other);
        if (!similar.byText.has(text)) similar.byText.set(text, other);
      }
    }
    this.#similar.set(key, similar);
    return similar;
  }

  /**
   * One of the events of a source that has told more of the object than it may by now. What was only told again does not count here: its
   * count is to go on.
   */
  #spamOf(event: Event, now: number): Event | undefined {
    this.#count ??= this.#events.reduce((count, other) => count + (other.count ?? 1), 0);
    if (this.#count + this.#pending < SPAM_BURST) return undefined;
    const source = sourceKey(event);
    const { first, told, since } = this.#toldBy(source);
    const may = SPAM_BURST + Math.floor((now - Math.min(now, since)) / SPAM_REFILL_MS);
    return told + (this.#pendingOf.get(source) ?? 0) >= may ? first : undefined;
  }

  #toldBy(key: string): Source {
    const known = this.#sources.get(key);
    if (known) return known;
    const own = this.#events.filter((other) => sourceKey(other) === key);
    const source: Source = {
      first: own[0],
      told: own.reduce((count, other) => count + (isCombined(other) ? (other.count ?? 1) : 1), 0),
      since: own.reduce(
        (since, { firstTimestamp }) => Math.min(since, milliseconds(firstTimestamp)),
        Number.POSITIVE_INFINITY,
      ),
    };
    this.#sources.set(key, source);
    return source;
  }
}

const isCombined = ({ message }: Event): boolean => message?.startsWith(COMBINED) ?? false;

/** What was looked up last by this reader. */
const lookedUp = new WeakMap<View, Told>();

/** One reconcile may tell of a thousand containers: the events of their pod are looked up once. */
export function correlate(reader: View, object: KubeObject, event: Event, now: number): Correlated {
  let told = lookedUp.get(reader);
  if (told?.revision !== reader.revision || told.uid !== object.metadata.uid) {
    told = new Told(reader, object);
    lookedUp.set(reader, told);
  }
  return told.correlate(event, now);
}
