/**
 * How much WebSockets may be sent. The platform's WebSockets take whatever they are given and tell nobody how much of it was read, so what was
 * sent counts as unread until the socket is closed by both sides. A watch that has used up its allowance ends, as any watch does after a
 * while: its client opens another from where it is, and one that reads nothing has cost no more than this.
 */

/** Characters of messages that one watch is sent before it ends. */
export const MAX_SOCKET_CHARACTERS = 16 * 1024 * 1024;
/** Of all watches of a cluster together. */
export const MAX_CLUSTER_SOCKETS_CHARACTERS = 64 * 1024 * 1024;

const byCluster = new Map<string, number>();

export class SocketAllowance {
  readonly #cluster: string;
  #used = 0;
  #isClosed = false;

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  /** Whether that may still be sent. */
  take(characters: number): boolean {
    if (this.#isClosed) return false;
    const used = byCluster.get(this.#cluster) ?? 0;
    if (this.#used + characters > MAX_SOCKET_CHARACTERS && this.#used > 0) return false;
    if (used + characters > MAX_CLUSTER_SOCKETS_CHARACTERS) return false;
    this.#used += characters;
    byCluster.set(this.#cluster, used + characters);
    return true;
  }

  /** Both sides have closed it: nothing waits any more. */
  close(): void {
    this.#isClosed = true;
    const left = (byCluster.get(this.#cluster) ?? 0) - this.#used;
    this.#used = 0;
    if (left > 0) byCluster.set(this.#cluster, left);
    else byCluster.delete(this.#cluster);
  }
}
