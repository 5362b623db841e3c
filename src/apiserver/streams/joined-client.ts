/** A client's socket beside a session with a pod's machine: each ends with the other, and the client is sent no more than sockets may be. */
import { SocketAllowance } from '../watch/socket-allowance.ts';
import type { SessionClient } from './session-client.ts';
import { begin, type SessionSocket } from './session-wire.ts';

/** What a WebSocket is closed with. */
export const NORMAL = 1000;
export const PROTOCOL_ERROR = 1002;
export const TOO_BIG = 1009;

export class JoinedClient {
  readonly #socket: SessionSocket;
  readonly #machine: SessionClient;
  readonly #allowance: SocketAllowance;

  /** `cluster`: whose part of what sockets are sent it takes. */
  constructor(socket: SessionSocket, machine: SessionClient, cluster: string) {
    this.#socket = socket;
    this.#machine = machine;
    this.#allowance = new SocketAllowance(cluster);
  }

  /** Its messages are told from here on. */
  listen(received: (message: string | ArrayBuffer) => void): void {
    const gone = (): void => {
      this.#allowance.close();
      this.#machine.close();
    };
    this.#socket.addEventListener('message', ({ data }) => received(data));
    this.#socket.addEventListener('close', gone);
    this.#socket.addEventListener('error', gone);
    begin(this.#socket);
  }

  send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#allowance.take(message.length)) this.#socket.send(message);
    else this.leave(TOO_BIG, 'more was written than may be');
  }

  leave(code: number, reason: string): void {
    this.#machine.close();
    this.#socket.close(code, reason);
  }
}
