/**
 * What each revision was written for, beside the log. A cause is kept once for all that it wrote without another in between. The last ones
 * are in memory; they are written together, so that many of them are one row, when they are `CAUSES_A_ROW` or when their writers have come to
 * rest. What a process had in memory when it ended is lost, and then it is not known.
 *
 * Invariants:
 * - a row has the causes of its revisions, from `first` to `last`, without a gap; what its text has beyond is no more;
 * - rows are dropped from the oldest on: beyond `MAX_CAUSE_CHARACTERS` in all, and those of revisions that are compacted.
 */
import type { Cause, KeptCause, Woken } from '../simulation/cause.ts';
import type { Sql } from './sql.ts';

/** What all rows may have; a cause has a hundred or so. */
export const MAX_CAUSE_CHARACTERS = 16 * 1024 * 1024;
/** Causes that are written as one row. */
export const CAUSES_A_ROW = 64;
/** Characters that are kept of a user, a user agent or a component. */
export const MAX_WHO_LENGTH = 128;
/** Characters that are kept of a path or a key. Where an object is, is never longer. */
export const MAX_WHAT_LENGTH = 640;
/** Rows of compacted revisions that go at once. */
export const ROWS_AT_ONCE = 256;

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS causes (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, causes TEXT NOT NULL)';
const ADD = 'INSERT OR REPLACE INTO causes VALUES (?, ?, ?)';
const LENGTH = 'SELECT ifnull(sum(length(causes)), 0) FROM causes';
const DROP_FIRST = 'DELETE FROM causes WHERE first = (SELECT min(first) FROM causes) RETURNING length(causes)';
const DROP_COMPACTED = `DELETE FROM causes WHERE first IN (SELECT first FROM causes WHERE last < ? ORDER BY first LIMIT ?)
  RETURNING length(causes)`;
const DROP_AFTER = 'DELETE FROM causes WHERE first > ?';
const END_AT = 'UPDATE causes SET last = ? WHERE last > ?';
const ROW_OF = 'SELECT last, causes FROM causes WHERE first <= ? ORDER BY first DESC LIMIT 1';
const ROWS_WITH = 'SELECT last, causes FROM causes WHERE last >= ? AND instr(causes, ?) > 0 ORDER BY first';

/** A cause as it is stored: its first revision, its instant, and what it is. */
type Stored = [revision: number, at: number, ...what: (string | number)[]];

/** A cause, and the revisions from the first to the last that it has written in one go. */
export interface CauseSpan {
  from: number;
  to: number;
  cause: KeptCause;
}

/** A store, as far as causes go. */
interface Writable {
  readonly causes: CauseLog | undefined;
}

/** What `work` writes, it writes for this. */
export const causedBy = <T>({ causes }: Writable, cause: Cause, work: () => T): T =>
  causes ? causes.during(cause, work) : work();

