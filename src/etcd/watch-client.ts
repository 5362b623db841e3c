/**
 * The Worker's side of a watch: the object's WebSocket as a stream of batches. A socket that breaks is opened again from the next
 * revision, so that a restart of the object loses and repeats nothing. A reader that falls behind is ended.
 */
import type { WatchStream } from '../apiserver/storage.ts';
import type { WatchBatch, WatchRequest } from './types.ts';
import { decodeBatch, NEXT, PROGRESS } from './watch-wire.ts';

/** What is used of an accepted WebSocket. */
export interface ClientSocket {
  send(message: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

export type Connect = (request: WatchRequest) => Promise<ClientSocket>;

/** Batches that a reader may be behind. */
export const MAX_QUEUED_BATCHES = 1000;
/** Sockets that may break without a message in between. */
const MAX_FAILURES = 3;

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
  #queue: { batch: WatchBatch; behind: boolean }[] = [];
  #wake: (() => void) | undefined;
  #over = false;
  #failures = 0;

  constructor(connect: Connect, request: WatchRequest) {
    this.#connect = connect;
    this.#request = request;
  }

  async open(): Promise<void> {
    const socket = await this.#connect(this.#request);
    if (this.#over) return socket.close();
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket && typeof data === 'string') this.#receive(data);
    });
    socket.addEventListener('close', () => this.#broken(socket));
    socket.addEventListener('error', () => this.#broken(socket));
  }

  #receive(data: string): void {
    const { behind = false, ...batch } = decodeBatch(data);
    this.#failures = 0;
    if (batch.compactRevision === undefined) this.#request = { ...this.#request, startRevision: batch.revision + 1 };
    this.#queue.push({ batch, behind });
    if (batch.compactRevision !== undefined || this.#queue.length > MAX_QUEUED_BATCHES) this.close();
    this.#wake?.();
  }

  #broken(socket: ClientSocket): void {
    if (socket !== this.#socket || this.#over) return;
    this.#socket = undefined;
    if (++this.#failures > MAX_FAILURES) this.close();
    else this.open().catch(() => this.close());
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
          if (head.behind && this.#queue.length === 0 && !this.#over) this.#socket?.send(NEXT);
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
