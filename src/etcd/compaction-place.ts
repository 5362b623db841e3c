/** How far a compaction has come that is under way: as a change, which is stored. */
import type { Log } from './log.ts';

/** A change, by its revision and its place in it. */
export type Place = readonly [revision: number, sub: number];

/** As `revision/sub`; absent when no compaction is under way. */
const META = 'compacted';
const FORGET = 'DELETE FROM etcd_meta WHERE name = ?';

export const beforeAllOf = (revision: number): Place => [revision, -1];
export const afterAllOf = (revision: number): Place => [revision, Number.MAX_SAFE_INTEGER];

/** The last change that a compaction has been at; undefined if none is under way. */
export function compactedUpTo(log: Log): Place | undefined {
  const stored = log.meta(META);
  if (typeof stored !== 'string') return undefined;
  const [revision, sub] = stored.split('/').map(Number);
  return [revision!, sub!];
}

/** Undefined: it is at its end. */
export function markCompacted(log: Log, place: Place | undefined): void {
  if (place) log.setMeta(META, `${place[0]}/${place[1]}`);
  else log.sql.exec(FORGET, META);
}
