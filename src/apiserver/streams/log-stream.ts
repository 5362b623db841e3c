/** A followed log as a long answer: asked for when its reader has room, and when there may be something. */
import { arrayOf } from '../../machine/bytes.ts';
import type { Timers } from '../exchange.ts';
import { LOOK, type LogTelling } from './log-wire.ts';
import { begin, type SessionSocket } from './session-wire.ts';

/** Who looks again at once would look all the time, milliseconds. */
const LOOK_PAUSE_MS = 20;

export function logStream(socket: SessionSocket, timers: Timers): ReadableStream<Uint8Array> {
  const log = new FollowedLog(socket, timers);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await log.next();
        if (bytes) controller.enqueue(bytes);
        else controller.close();
      },
      cancel() {
        log.leave();
      },
    },
    { highWaterMark: 0 },
  );
}

/** One question is under way at a time, and only while somebody waits: what is answered is always taken. */
class FollowedLog {
  readonly #socket: SessionSocket;
  readonly #timers: Timers;
  #cancelTimer = (): void => {};
  #waiting: ((bytes: Uint8Array | undefined) => void) | undefined;
  #isAsked = false;
  #isOver = false;

  constructor(socket: SessionSocket, timers: Timers) {
    this.#socket = socket;
    this.#timers = timers;
    socket.addEventListener('message', ({ data }) => this.#told(JSON.parse(data as string) as LogTelling));
    socket.addEventListener('close', () => this.#finish());
    socket.addEventListener('error', () => this.#finish());
    begin(socket);
  }

  /** Undefined: it is over. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    const came = new Promise<Uint8Array | undefined>((resolve) => {
      this.#waiting = resolve;
    });
    this.#look();
    return came;
  }

  leave(): void {
    this.#finish();
    this.#socket.close(1000, 'the client is gone');
  }

  #look(): void {
    this.#cancelTimer();
    if (!this.#waiting || this.#isAsked || this.#isOver) return;
    this.#isAsked = true;
    this.#socket.send(LOOK);
  }

  #told(telling: LogTelling): void {
    if ('more' in telling) {
      this.#look();
      return;
    }
    this.#isAsked = false;
    if ('over' in telling) this.#isOver = true;
    if (telling.text !== '') this.#give(arrayOf(telling.text));
    else if (this.#isOver) this.#give(undefined);
    else if ('due' in telling && telling.due !== null)
      this.#cancelTimer = this.#timers.after(Math.max(telling.due, LOOK_PAUSE_MS), () => this.#look());
  }

  #give(bytes: Uint8Array | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(bytes);
  }

  #finish(): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#give(undefined);
  }
}
