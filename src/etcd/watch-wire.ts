/**
 * A watch between the Worker and the cluster's Durable Object: text messages on one WebSocket, one watch each.
 *
 * The object sends batches: `{"revision": 7, "events": [...]}`, with `"behind": true` while the watch reads history, with
 * `"compactRevision"` when what it is to read is gone, and with `"over": true` when its reader is too slow. The Worker sends `next` (its
 * reader has taken everything, and it was told to be behind: send what comes), `took N` (its reader has taken so many characters of
 * messages) and `progress` (send an empty batch, for its revision). A value that is bytes crosses as `{"base64": "..."}`.
 */
import { decodeBase64, encodeBase64 } from '../simulation/base64.ts';
import type { KeyValue, WatchBatch, WatchEvent } from './types.ts';

export const NEXT = 'next';
export const PROGRESS = 'progress';
const TOOK = 'took ';

export const encodeTook = (size: number): string => `${TOOK}${size}`;
export const decodeTook = (message: string): number | undefined =>
  message.startsWith(TOOK) ? Number(message.slice(TOOK.length)) : undefined;

/** Characters of messages that one watch may be sent before its reader has taken any of them. */
export const WINDOW = 1024 * 1024;

export interface WireBatch extends WatchBatch {
  behind?: boolean;
  over?: boolean;
}

interface WireKeyValue extends Omit<KeyValue, 'value'> {
  value: string | { base64: string };
}

export function encodeEvent(event: WatchEvent, prevKv: boolean): string {
  const kv = onWire(event.kv);
  return JSON.stringify(
    prevKv && event.prevKv ? { type: event.type, kv, prevKv: onWire(event.prevKv) } : { type: event.type, kv },
  );
}

/** `events` are already encoded: a commit's are encoded once for all its watchers. */
export function encodeBatch(revision: number, events: string[], { sub, behind }: Partial<WireBatch> = {}): string {
  const place = sub === undefined ? '' : `"sub":${sub},`;
  return `{"revision":${revision},${place}"events":[${events.join(',')}]${behind ? ',"behind":true' : ''}}`;
}

/** The last message to a reader that is too slow. */
export const encodeOver = (revision: number): string => `{"revision":${revision},"events":[],"over":true}`;

export function decodeBatch(text: string): WireBatch {
  const batch = JSON.parse(text) as WireBatch;
  for (const event of batch.events) {
    offWire(event.kv);
    if (event.prevKv) offWire(event.prevKv);
  }
  return batch;
}

function onWire(kv: KeyValue): KeyValue | WireKeyValue {
  return typeof kv.value === 'string' ? kv : { ...kv, value: { base64: encodeBase64(kv.value) } };
}

function offWire(kv: KeyValue): void {
  const value = kv.value as WireKeyValue['value'];
  if (typeof value !== 'string') kv.value = decodeBase64(value.base64);
}
