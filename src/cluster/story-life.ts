/** Of all that became of a key, one object's life. */
import type { WatchEvent } from '../etcd/types.ts';
import { kvOf } from './story-writes.ts';

/** Writes of the object itself that one story has; the earlier ones are another's. */
export const MAX_OWN_WRITES = 1000;

interface Life {
  /** In the order of their revisions. */
  events: WatchEvent[];
  /** Whether the first is its creation. */
  begins: boolean;
  /** There are more before this revision. */
  earlier?: number;
}

/** The last changes of one life of a key, of which all changes are given, the last first. */
export function lifeAt(changes: Iterable<WatchEvent>, { at, before }: { at: number; before: number }): Life {
  const events: WatchEvent[] = [];
  let born: number | undefined;
  let earlier: number | undefined;
  for (const event of changes) {
    const of = kvOf(event).createRevision;
    if (born === undefined && of > at) continue;
    born ??= of;
    if (of !== born) break;
    if (events.length === MAX_OWN_WRITES) {
      earlier = events.at(-1)?.kv.modRevision;
      break;
    }
    if (event.kv.modRevision < before) events.push(event);
  }
  events.reverse();
  const [first] = events;
  const begins = first?.type === 'PUT' && first.kv.version === 1;
  return { events, begins, ...(earlier === undefined ? {} : { earlier }) };
}
