/**
 * The window of appends that are on their way to one follower, in order of their last entries.
 * Models go.etcd.io/raft/v3/tracker/inflights.go.
 */

export interface Inflights {
  /** How many messages may be on their way, and how many bytes of entries. */
  limit: number;
  byteLimit: number;
  bytes: number;
  sent: { index: number; bytes: number }[];
}

export const emptyInflights = (limit: number, byteLimit: number): Inflights => ({
  limit,
  byteLimit,
  bytes: 0,
  sent: [],
});

export const isFull = (inflights: Inflights): boolean =>
  inflights.sent.length >= inflights.limit || inflights.bytes >= inflights.byteLimit;

/** `index` is the message's last entry's. The window must not be full; one message may go beyond the bytes. */
export function addInflight(inflights: Inflights, index: number, bytes: number): void {
  if (isFull(inflights)) throw new Error('cannot add into a full window');
  inflights.sent.push({ index, bytes });
  inflights.bytes += bytes;
}

/** All up to `index` have arrived. */
export function freeUpTo(inflights: Inflights, index: number): void {
  const { sent } = inflights;
  let arrived = 0;
  while (arrived < sent.length && sent[arrived]!.index <= index) inflights.bytes -= sent[arrived++]!.bytes;
  if (arrived > 0) sent.splice(0, arrived);
}

export function resetInflights(inflights: Inflights): void {
  inflights.sent = [];
  inflights.bytes = 0;
}
