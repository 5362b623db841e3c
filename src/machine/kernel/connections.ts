/** Connections: two ends of which each reads what the other has written. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Socket } from '../pod-machine.ts';
import type { Run } from '../program.ts';
import type { Kernel } from './kernel.ts';
import { MAX_SESSION_BYTES } from './limits.ts';
import { piece } from './piece.ts';

class Channel {
  readonly isDatagrams: boolean;
  chunks: Bytes[] = [];
  size = 0;
  isEnded = false;
  /** Nobody reads it any more. */
  isDeaf = false;

  constructor(isDatagrams: boolean) {
    this.isDatagrams = isDatagrams;
  }

  put(bytes: Bytes): number {
    const room = MAX_SESSION_BYTES - this.size;
    if (this.isDatagrams) {
      // What finds no room is lost.
      if (bytes.length <= room) this.#push(bytes);
      return bytes.length;
    }
    if (room <= 0) return 0;
    this.#push(bytes.length <= room ? bytes : bytes.slice(0, room));
    return Math.min(room, bytes.length);
  }

  #push(bytes: Bytes): void {
    this.chunks.push(bytes);
    this.size += bytes.length;
  }

  take(max: number): Bytes | undefined {
    if (this.chunks.length === 0) return this.isEnded ? '' : undefined;
    let bytes = this.chunks.shift()!;
    if (!this.isDatagrams && this.chunks.length > 0 && bytes.length < max) {
      bytes += this.chunks.join('');
      this.chunks = [];
    }
    if (bytes.length > max) {
      if (!this.isDatagrams) this.chunks.unshift(bytes.slice(max));
      else this.size -= bytes.length - max;
      bytes = piece(bytes, 0, max, false);
    }
    this.size -= bytes.length;
    return bytes;
  }
}

function endOf(from: Channel, to: Channel): Socket {
  return {
    take: (max) => from.take(max),
    canTake: () => from.chunks.length > 0 || from.isEnded,
    give(bytes) {
      if (to.isDeaf) throw new Errno('EPIPE');
      return to.put(bytes);
    },
    canGive: () => to.isDeaf || to.size < MAX_SESSION_BYTES,
    end() {
      to.isEnded = true;
    },
    close() {
      to.isEnded = true;
      from.isDeaf = true;
    },
    get isClosed() {
      return to.isDeaf;
    },
  };
}

export function connectionPair(isDatagrams: boolean): [Socket, Socket] {
  const there = new Channel(isDatagrams);
  const back = new Channel(isDatagrams);
  return [endOf(there, back), endOf(back, there)];
}

/** A socket as a program has it: its calls wait. */
export function socketConnection(
  kernel: Kernel,
  socket: Socket,
  ends: Pick<Connection, 'local' | 'remote' | 'isSecure'>,
): Connection {
  return {
    ...ends,
    *read({ max = 65_536, timeout }: { max?: number; timeout?: number } = {}): Run<Bytes> {
      const at = timeout === undefined ? undefined : kernel.now + timeout;
      for (;;) {
        if (kernel.current) kernel.current.steps++;
        const bytes = socket.take(max);
        if (bytes !== undefined) return bytes;
        if (at !== undefined && kernel.now >= at) throw new Errno('ETIMEDOUT');
        yield at === undefined
          ? { for: 'condition', ready: () => socket.canTake() }
          : { for: 'condition', ready: () => socket.canTake(), at };
      }
    },
    *write(bytes: Bytes): Run {
      if (kernel.current) kernel.current.steps += 1 + (bytes.length >> 12);
      let rest = bytes;
      for (;;) {
        const taken = socket.give(rest);
        if (taken >= rest.length) return;
        rest = rest.slice(taken);
        yield { for: 'condition', ready: () => socket.canGive() };
      }
    },
    end: () => socket.end(),
    close: () => socket.close(),
  };
}
