/**
 * A watch between the Worker and the cluster's Durable Object: text messages on one WebSocket, one watch each.
 *
 * The object sends batches: `{"revision": 7, "events": [...]}`, with `"behind": true` while the watch still reads history, and with
 * `"compactRevision"` when it is over. The Worker sends `next` (it has handed on a batch that was behind: send the one after it) and
 * `progress` (send an empty batch, for its revision). A value that is bytes crosses as `{"base64": "..."}`.
 */
import type { KeyValue, Value, WatchBatch, WatchEvent } from './types.ts';

export const NEXT = 'next';
export const PROGRESS = 'progress';

export interface WireBatch extends WatchBatch {
  behind?: boolean;
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
export function encodeBatch(revision: number, events: string[], behind = false): string {
  return `{"revision":${revision},"events":[${events.join(',')}]${behind ? ',"behind":true' : ''}}`;
}

export function decodeBatch(text: string): WireBatch {
  const batch = JSON.parse(text) as WireBatch;
  for (const event of batch.events) {
    offWire(event.kv);
    if (event.prevKv) offWire(event.prevKv);
  }
  return batch;
}

function onWire(kv: KeyValue): KeyValue | WireKeyValue {
  return typeof kv.value === 'string' ? kv : { ...kv, value: { base64: base64Of(kv.value) } };
}

function offWire(kv: KeyValue): void {
  const value = kv.value as WireKeyValue['value'];
  if (typeof value !== 'string') kv.value = bytesOf(value.base64);
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function bytesOf(base64: string): Value {
  return Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
}
