/**
 * The log: every change by revision, and where each key stands now. It is all of the store's state in SQLite.
 *
 * Invariants:
 * - a change is one row of `log` (revision, sub), never updated; `version` 0 marks a deletion;
 * - `prev_revision`, `prev_sub` lead to the key's change before (0: none; -1: the base layer), so history needs no index;
 * - a key that was ever written, and not both deleted and compacted, has one place (`places.ts`): that of its last change;
 * - a change writes its own row, and once in many changes the places that are aside;
 * - whoever writes these tables past `append` calls `forgetReads` after it.
 */
import type { BaseLayer } from './base.ts';
import type { Head } from './head.ts';
import { type OverPlaces, overPlaces, PLACES_SCHEMA, type PlacedRows, Places } from './places.ts';
import { RangeCounts } from './range-counts.ts';
import { RecentReads } from './recent-reads.ts';
import type { Sql, SqlValue } from './sql.ts';
import { upgradeStore } from './store-version.ts';
import type { KeyValue, Value } from './types.ts';

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS etcd_log (revision INTEGER NOT NULL, sub INTEGER NOT NULL, key TEXT NOT NULL, value,
    create_revision INTEGER NOT NULL, version INTEGER NOT NULL, lease TEXT NOT NULL,
    prev_revision INTEGER NOT NULL, prev_sub INTEGER NOT NULL, PRIMARY KEY (revision, sub)) WITHOUT ROWID`,
  PLACES_SCHEMA,
];

const ROW = 'c.key, l.value, l.create_revision, c.revision, l.version, l.lease, c.sub, c.live';
const ON = 'etcd_log l ON l.revision = c.revision AND l.sub = c.sub';
const JOIN = `places c CROSS JOIN ${ON}`;
const HEAD = `SELECT ${ROW} FROM etcd_current c CROSS JOIN ${ON} WHERE c.key = ?`;
const HEAD_AT = `SELECT key, value, create_revision, revision, version, lease, sub, typeof(value) <> 'null'
  FROM etcd_log WHERE revision = ? AND sub = ?`;
const rowsWhere = (which: string): PlacedRows => ({
  table: `SELECT ${ROW} FROM etcd_current c CROSS JOIN ${ON} WHERE c.key >= ? AND c.key < ? AND ${which} ORDER BY c.key LIMIT ?`,
  change: HEAD_AT,
});
const LIVE = rowsWhere('c.live = 1');
const ALL = rowsWhere('true');
/** Without the values. */
const KEYS = { table: LIVE.table.replace('l.value', "''"), change: HEAD_AT.replace('value', "''") };
const COUNT_UNTIL = overPlaces('live', 'SELECT count(*) FROM places WHERE revision <= ?');
const CHANGED_SINCE = overPlaces('all', 'SELECT key, revision, sub FROM places WHERE revision > ?');
const ONE =
  'SELECT key, value, create_revision, revision, version, lease, prev_revision, prev_sub FROM etcd_log WHERE revision = ? AND sub = ?';
const LAST_SUB = 'SELECT max(sub) FROM etcd_log WHERE revision = ?';
const BYTES = 'SELECT sum(length(key) + ifnull(length(value), 0) + ?) FROM etcd_log';
const LENGTHS = overPlaces('live', `SELECT sum(length(c.key) + ifnull(length(l.value), 0)) FROM ${JOIN}`);
const APPEND = 'INSERT INTO etcd_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** After every key: a key's units are bytes, and this is no byte. */
export const AFTER_ALL_KEYS = '\u0100';
const NO_LIMIT = -1;

/** How much of a range is read: so many keys (negative: all), and no more of them when their values have so many characters. */
export interface Extent {
  limit?: number;
  maxBytes?: number;
  /** Nobody looks at the values: they need not be read. */
  keysOnly?: boolean;
}

export interface Scan {
  kvs: KeyValue[];
  /** There may be more: it ended for its bytes. */
  cut: boolean;
}

let ids = 0;
const newId = (): string => String(++ids);

export class Log {
  readonly sql: Sql;
  readonly base: BaseLayer;
  revision: number;
  compactRevision: number;
  /** As no other log of the process, and another one when the tables were changed past it. */
  id = newId();
  readonly counts = new RangeCounts();
  readonly places: Places;
  readonly #recent = new RecentReads();

  constructor(sql: Sql, base: BaseLayer) {
    this.sql = sql;
    this.base = base;
    upgradeStore(sql);
    for (const statement of SCHEMA) sql.exec(statement);
    this.places = new Places(sql);
    const last = sql.exec('SELECT max(revision) FROM etcd_log')[0]?.[0];
    this.revision = Math.max(base.revision, Number(last ?? 0), Number(this.meta('revision') ?? 0));
    this.compactRevision = Number(this.meta('compactRevision') ?? -1);
  }

  meta(name: string): SqlValue | undefined {
    return this.sql.exec('SELECT value FROM etcd_meta WHERE name = ?', name)[0]?.[0];
  }

  setMeta(name: string, value: SqlValue): void {
    this.sql.exec('INSERT OR REPLACE INTO etcd_meta VALUES (?, ?)', name, value);
  }

  /** What the log holds, with so many bytes for each change beside its key and value. */
  bytes(perChange: number): number {
    return Number(this.sql.exec(BYTES, perChange)[0]?.[0] ?? 0);
  }

  /** What the first `limit` keys of [start, end) hold now, told without reading it. */
  bytesIn(start: string, end: string, limit = NO_LIMIT): number {
    return Number(this.sql.exec(...this.places.over(LENGTHS, start, end, limit))[0]?.[0] ?? 0);
  }

  head(key: string): Head | undefined {
    const known = this.#recent.head(key);
    if (known) return known === 'absent' ? undefined : known.head;
    const head = this.#readHead(key);
    this.#recent.keepHead(key, head);
    return head;
  }

  #readHead(key: string): Head | undefined {
    const at = this.places.aside(key);
    const row = (at ? this.sql.exec(HEAD_AT, ...at) : this.sql.exec(HEAD, key))[0];
    if (row) {
      const revision = row[3] as number;
      const sub = row[6] as number;
      return row[7] === 1 ? { kv: keyValueOf(row), revision, sub } : { revision, sub };
    }
    const kv = this.base.get(key);
    return kv && { kv, revision: -1, sub: 0 };
  }

  /** The place within a revision after its last change. */
  nextSub(revision: number): number {
    const last = this.sql.exec(LAST_SUB, revision)[0]?.[0];
    return typeof last === 'number' ? last + 1 : 0;
  }

  /** Adds a change; `value` null is a deletion. */
  append(change: KeyValue, value: Value | null, sub: number, prev: Head | undefined): void {
    const { key, modRevision, createRevision, version, lease } = change;
    this.sql.exec(
      APPEND,
      modRevision,
      sub,
      key,
      value,
      createRevision,
      version,
      lease,
      prev?.revision ?? 0,
      prev?.sub ?? 0,
    );
    this.places.changed(key, [modRevision, sub], this.revision);
    const place = { revision: modRevision, sub };
    this.#recent.changed(key, value === null ? place : { kv: change, ...place });
    if (value === null) this.counts.changed(key, -1);
    else if (version === 1) this.counts.changed(key, 1);
  }

  /** Something was done or undone that this was not told: what is remembered of the tables may not be so. */
  forgetReads(): void {
    this.id = newId();
    this.places.forget();
    this.counts.clear();
    this.#recent.clear();
  }

  /** Keys of [start, end) as they are now. */
  live(start: string, end: string, extent: Extent = {}): Scan {
    const { limit = NO_LIMIT, maxBytes = Number.POSITIVE_INFINITY } = extent;
    const known = this.#recent.range(start, end);
    if (known && known.bytes <= maxBytes && (limit < 0 || known.kvs.length <= limit))
      return { kvs: [...known.kvs], cut: false };
    const scan = this.#readLive(start, end, extent);
    if (!extent.keysOnly && !scan.cut && (limit < 0 || scan.kvs.length < limit))
      this.#recent.keepRange(start, end, scan.kvs);
    return scan;
  }

  #readLive(start: string, end: string, extent: Extent): Scan {
    const below = this.base.scan(start, end);
    if (below.length > 0) return gather(this.#overlaid(below, this.#all(start, end)), extent);
    const { limit = NO_LIMIT, maxBytes, keysOnly } = extent;
    const read = maxBytes === undefined ? this.sql.exec : this.sql.rows;
    return gather(keyValues(this.places.rows(keysOnly ? KEYS : LIVE, start, end, limit, read)), extent);
  }

  #all(start: string, end: string): Iterable<SqlValue[]> {
    return this.places.rows(ALL, start, end, NO_LIMIT, this.sql.rows);
  }

  countLive(start: string, end: string): number {
    return this.#counted(start, end, 0, () => this.#countLive(start, end));
  }

  #countLive(start: string, end: string): number {
    if (this.base.scan(start, end).length > 0) return this.live(start, end).kvs.length;
    return this.places.count(start, end);
  }

  /** Keys of [start, end) as they were at `revision`. */
  liveAt(revision: number, start: string, end: string, extent: Extent = {}): Scan {
    const below = this.base.scan(start, end);
    return gather(this.#overlaid(below, this.#all(start, end), revision), extent);
  }

  countAt(revision: number, start: string, end: string): number {
    return this.#counted(start, end, revision, () => this.#countAt(revision, start, end));
  }

  #counted(start: string, end: string, at: number, count: () => number): number {
    const known = this.counts.get(start, end, at);
    if (known !== undefined) return known;
    const counted = count();
    this.counts.set(start, end, at, counted);
    return counted;
  }

  #countAt(revision: number, start: string, end: string): number {
    if (this.base.scan(start, end).length > 0) return this.liveAt(revision, start, end).kvs.length;
    const over = (query: OverPlaces) => this.sql.exec(...this.places.over(query, start, end, NO_LIMIT), revision);
    let count = over(COUNT_UNTIL)[0]?.[0] as number;
    for (const [, at, sub] of over(CHANGED_SINCE)) {
      if (this.#versionAt(at as number, sub as number, revision)) count++;
    }
    return count;
  }

  /** The merge of base layer and rows by key, each key as it is (or was at `revision`); undefined where it is deleted. */
  *#overlaid(
    below: readonly KeyValue[],
    rows: Iterable<SqlValue[]>,
    revision = Number.POSITIVE_INFINITY,
  ): Generator<KeyValue | undefined> {
    let at = 0;
    for (const row of rows) {
      const key = row[0] as string;
      while (at < below.length && below[at]!.key < key) yield below[at++];
      if (at < below.length && below[at]!.key === key) at++;
      if ((row[3] as number) > revision) yield this.#versionAt(row[3] as number, row[6] as number, revision);
      else yield row[7] === 1 ? keyValueOf(row) : undefined;
    }
    while (at < below.length) yield below[at++];
  }

  /** Follows a key's changes back from one that is younger than `revision`. */
  #versionAt(from: number, sub: number, revision: number): KeyValue | undefined {
    let row = this.sql.exec(ONE, from, sub)[0];
    while (row && (row[3] as number) > revision) {
      const previous = row[6] as number;
      if (previous === -1) return this.base.get(row[0] as string);
      if (previous === 0) return undefined;
      row = this.sql.exec(ONE, previous, row[7] as number)[0];
    }
    return row && row[4] !== 0 ? keyValueOf(row) : undefined;
  }
}

function* keyValues(rows: Iterable<SqlValue[]>): Generator<KeyValue> {
  for (const row of rows) if (row[7] === 1) yield keyValueOf(row);
}

function gather(found: Iterable<KeyValue | undefined>, { limit = NO_LIMIT, maxBytes }: Extent): Scan {
  const kvs: KeyValue[] = [];
  if (limit === 0) return { kvs, cut: false };
  let bytes = 0;
  for (const kv of found) {
    if (!kv) continue;
    bytes += kv.value.length;
    if (maxBytes !== undefined && bytes > maxBytes && kvs.length > 0) return { kvs, cut: true };
    kvs.push(kv);
    if (kvs.length === limit) break;
  }
  return { kvs, cut: false };
}

function storedValue(stored: SqlValue | undefined): Value {
  if (typeof stored === 'string') return stored;
  if (stored instanceof Uint8Array) return stored;
  return stored instanceof ArrayBuffer ? new Uint8Array(stored) : '';
}

/** From key, value, create revision, mod revision, version, lease. */
export function keyValueOf(row: SqlValue[]): KeyValue {
  return {
    key: row[0] as string,
    value: storedValue(row[1]),
    createRevision: row[2] as number,
    modRevision: row[3] as number,
    version: row[4] as number,
    lease: row[5] as string,
  };
}

/** The exclusive end of a request's range; undefined for a single key. */
export function endOf(rangeEnd: string | undefined): string | undefined {
  if (rangeEnd === undefined || rangeEnd === '') return undefined;
  return rangeEnd === '\0' ? AFTER_ALL_KEYS : rangeEnd;
}
