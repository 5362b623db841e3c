/**
 * The clusters whose objects have done more than their budget, as far as this Worker knows: nothing more is to be asked of them for a
 * while. Times are milliseconds, those of day since 1970.
 */
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { MAX_KNOWN_BUSY_CLUSTERS } from '../limits.ts';

const busyUntil = new BoundedMap<number>(MAX_KNOWN_BUSY_CLUSTERS);

/** An object has said that it is to be let alone for so long; 0 or nothing: it has not. */
export function letAlone(id: string, busyMs: number | undefined, now: number): void {
  if (busyMs) busyUntil.set(id, now + busyMs);
}

/** @returns 0, or in how many whole seconds a cluster may be asked again. */
export const busySeconds = (id: string, now: number): number =>
  Math.max(0, Math.ceil(((busyUntil.get(id) ?? 0) - now) / 1000));
