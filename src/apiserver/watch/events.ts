/** The events of a watch as the client sees them: selected, in the form that was negotiated, and as they are on the wire. */
import { apiVersionOf } from '../../catalog/kinds.ts';
import type { KeyValue, WatchEvent } from '../../etcd/types.ts';
import type { KubeObject, ObjectMeta } from '../../objects/object.ts';
import type { StatusError } from '../../objects/status.ts';
import { partial, table } from '../answer/encode.ts';
import type { Format } from '../answer/negotiation.ts';
import { decodeValue } from '../codec/decode.ts';
import { encodeProtobuf, encodeWatchFrame } from '../codec/protobuf.ts';
import type { Exchange } from '../pipeline.ts';
import type { Selector } from '../read/selection.ts';
import { objectText, parseStored, withHead } from '../storage/stored.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchItem {
  type: EventType;
  /** JSON. */
  object: string;
}

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Makes the JSON of events in the form that was negotiated. */
export class EventWriter {
  now = 0;
  #exchange: Exchange;
  #selector: Selector;
  #hasHeaders = false;

  constructor(exchange: Exchange, selector: Selector) {
    this.#exchange = exchange;
    this.#selector = selector;
  }

  /** Undefined where the selectors see nothing. */
  added(kv: KeyValue): WatchItem | undefined {
    if (this.#selector.matchesAll) return this.#text('ADDED', kv);
    const object = parseStored(this.#exchange.kind, kv);
    return this.#selector.matches(object) ? this.#object('ADDED', object) : undefined;
  }

  event(event: WatchEvent): WatchItem | undefined {
    const { kind } = this.#exchange;
    // The object's last state, with the revision of this change.
    const before = event.prevKv && { ...event.prevKv, modRevision: event.kv.modRevision };
    const gone = event.type === 'DELETE';
    if (this.#selector.matchesAll) {
      if (gone) return before && this.#text('DELETED', before);
      return this.#text(event.kv.createRevision === event.kv.modRevision ? 'ADDED' : 'MODIFIED', event.kv);
    }
    const old = before && parseStored(kind, before);
    const object = gone ? undefined : parseStored(kind, event.kv);
    const isNew = event.kv.createRevision === event.kv.modRevision;
    const matched = old !== undefined && (gone || !isNew) && this.#selector.matches(old);
    const matches = object !== undefined && this.#selector.matches(object);
    if (matches) return this.#object(matched ? 'MODIFIED' : 'ADDED', object);
    return matched ? this.#object('DELETED', old) : undefined;
  }

  bookmark(revision: number, initialEventsEnd: boolean): WatchItem {
    const { kind } = this.#exchange;
    const metadata: Partial<ObjectMeta> = {
      resourceVersion: String(revision),
      ...(initialEventsEnd ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
    };
    const struct = kind.struct;
    const object = struct ? decodeValue(struct, { metadata }).value : ({ metadata } as KubeObject);
    return this.#object('BOOKMARK', { ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) });
  }

  error(error: StatusError): WatchItem {
    return item('ERROR', JSON.stringify(error.status));
  }

  #text(type: EventType, kv: KeyValue): WatchItem {
    const { kind, accepted } = this.#exchange;
    return accepted.as ? this.#object(type, parseStored(kind, kv)) : item(type, objectText(kind, kv));
  }

  #object(type: EventType, object: KubeObject): WatchItem {
    const { kind, accepted, query } = this.#exchange;
    if (accepted.as === 'Table') {
      const version = object.metadata.resourceVersion;
      const made = {
        ...table(kind, [object], { resourceVersion: version }, accepted, query, this.#exchange.now?.() ?? this.now),
        ...(this.#hasHeaders && { columnDefinitions: null }),
      };
      this.#hasHeaders = true;
      return item(type, JSON.stringify(made));
    }
    if (accepted.as) return item(type, JSON.stringify(partial(object, accepted)));
    return item(type, JSON.stringify(withHead(object)));
  }
}

const item = (type: EventType, object: string): WatchItem => ({ type, object });

/** One event on the wire: a line of JSON, or a frame of Protobuf. */
export function frame({ type, object }: WatchItem, format: Format): string | Uint8Array {
  const message = format === 'protobuf' ? encodeProtobuf(JSON.parse(object)) : undefined;
  return message ? encodeWatchFrame(type, message) : `{"type":"${type}","object":${object}}\n`;
}
