/**
 * Where each key's last change is. Those of keys that changed lately are put aside in memory, and written to `etcd_current` when they are
 * many: most keys change again before that, or nobody lives that long, so a put costs the row of its change and hardly more.
 *
 * Invariants:
 * - `etcd_current` is whole for all changes up to the revision that `etcd_meta` has as `pointed` (none: 0); it may be ahead;
 * - what is aside can be read again from the changes after it, so nothing is lost with the memory;
 * - a place that is aside holds, whatever the table says of its key.
 */
import type { Sql, SqlValue } from './sql.ts';

/** Keys whose places are aside at most. To write them takes a few milliseconds. */
export const MAX_ASIDE = 1024;
/** Characters of their keys. */
export const MAX_ASIDE_CHARACTERS = 256 * 1024;
/** Changes since they were written, however few keys they are of: so many rows are read again after a crash. */
export const MAX_ASIDE_CHANGES = 2048;

/** Places of one range that a query goes over, a millisecond's work; when there are more, those of the range are written. */
export const MAX_OVERLAID = 256;

/** Revision and place in it. */
type At = readonly [revision: number, sub: number];

export const PLACES_SCHEMA = `CREATE TABLE IF NOT EXISTS etcd_current (key TEXT PRIMARY KEY, revision INTEGER NOT NULL,
  sub INTEGER NOT NULL, live INTEGER NOT NULL) WITHOUT ROWID`;

const META = 'pointed';
const POINTED = `SELECT value FROM etcd_meta WHERE name = '${META}'`;
const SET_POINTED = `INSERT OR REPLACE INTO etcd_meta VALUES ('${META}', ?)`;
const CHANGES = 'SELECT key, revision, sub FROM etcd_log WHERE revision > ? ORDER BY revision, sub';

// Whether there is a value is told by the row's head: a long one need not be read for it.
const PLACE = "l.key AS key, l.revision AS revision, l.sub AS sub, typeof(l.value) <> 'null' AS live";
/** Changes by a list `[[revision, sub], …]`: keys are bytes, and not all of them can be told in JSON. */
const LISTED = `json_each(?) j CROSS JOIN etcd_log l ON l.revision = j.value ->> 0 AND l.sub = j.value ->> 1`;
const WRITE = `INSERT INTO etcd_current SELECT ${PLACE} FROM ${LISTED} WHERE true ORDER BY l.key
  ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, sub = excluded.sub, live = excluded.live`;
const POINT = 'INSERT OR REPLACE INTO etcd_current VALUES (?, ?, ?, ?)';
const FORGET = 'DELETE FROM etcd_current WHERE key = ?';
const FORGET_AT = 'DELETE FROM etcd_current WHERE key = ? AND revision = ? AND sub = ?';
const HAS_ROW = 'SELECT 1 FROM etcd_current WHERE key = ?';
const COUNT = 'SELECT count(*) FROM etcd_current WHERE key >= ? AND key < ? AND live = 1';
/** How many more keys there are than the table says. */
const COUNT_MORE = `SELECT total((typeof(l.value) <> 'null') - ifnull(c.live, 0))
  FROM ${LISTED} LEFT JOIN etcd_current c ON c.key = l.key`;

/** A query over the table `places` (key, revision, sub, live): that of a range's keys, in their order. */
export interface OverPlaces {
  /** Where nothing of the range is aside. */
  whole: string;
  overlaid: string;
}

export function overPlaces(which: 'live' | 'all', select: string): OverPlaces {
  const isLive = which === 'live' ? 'live = 1' : 'true';
  const columns = 'key, revision, sub, live';
  const current = `SELECT ${columns} FROM etcd_current WHERE key >= ? AND key < ? AND ${isLive}`;
  // The limit, which may be none, keeps the order inside from being left out.
  const cut = 'ORDER BY key LIMIT ?';
  return {
    whole: `WITH places AS (${current} ${cut}) ${select}`,
    overlaid: `WITH aside AS MATERIALIZED (SELECT ${PLACE} FROM ${LISTED}), places AS (
      ${current} AND key NOT IN (SELECT key FROM aside) UNION ALL SELECT ${columns} FROM aside WHERE ${isLive} ${cut}) ${select}`,
  };
}

/** Two queries of the same columns, the key first. */
export interface PlacedRows {
  /** The changes at the table's places of a range: from its start to its end, in the order of keys, with a limit. */
  table: string;
  /** The change at a revision and place in it. */
  change: string;
}

