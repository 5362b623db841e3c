/** Pairs of sockets in memory, for who speaks in one process as a Worker and an object do. What is sent is told in a later turn. */
import type { SessionSocket } from '../apiserver/streams/session-wire.ts';
import type { HubSocket } from '../etcd/watch-hub.ts';

type Message = string | ArrayBuffer;

/** One end of a pair. */
export class MemorySocket implements SessionSocket, HubSocket {
  binaryType: 'arraybuffer' | 'blob' = 'arraybuffer';
  other: MemorySocket | undefined;
  #attachment: unknown;
  readonly #messages: ((event: { data: Message }) => void)[] = [];
  readonly #ends: (() => void)[] = [];

  /** What comes is told in a later turn, when all listen. */
  accept(): void {}

  send(message: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    const data = message instanceof Uint8Array ? message.slice().buffer : message;
    const { other } = this;
    queueMicrotask(() => {
      other?.receive(data);
    });
  }

  close(): void {
    const { other } = this;
    this.other = undefined;
    queueMicrotask(() => {
      other?.ended();
    });
  }

  addEventListener(
    type: 'message' | 'close' | 'error',
    listener: ((event: { data: Message }) => void) | (() => void),
  ): void {
    if (type === 'message') this.#messages.push(listener as (event: { data: Message }) => void);
    else if (type === 'close') this.#ends.push(listener as () => void);
  }

  receive(data: Message): void {
    for (const listener of this.#messages) listener({ data });
  }

  ended(): void {
    for (const listener of this.#ends) listener();
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = attachment;
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}

export function memoryPair(): [MemorySocket, MemorySocket] {
  const ends: [MemorySocket, MemorySocket] = [new MemorySocket(), new MemorySocket()];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  return ends;
}