export class CauseLog {
  readonly #sql: Sql;
  /** Of what is being written. */
  #current: Cause | undefined;
  /** In memory, in the order of their first revisions, and the last revision that they have written. */
  #tail: { revision: number; cause: Cause | undefined }[] = [];
  #last = 0;
  /** Of all rows; undefined: to be counted. */
  #characters: number | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  during<T>(cause: Cause, work: () => T): T {
    const before = this.#current;
    this.#current = cause;
    try {
      return work();
    } finally {
      this.#current = before;
    }
  }

  /** A revision has come into being. */
  written(revision: number): void {
    const { length } = this.#tail;
    if (length === 0 || this.#tail[length - 1]!.cause !== this.#current)
      this.#tail.push({ revision, cause: this.#current });
    this.#last = revision;
  }

  /** Revisions after this one are not there. */
  undone(revision: number): void {
    while (this.#tail.length > 0 && this.#tail.at(-1)!.revision > revision) this.#tail.pop();
    this.#last = Math.min(this.#last, revision);
  }

  /** The same where they had been there for long. */
  dropAfter(revision: number): void {
    this.#sql.exec(DROP_AFTER, revision);
    this.#sql.exec(END_AT, revision, revision);
    this.#characters = undefined;
    this.undone(revision);
  }

  /** After a transaction: what has become enough for a row is written. `compactRevision`: what is before it is no more. */
  keepFull(compactRevision: number): void {
    if (this.#tail.length >= CAUSES_A_ROW) this.keep(compactRevision);
  }

  /** Writes what is in memory, unless the database refuses it: what was written for it stands, and then nobody knows why. */
  keep(compactRevision: number): void {
    const [first] = this.#tail;
    if (!first) return;
    const text = JSON.stringify(this.#stored());
    this.#tail = [];
    try {
      this.#sql.transaction(() => {
        this.#characters ??= Number(this.#sql.exec(LENGTH)[0]![0]);
        this.#sql.exec(ADD, first.revision, this.#last, text);
        this.#characters += text.length;
        this.#drop(compactRevision);
      });
    } catch {
      this.#characters = undefined;
    }
  }

  #drop(compactRevision: number): void {
    let characters = this.#characters!;
    const gone = (rows: unknown[][]): void => {
      for (const [length] of rows) characters -= Number(length);
    };
    gone(this.#sql.exec(DROP_COMPACTED, compactRevision, ROWS_AT_ONCE));
    while (characters > MAX_CAUSE_CHARACTERS) gone(this.#sql.exec(DROP_FIRST));
    this.#characters = characters;
  }

  /** What a revision was written for; undefined: nobody knows any more. */
  spanOf(revision: number): CauseSpan | undefined {
    const row = this.#rowOf(revision);
    const at = row?.stored.findLastIndex(([first]) => first <= revision) ?? -1;
    if (!row || at < 0) return undefined;
    const [stored, next] = row.stored.slice(at, at + 2) as [Stored, Stored?];
    return { from: stored[0], to: next ? Math.min(next[0] - 1, row.last) : row.last, cause: causeOf(stored) };
  }

  #rowOf(revision: number): { stored: Stored[]; last: number } | undefined {
    const [first] = this.#tail;
    if (first && revision >= first.revision)
      return revision > this.#last ? undefined : { stored: this.#stored(), last: this.#last };
    const [row] = this.#sql.exec(ROW_OF, revision);
    if (!row || (row[0] as number) < revision) return undefined;
    return { stored: JSON.parse(row[1] as string), last: row[0] as number };
  }

  #stored(): Stored[] {
    return this.#tail.map(({ revision, cause }) => storedOf(revision, cause));
  }

  /** First revisions of what was written by those whom changes of an object have woken, from one of its revisions on; in their order. */
  wokenBy(object: Omit<Woken, 'revision'>, since: number, limit: number): number[] {
    const place = placeOf(object);
    const found: number[] = [];
    const look = (stored: Stored[], last: number): void => {
      for (const [revision, , kind, , , , woken, at] of stored)
        if (kind === RECONCILE && woken === place && (at as number) >= since && revision <= last) found.push(revision);
    };
    for (const [last, text] of this.#sql.rows(ROWS_WITH, since, JSON.stringify(place))) {
      look(JSON.parse(text as string), last as number);
      if (found.length >= limit) break;
    }
    look(this.#stored(), this.#last);
    return found.slice(0, limit);
  }
}

const REQUEST = 0;
const RECONCILE = 1;
const MADE = 2;
const UNKNOWN = 3;

const placeOf = ({ resource, namespace = '', name }: Omit<Woken, 'revision'>): string =>
  what(`${resource}/${namespace}/${name}`);

function placed(place: string): Omit<Woken, 'revision'> {
  const [resource = '', namespace = ''] = place.split('/', 2);
  return { resource, namespace: namespace || undefined, name: place.slice(resource.length + namespace.length + 2) };
}

const who = (text: string): string => text.slice(0, MAX_WHO_LENGTH);
const what = (text: string): string => text.slice(0, MAX_WHAT_LENGTH);

function storedOf(revision: number, cause: Cause | undefined): Stored {
  if (!cause) return [revision, 0, UNKNOWN];
  const at = Math.trunc(cause.now);
  if ('made' in cause) return [revision, at, MADE];
  if ('request' in cause) {
    const { method, path, user, userAgent } = cause.request;
    return [revision, at, REQUEST, who(method), what(path), who(user), who(userAgent)];
  }
  const { name, manager, key, woken } = cause;
  const by = woken ? [placeOf(woken), woken.revision] : [];
  return [revision, at, RECONCILE, who(name), what(key), who(manager), ...by];
}

function causeOf([, at, kind, ...parts]: Stored): KeptCause {
  const [first, second, third, fourth, fifth] = parts as [string, string, string, string?, (string | number)?];
  if (kind === REQUEST)
    return { kind: 'request', at, request: { method: first, path: second, user: third, userAgent: fourth ?? '' } };
  if (kind === MADE) return { kind: 'made', at };
  if (kind !== RECONCILE) return { kind: 'unknown' };
  const woken = fourth === undefined ? {} : { woken: { ...placed(fourth), revision: Number(fifth) } };
  return { kind: 'reconcile', at, name: first, key: second, manager: third, ...woken };
}
