/** Sockets and timers of tests: what one end is sent the other has at once. */
import type { Timers } from '../exchange.ts';
import type { SessionSocket } from './session-wire.ts';

type Listener = (event: { data: string | ArrayBuffer }) => void;

export class TestSocket implements SessionSocket {
  binaryType: 'arraybuffer' | 'blob' = 'blob';
  other: TestSocket | undefined;
  readonly received: (string | ArrayBuffer)[] = [];
  closedWith: { code: number | undefined; reason: string | undefined } | undefined;
  readonly #messages: Listener[] = [];
  readonly #closes: (() => void)[] = [];
  #isClosed = false;
  #isAccepted = false;
  /** What came before that. */
  #early: { data: string | ArrayBuffer }[] = [];

  send(message: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    if (!this.#isAccepted) throw new TypeError('a socket that was not accepted');
    const data =
      typeof message === 'string' ? message : message instanceof ArrayBuffer ? message : message.slice().buffer;
    this.other?.deliver({ data });
  }

  accept(): void {
    this.#isAccepted = true;
    for (const event of this.#early.splice(0)) this.deliver(event, false);
  }

  deliver(event: { data: string | ArrayBuffer }, isNew = true): void {
    if (isNew) this.received.push(event.data);
    if (this.#isAccepted) for (const listener of this.#messages) listener(event);
    else this.#early.push(event);
  }

  close(code?: number, reason?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.other?.closed(code, reason);
  }

  closed(code?: number, reason?: string): void {
    this.closedWith ??= { code, reason };
    this.#isClosed = true;
    for (const listener of this.#closes) listener();
  }

  addEventListener(type: 'message' | 'close' | 'error', listener: Listener | (() => void)): void {
    if (type === 'close') this.#closes.push(listener as () => void);
    if (type !== 'message') return;
    this.#messages.push(listener as Listener);
  }
}

export function socketPair(): [TestSocket, TestSocket] {
  const [a, b] = [new TestSocket(), new TestSocket()];
  a.other = b;
  b.other = a;
  return [a, b];
}

export class TestTimers implements Timers {
  now = 0;
  #waiting: { at: number; callback: () => void }[] = [];

  time(): number {
    return this.now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const one = { at: this.now + milliseconds, callback };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    };
  }

  /** Lets time go on, ringing on the way. */
  pass(milliseconds: number): void {
    const to = this.now + milliseconds;
    for (;;) {
      const [next] = this.#waiting.filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.now = next.at;
      next.callback();
    }
    this.now = to;
  }
}
