/**
 * The layer below the log: key-values that exist from the start and cost no row until they change.
 * A constant one holds default objects at revision 1; a fork's holds another cluster's state.
 */
import type { KeyValue, Value } from './types.ts';

export interface BaseLayer {
  /** The store's revision when nothing has been written over the layer. */
  readonly revision: number;
  get(key: string): KeyValue | undefined;
  /** In key order; `end` is exclusive. */
  scan(start: string, end: string): readonly KeyValue[];
}

export const EMPTY_BASE: BaseLayer = { revision: 1, get: () => undefined, scan: () => [] };

/** All of `entries` as created by revision 1. */
export function constantBase(entries: Iterable<readonly [key: string, value: Value]>): BaseLayer {
  const kvs: KeyValue[] = [];
  for (const [key, value] of entries) {
    kvs.push({ key, value, createRevision: 1, modRevision: 1, version: 1, lease: '0' });
  }
  return baseOf(kvs, 1);
}

/** The state of another store at `revision`. */
export function baseOf(kvs: KeyValue[], revision: number): BaseLayer {
  const sorted = kvs.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const byKey = new Map(sorted.map((kv) => [kv.key, kv]));
  const indexOf = (key: string): number => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]!.key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    revision,
    get: (key) => byKey.get(key),
    scan: (start, end) => sorted.slice(indexOf(start), indexOf(end)),
  };
}
