/** The sentence that says why no node fits, as pods' conditions and events carry it. */
import type { Status } from './status.ts';

/** `2 Insufficient cpu, 1 node(s) were unschedulable`: how many nodes gave each reason, in byte order of the texts. */
function histogram(statuses: Iterable<Status>): string {
  const counts = new Map<string, number>();
  const add = (status: Status | undefined, times: number): void => {
    for (const reason of status?.reasons ?? []) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  // Of many nodes most say the same, one after the other.
  let last: Status | undefined;
  let times = 0;
  for (const status of statuses) {
    if (status === last) times++;
    else {
      add(last, times);
      last = status;
      times = 1;
    }
  }
  add(last, times);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(', ');
}

/** `0/3 nodes are available: REASONS. POSTFILTER`. `preFilter`: one reason that all nodes share. */
export function fitMessage(
  nodes: number,
  why: { preFilter?: string; statuses: Iterable<Status> },
  postFilter = '',
): string {
  const reasons = why.preFilter ?? histogram(why.statuses);
  return `0/${nodes} nodes are available:${reasons ? ` ${reasons}.` : ''}${postFilter ? ` ${postFilter}` : ''}`;
}
