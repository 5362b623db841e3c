/**
 * How much WebSockets may be sent. The platform's WebSockets take whatever they are given and tell nobody how much of it was read, so what was
 * sent counts as unread until the socket is closed by both sides. A watch that has used up its allowance ends, as any watch does after a
 * while: its client opens another from where it is, and one that reads nothing has cost no more than this.
 */
import { type Holding, sentCharacters } from '../../simulation/held-bytes.ts';

/** Characters of messages that one watch is sent before it ends. What all of a process have is bounded as well. */
export const MAX_SOCKET_CHARACTERS = 16 * 1024 * 1024;

export class SocketAllowance {
  readonly #sent: Holding;
  #isClosed = false;

  constructor(cluster: string) {
    // A socket is there until both sides have closed it, however long that takes.
    this.#sent = sentCharacters.open(cluster, Date.now, Number.POSITIVE_INFINITY);
  }

  /** Whether that may still be sent. */
  take(characters: number): boolean {
    if (this.#isClosed) return false;
    const used = this.#sent.bytes;
    if (used + characters > MAX_SOCKET_CHARACTERS && used > 0) return false;
    return this.#sent.take(characters);
  }

  /** Both sides have closed it: nothing waits any more. */
  close(): void {
    this.#isClosed = true;
    this.#sent.give();
  }
}
