/** A Worker's end of a session with a pod's machine: it looks again when the object said that there may be something. */
import type { Timers } from '../exchange.ts';
import {
  type Asking,
  begin,
  channelBytes,
  readChannelBytes,
  SESSION_WINDOW,
  type SessionSocket,
  type Telling,
} from './session-wire.ts';

/** What becomes of a session. Nothing is called after `over`. */
export interface SessionEvents {
  data(channel: number, bytes: Uint8Array): void;
  /** Until whoever is told has room for more, no more than `SESSION_WINDOW` is sent; undefined: there is room. */
  room?(): Promise<void> | undefined;
  refused?(channel: number): void;
  plain?(channel: number): void;
  ended?(channel: number): void;
  /** The command's exit code; why it could not be; or nothing: the cluster, the pod or the object is gone. */
  over(end: { exit: number } | { fault: string } | undefined): void;
}

/** A session in which nothing was said by either side for as long is ended, milliseconds. */
export const MAX_SESSION_IDLE_MS = 30 * 60_000;
/** Who looks again at once would look all the time, milliseconds. */
const LOOK_PAUSE_MS = 5;

export class SessionClient {
  readonly #socket: SessionSocket;
  readonly #timers: Timers;
  #events: SessionEvents | undefined;
  #cancelLook = (): void => {};
  #cancelIdle = (): void => {};
  #untold = 0;
  #isOver = false;

  constructor(socket: SessionSocket, timers: Timers) {
    this.#socket = socket;
    this.#timers = timers;
  }

  /** Tells of what has come and comes, beginning at once. */
  listen(events: SessionEvents): void {
    this.#events = events;
    this.#socket.addEventListener('message', ({ data }) => {
      if (this.#isOver) return;
      if (typeof data === 'string') this.#told(JSON.parse(data) as Telling);
      else this.#came(data);
    });
    this.#socket.addEventListener('close', () => this.#end(undefined));
    this.#socket.addEventListener('error', () => this.#end(undefined));
    begin(this.#socket);
    this.#moved();
  }

  write(channel: number, bytes: Uint8Array): void {
    this.#moved();
    if (!this.#isOver) this.#socket.send(channelBytes(channel, bytes));
  }

  ask(asking: Asking): void {
    if (!this.#isOver) this.#socket.send(JSON.stringify(asking));
  }

  /** The client is gone. */
  close(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#socket.close(1000, 'the client is gone');
  }

  #came(message: ArrayBuffer): void {
    this.#moved();
    const { channel, bytes } = readChannelBytes(message);
    this.#events?.data(channel, bytes);
    const room = this.#events?.room?.();
    if (room) void room.then(() => this.#took(bytes.length));
    else this.#took(bytes.length);
  }

  #took(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold < SESSION_WINDOW / 2) return;
    this.ask({ took: this.#untold });
    this.#untold = 0;
  }

  #told(telling: Telling): void {
    if ('due' in telling) this.#lookIn(telling.due);
    else if ('refused' in telling) this.#events?.refused?.(telling.refused);
    else if ('plain' in telling) this.#events?.plain?.(telling.plain);
    else if ('ended' in telling) this.#events?.ended?.(telling.ended);
    else this.#end(telling);
  }

  #lookIn(due: number | null): void {
    this.#cancelLook();
    this.#cancelLook =
      due === null ? () => {} : this.#timers.after(Math.max(due, LOOK_PAUSE_MS), () => this.ask({ look: true }));
  }

  #moved(): void {
    this.#cancelIdle();
    if (!this.#isOver)
      this.#cancelIdle = this.#timers.after(MAX_SESSION_IDLE_MS, () => {
        this.#end(undefined);
        this.#socket.close(1000, 'nothing was said for long');
      });
  }

  #end(end: { exit: number } | { fault: string } | undefined): void {
    if (this.#isOver) return;
    this.#finish();
    this.#events?.over(end);
  }

  #finish(): void {
    this.#isOver = true;
    this.#cancelLook();
    this.#cancelIdle();
  }
}