export class Places {
  readonly #sql: Sql;
  /** Undefined: to be read from the log. */
  #aside: Map<string, At> | undefined;
  #characters = 0;
  #changes = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get #known(): Map<string, At> {
    return this.#aside ?? this.#read();
  }

  #read(): Map<string, At> {
    const aside = new Map<string, At>();
    this.#aside = aside;
    this.#characters = 0;
    this.#changes = 0;
    const pointed = Number(this.#sql.exec(POINTED)[0]?.[0] ?? 0);
    for (const [key, revision, sub] of this.#sql.rows(CHANGES, pointed))
      this.#put(aside, key as string, [revision as number, sub as number]);
    return aside;
  }

  /** What is aside may not be so: the tables were changed past it, or set back. */
  forget(): void {
    this.#aside = undefined;
  }

  /** The key's last change, if it is aside. */
  aside(key: string): At | undefined {
    return this.#known.get(key);
  }

  /** A change that the log has. `whole`: the last revision of which all changes were told. */
  changed(key: string, at: At, whole: number): void {
    const aside = this.#known;
    this.#put(aside, key, at);
    if (aside.size >= MAX_ASIDE || this.#changes >= MAX_ASIDE_CHANGES || this.#characters >= MAX_ASIDE_CHARACTERS)
      this.settle(whole);
  }

  #put(aside: Map<string, At>, key: string, at: At): void {
    this.#changes++;
    if (!aside.has(key)) this.#characters += key.length;
    aside.set(key, at);
  }

  /** Writes all that is aside; must be in a transaction. `whole` as above. */
  settle(whole: number): void {
    const aside = this.#known;
    this.#write([...aside.values()]);
    this.#sql.exec(SET_POINTED, whole);
    aside.clear();
    this.#characters = 0;
    this.#changes = 0;
  }

  /** Whether a change of the key is known, be it a deletion. */
  has(key: string): boolean {
    return this.#known.has(key) || this.#sql.exec(HAS_ROW, key).length > 0;
  }

  /** Puts a key back to an earlier change, undefined: to none. What is aside is to be forgotten then. */
  putBack(key: string, at: At | undefined, live: boolean): void {
    if (at) this.#sql.exec(POINT, key, ...at, live ? 1 : 0);
    else this.#sql.exec(FORGET, key);
  }

  /** Changes after `revision` are no more. */
  putBackTo(revision: number): void {
    const pointed = Number(this.#sql.exec(POINTED)[0]?.[0] ?? 0);
    if (pointed > revision) this.#sql.exec(SET_POINTED, revision);
    this.forget();
  }

  /** Forgets a key, if this, which the log still has, is its last change. */
  remove(key: string, [revision, sub]: At): void {
    const aside = this.#known.get(key);
    if (!aside) this.#sql.exec(FORGET_AT, key, revision, sub);
    else if (aside[0] === revision && aside[1] === sub) {
      this.#drop(this.#known, key);
      this.#sql.exec(FORGET, key);
    }
  }

  /** Statement and bindings; those of `select` follow. `limit`: of places, negative: all. */
  over({ whole, overlaid }: OverPlaces, start: string, end: string, limit: number): [string, ...SqlValue[]] {
    const aside = this.#within(start, end);
    return aside === undefined ? [whole, start, end, limit] : [overlaid, aside, start, end, limit];
  }

  /**
   * The last changes of a range's keys, in their order: at least as many as the limit, if there are (negative: all), and deletions among
   * them where those are aside. `read`: how the table is.
   */
  rows(query: PlacedRows, start: string, end: string, limit: number, read: Sql['rows']): Iterable<SqlValue[]> {
    const keys = this.#keysWithin(start, end);
    if (keys.length === 0) return read(query.table, start, end, limit);
    return this.#merged(
      keys.sort(),
      read(query.table, start, end, limit < 0 ? limit : limit + keys.length),
      query.change,
    );
  }

  *#merged(keys: readonly string[], rows: Iterable<SqlValue[]>, change: string): Generator<SqlValue[]> {
    let at = 0;
    const next = (): SqlValue[] => this.#sql.exec(change, ...this.#known.get(keys[at++]!)!)[0]!;
    for (const row of rows) {
      const key = row[0] as string;
      while (at < keys.length && keys[at]! < key) yield next();
      yield keys[at] === key ? next() : row;
    }
    while (at < keys.length) yield next();
  }

  /** Keys of [start, end) that are not deleted. */
  count(start: string, end: string): number {
    const aside = this.#within(start, end);
    const count = Number(this.#sql.exec(COUNT, start, end)[0]?.[0]);
    return aside === undefined ? count : count + Number(this.#sql.exec(COUNT_MORE, aside)[0]?.[0]);
  }

  /** What is aside of [start, end), as statements take it; undefined: nothing. */
  #within(start: string, end: string): string | undefined {
    const keys = this.#keysWithin(start, end);
    return keys.length > 0 ? JSON.stringify(keys.map((key) => this.#known.get(key)!)) : undefined;
  }

  /** Keys of [start, end) that are aside, in no order: none, from now on, if they are too many. */
  #keysWithin(start: string, end: string): string[] {
    const aside = this.#known;
    const found: string[] = [];
    for (const key of aside.keys()) if (key >= start && key < end) found.push(key);
    if (found.length <= MAX_OVERLAID) return found;
    this.#write(found.map((key) => aside.get(key)!));
    for (const key of found) this.#drop(aside, key);
    return [];
  }

  #write(places: readonly At[]): void {
    // After an import that was broken off there may be more than one statement takes.
    for (let from = 0; from < places.length; from += MAX_ASIDE)
      this.#sql.exec(WRITE, JSON.stringify(places.slice(from, from + MAX_ASIDE)));
  }

  #drop(aside: Map<string, At>, key: string): void {
    aside.delete(key);
    this.#characters -= key.length;
  }
}
