/** What is to happen at which instant, soonest first; of one instant in the order in which it was said. A binary heap in plain data. */
import type { Message } from '../raft/message.ts';

export interface MemberEvent {
  /** Milliseconds since 1970. */
  at: number;
  sequence: number;
  kind: 'tick' | 'arrival' | 'report' | 'written' | 'stop';
  /** Whom it happens to, and in which of its lives; a message arrives in any. */
  member: number;
  life: number;
  message: Message | undefined;
}

const isBefore = (a: MemberEvent, b: MemberEvent): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export function addEvent(heap: MemberEvent[], event: MemberEvent): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(event, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
}

/** The soonest; the heap must not be empty. */
export function takeEvent(heap: MemberEvent[]): MemberEvent {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
