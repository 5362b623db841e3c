/** How many keys there are now and how many bytes they hold: counted once, when it is first asked for, and kept current by commits. */
import { AFTER_ALL_KEYS, type Log } from './log.ts';
import { overPlaces } from './places.ts';
import type { WatchEvent } from './types.ts';

// Of a text the stored bytes, which need not be read to be counted.
const COUNT = overPlaces(
  'live',
  `SELECT count(*), sum(length(c.key) + ifnull(octet_length(l.value), 0))
  FROM places c CROSS JOIN etcd_log l ON l.revision = c.revision AND l.sub = c.sub`,
);

export interface Usage {
  keys: number;
  /** Of keys and values. */
  bytes: number;
}

export class LiveUsage {
  readonly #log: Log;
  #counted: Usage | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  get current(): Readonly<Usage> {
    this.#counted ??= this.#count();
    return this.#counted;
  }

  /** Undefined: it is not counted. */
  get known(): Readonly<Usage> | undefined {
    return this.#counted;
  }

  /** Counts, unless it has been done: what is not known does not change. */
  know(): void {
    this.#counted ??= this.#count();
  }

  /** After these changes were made. */
  changed(events: readonly WatchEvent[]): void {
    const counted = this.#counted;
    if (!counted) return;
    for (const { type, kv, prevKv } of events) {
      if (!prevKv) counted.keys++;
      else if (type === 'DELETE') counted.keys--;
      if (type === 'PUT') counted.bytes += kv.key.length + kv.value.length;
      if (prevKv) counted.bytes -= prevKv.key.length + prevKv.value.length;
    }
  }

  /** Something was done or undone that was not told. */
  forget(): void {
    this.#counted = undefined;
  }

  #count(): Usage {
    const { sql, base, places } = this.#log;
    const [keys, bytes] = sql.exec(...places.over(COUNT, '', AFTER_ALL_KEYS, -1))[0]!;
    const usage = { keys: Number(keys), bytes: Number(bytes ?? 0) };
    for (const { key, value } of base.scan('', AFTER_ALL_KEYS)) {
      if (places.has(key)) continue;
      usage.keys++;
      usage.bytes += key.length + value.length;
    }
    return usage;
  }
}
