/**
 * The Worker's side of a watch: the object's WebSocket as a stream of batches. A socket that breaks is opened again from the next
 * change, so that a restart of the object loses and repeats nothing. What the reader has taken is told to the object, which sends no more
 * than a window ahead, and ends a reader that is too slow.
 */
import type { WatchStream } from '../apiserver/storage/storage.ts';
import type { WatchBatch, WatchRequest } from './types.ts';
import { decodeBatch, encodeTook, NEXT, PROGRESS, WINDOW } from './watch-wire.ts';

/** What is used of an accepted WebSocket. */
export interface ClientSocket {
  send(message: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

export type Connect = (request: WatchRequest) => Promise<ClientSocket>;

/** Taken characters that are told at once: each message to the object costs as much as a read. */
const TOLD_AT_ONCE = WINDOW / 4;
/** Sockets that may break without a message in between. */
export const MAX_FAILURES = 3;

/** `request.startRevision` should be given: without it a socket that breaks before its first batch goes on from "now". */
export async function watchOver(connect: Connect, request: WatchRequest): Promise<WatchStream> {
  const watch = new SocketWatch(connect, request);
  await watch.open();
  return watch;
}

class SocketWatch implements WatchStream {
  readonly #connect: Connect;
  #request: WatchRequest;
  #socket: ClientSocket | undefined;
  #queue: { batch: WatchBatch; behind: boolean; size: number }[] = [];
  /** Characters that the reader has taken and the object does not know of. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #over = false;
  #failures = 0;
  #isTooSlow = (): void => {};
  readonly tooSlow = new Promise<void>((resolve) => {
    this.#isTooSlow = resolve;
  });

  constructor(connect: Connect, request: WatchRequest) {
    this.#connect = connect;
    this.#request = request;
  }

  async open(): Promise<void> {
    const socket = await this.#connect(this.#request);
    if (this.#over) return socket.close();
    this.#socket = socket;
    this.#taken = 0;
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket && typeof data === 'string') this.#receive(data);
    });
    socket.addEventListener('close', () => this.#broken(socket));
    socket.addEventListener('error', () => this.#broken(socket));
  }

  #receive(data: string): void {
    const { behind = false, over = false, ...batch } = decodeBatch(data);
    this.#failures = 0;
    if (batch.compactRevision === undefined)
      this.#request = { ...this.#request, startRevision: batch.revision + 1, startSub: batch.sub ?? 0 };
    if (over) {
      // What it has not taken is not worth keeping: it goes on from what it has seen.
      this.#queue = [];
      this.#isTooSlow();
    } else this.#queue.push({ batch, behind, size: data.length });
    if (over || batch.compactRevision !== undefined) this.close();
    this.#wake?.();
  }

  #broken(socket: ClientSocket): void {
    if (socket !== this.#socket || this.#over) return;
    this.#socket = undefined;
    if (++this.#failures > MAX_FAILURES) this.close();
    else this.open().catch(() => this.close());
  }

  /** Having asked for what comes next is having taken all. */
  #took({ behind, size }: { behind: boolean; size: number }): void {
    if (this.#over) return;
    this.#taken += size;
    const isEmpty = this.#queue.length === 0;
    if (behind && isEmpty) this.#tell(NEXT);
    else if (this.#taken >= TOLD_AT_ONCE) this.#tell(encodeTook(this.#taken));
  }

  #tell(message: string): void {
    this.#taken = 0;
    try {
      this.#socket?.send(message);
    } catch {
      // It is broken, and opened again from where this reader is.
    }
  }

  /** Asks for an empty batch that tells how far the watch is. */
  requestProgress(): void {
    this.#socket?.send(PROGRESS);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    try {
      this.#socket?.close(1000);
    } catch {
      // It was closed by the other side.
    }
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchBatch> {
    try {
      for (;;) {
        const head = this.#queue.shift();
        if (head) {
          yield head.batch;
          this.#took(head);
        } else if (this.#over) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      this.close();
    }
  }
}
