/** In which order a reconcile's writes are made. */
import type { Write } from './reconciler.ts';

/**
 * What is told before something is done, such as events, was told by the try that failed. It is told again only if this try gets further:
 * a thousand events for a status that is always refused would be much work for nothing.
 */
export function decisiveFirst<Object>(writes: Write<Object>[]): Write<Object>[] {
  const first = writes.findIndex((write) => !write.bestEffort);
  return first <= 0 ? writes : [writes[first]!, ...writes.slice(0, first), ...writes.slice(first + 1)];
}
