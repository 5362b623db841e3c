/**
 * The values of a range as one text, put together where they lie: a list is mostly what is stored, and as one text it is read, and passed
 * from the object to the Worker, at a fraction of what its keys and values take one by one.
 */

import { BoundedMap } from '../simulation/bounded-map.ts';
import type { BaseLayer } from './base.ts';
import type { Head } from './head.ts';
import { overPlaces, type Places } from './places.ts';
import type { Sql } from './sql.ts';
import type { JoinedValues, Splice } from './types.ts';

/** Bytes of values that one query puts together: SQLite's texts are limited on the platform. */
export const MAX_JOINED_BYTES = 1024 * 1024;
/** A query for a few values at a time is no gain over reading them. */
const FEWEST_AT_ONCE = 16;
/** Keys of the base layer, each of which divides a range. */
export const MAX_DIVISIONS = 8;

const FROM = 'FROM places c CROSS JOIN etcd_log l ON l.revision = c.revision AND l.sub = c.sub';
const SIZES = overPlaces(
  'live',
  `SELECT count(*), sum(bytes), max(bytes) FROM (SELECT octet_length(l.value) AS bytes ${FROM})`,
);
const JOINED = overPlaces(
  'live',
  `SELECT count(*), max(key), group_concat(item, ','), sum(other) FROM (
  SELECT c.key AS key, ? || c.revision || ? || substr(l.value, ?) AS item,
  typeof(l.value) <> 'text' OR substr(l.value, 1, ?) <> ? OR c.revision <= ? AS other ${FROM})`,
);

/** The log's tables, and what is below them. */
interface Source {
  /** As no other, and another one once the tables were changed past the log. */
  id: string;
  revision: number;
  sql: Sql;
  places: Places;
  base: BaseLayer;
  head(key: string): Head | undefined;
}

interface Extent {
  /** Negative: all. */
  limit: number;
  maxBytes: number;
}

/** What was joined a moment ago, of all stores of the process: characters. */
const RECENT_CHARACTERS = 16 * 1024 * 1024;
const recent = new BoundedMap<{ revision: number; joined: JoinedValues }>(
  RECENT_CHARACTERS,
  ({ joined }, name) => joined.text.length + name.length,
);

/** The first keys of [start, end), as many as there are up to the limit; undefined where it cannot be had, or is more than is wanted. */
export function joinedValues(
  source: Source,
  [start, end]: readonly [string, string],
  splice: Splice,
  extent: Extent,
): JoinedValues | undefined {
  const { head, before, after, since } = splice;
  const name = [source.id, extent.limit, since, head, before, after, start, end].join('\0');
  const known = recent.get(name);
  if (known?.revision === source.revision) return known.joined.bytes <= extent.maxBytes ? known.joined : undefined;
  const joined = joinRange(source, [start, end], splice, extent);
  if (joined) recent.set(name, { revision: source.revision, joined });
  else recent.delete(name);
  return joined;
}

function joinRange(
  source: Source,
  [start, end]: readonly [string, string],
  splice: Splice,
  extent: Extent,
): JoinedValues | undefined {
  const below = source.base.scan(start, end);
  if (below.length > MAX_DIVISIONS) return undefined;
  const joined = new Joined(source, splice, extent);
  let from = start;
  for (const { key } of below) {
    if (!joined.addRows(from, key) || !joined.addHead(key, source.head(key))) return undefined;
    from = `${key}\0`;
  }
  return joined.addRows(from, end) ? joined.result : undefined;
}

class Joined {
  readonly #source: Source;
  readonly #splice: Splice;
  readonly #texts: string[] = [];
  #left: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #count = 0;
  #last = '';

  constructor(source: Source, splice: Splice, { limit, maxBytes }: Extent) {
    this.#source = source;
    this.#splice = splice;
    this.#left = limit < 0 ? Number.MAX_SAFE_INTEGER : limit;
    this.#maxBytes = maxBytes;
  }

  get result(): JoinedValues {
    return { text: this.#texts.join(','), bytes: this.#bytes, count: this.#count, last: this.#last };
  }

  /** @returns whether it could be done, as below. */
  addHead(key: string, head: Head | undefined): boolean {
    const { kv } = head ?? {};
    if (!kv || this.#left === 0) return true;
    const { head: beginning, before, after, since } = this.#splice;
    const { value, modRevision } = kv;
    if (typeof value !== 'string' || !value.startsWith(beginning) || modRevision <= since) return false;
    this.#add(`${before}${modRevision}${after}${value.slice(beginning.length)}`, 1, key);
    return this.#hasRoomFor(value.length);
  }

  addRows(start: string, end: string): boolean {
    if (this.#left === 0) return true;
    const { sql, places } = this.#source;
    const sizes = sql.exec(...places.over(SIZES, start, end, this.#left));
    const [count, bytes, largest] = (sizes[0] ?? []).map(Number) as [number, number, number];
    if (!count) return true;
    const atOnce = Math.floor(MAX_JOINED_BYTES / largest);
    if (!this.#hasRoomFor(bytes) || atOnce < Math.min(FEWEST_AT_ONCE, count)) return false;
    for (let left = count, from = start; left > 0; left -= atOnce, from = `${this.#last}\0`)
      if (!this.#addSome(from, end, Math.min(left, atOnce))) return false;
    return true;
  }

  #addSome(start: string, end: string, limit: number): boolean {
    const { head, before, after, since } = this.#splice;
    const { length } = head;
    const { sql, places } = this.#source;
    const over = places.over(JOINED, start, end, limit);
    const [row] = sql.exec(...over, before, after, length + 1, length, head, since);
    const [count, last, text, others] = row as [number, string, string, number];
    this.#add(text, count, last);
    return others === 0;
  }

  #add(text: string, count: number, last: string): void {
    this.#texts.push(text);
    this.#count += count;
    this.#left -= count;
    this.#last = last;
  }

  #hasRoomFor(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#maxBytes;
  }
}
