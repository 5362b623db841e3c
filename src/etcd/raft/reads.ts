/**
 * Reads that wait for a quorum to say that this node leads still, in the order in which they came. Each heartbeat carries how many
 * there have been; who answers it confirms that many. Models go.etcd.io/raft/v3/read_only.go.
 */
import type { Message } from './message.ts';

/** A read may be answered when `index` is applied. */
export interface ReadState {
  index: number;
  context: string;
}

export interface UnconfirmedRead {
  request: Message;
  index: number;
}

export interface Reads {
  acknowledged: Record<number, number>;
  unconfirmed: UnconfirmedRead[];
  /** How many have been confirmed before these. */
  confirmed: number;
}

export const newReads = (): Reads => ({ acknowledged: {}, unconfirmed: [], confirmed: 0 });

/** What a heartbeat carries: nothing while no read waits. */
export const heartbeatContext = ({ confirmed, unconfirmed }: Reads): string =>
  unconfirmed.length === 0 ? '' : String(confirmed + unconfirmed.length);

export function acknowledgeReads(reads: Reads, from: number, context: string): void {
  if (context) reads.acknowledged[from] = Math.max(reads.acknowledged[from] ?? 0, Number(context));
}

/** Those that a quorum has confirmed, which wait no more. `position` is how many it has confirmed in all. */
export function takeConfirmed(reads: Reads, position: number): UnconfirmedRead[] {
  if (position <= reads.confirmed) return [];
  const taken = reads.unconfirmed.splice(0, position - reads.confirmed);
  reads.confirmed = position;
  return taken;
}
