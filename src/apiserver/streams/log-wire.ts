/**
 * What a Worker and a cluster's object say to each other of a log that is followed, over a WebSocket under which the object may hibernate:
 * the Worker asks when its client has room and there may be something, and the answer is a text with what there is.
 */
import type { LogOptions } from './log-text.ts';
import type { PodTarget } from './session-wire.ts';

export interface LogRequest extends PodTarget {
  container: string;
  /** Of which of its runs, the first being 0. */
  attempt: number;
  options: LogOptions;
}

/** From the Worker: what is there by now? */
export const LOOK = 'look';

export type LogTelling =
  /** `text`: a character a byte. `due`: in how many real milliseconds there may be more; null: not before something comes in. */
  | { text: string; due: number | null }
  /** The container, or what is to be told of it, is over. */
  | { text: string; over: true }
  /** Something has come in: there may be more. */
  | { more: true };
