/**
 * Port-forwarding by SPDY: each connection is a pair of streams, one with its bytes and one with its error, that name the port and belong
 * together by a request's id. Source: k8s.io/cri-streaming/pkg/streaming/portforward/httpstream.go.
 */
import type { PortActions, PortProtocol } from './port-events.ts';
import { portNumber } from './port-events.ts';
import { type Frame, FrameReader, FrameWriter, type Headers } from './spdy/frames.ts';

/** Streams whose other half has not come yet. */
export const MAX_HALVES = 64;

const PROTOCOL_ERROR = 1;
const REFUSED_STREAM = 3;
const CANCEL = 5;

interface Pair {
  error?: number;
  data?: number;
  port: number;
}

export class PortSpdy implements PortProtocol {
  readonly #actions: PortActions;
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #over: () => void;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  readonly #halves = new Map<string, Pair>();
  /** By the stream with the bytes, which is also the connection's number: the one with the error. */
  readonly #connections = new Map<number, number>();

  /** `over` is told when the client says that it goes. */
  constructor(actions: PortActions, send: (bytes: Uint8Array<ArrayBuffer>) => void, over: () => void) {
    this.#actions = actions;
    this.#send = send;
    this.#over = over;
  }

  /** The client is the one that begins. */
  begin(): void {}

  received(message: string | ArrayBuffer): void {
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : new Uint8Array(message);
    for (const frame of this.#reader.push(bytes)) this.#frame(frame);
  }

  data(connection: number, bytes: Uint8Array): void {
    if (this.#connections.has(connection)) this.#write({ type: 'data', stream: connection, bytes, fin: false });
  }

  ended(connection: number): void {
    const error = this.#connections.get(connection);
    if (error === undefined) return;
    this.#connections.delete(connection);
    for (const stream of [connection, error]) this.#write({ type: 'data', stream, bytes: new Uint8Array(), fin: true });
  }

  refused(connection: number, why: string): void {
    const error = this.#connections.get(connection);
    if (error === undefined) return;
    this.#connections.delete(connection);
    this.#write({ type: 'data', stream: error, bytes: new TextEncoder().encode(why), fin: false });
    this.#reset(connection, CANCEL);
    this.#reset(error, CANCEL);
  }

  #frame(frame: Frame): void {
    switch (frame.type) {
      case 'synStream':
        this.#stream(frame.stream, frame.headers);
        return;
      case 'data':
        if (!this.#connections.has(frame.stream)) return;
        if (frame.bytes.length > 0) this.#actions.write(frame.stream, frame.bytes);
        if (frame.fin) this.#actions.end(frame.stream);
        return;
      case 'reset':
        if (!this.#connections.delete(frame.stream)) return;
        this.#actions.close(frame.stream);
        return;
      case 'ping':
        // Those with odd numbers are the client's own.
        if (frame.id % 2 === 1) this.#write(frame);
        return;
      case 'goAway':
        this.#over();
        return;
      default:
    }
  }

  #stream(stream: number, headers: Headers): void {
    const type = headers.get('streamtype');
    const port = portNumber(headers.get('port') ?? '');
    if ((type !== 'error' && type !== 'data') || port === undefined) {
      this.#reset(stream, PROTOCOL_ERROR);
      return;
    }
    // Old clients give no id: their streams follow one another, the error's first.
    const id = headers.get('requestid') ?? String(type === 'error' ? stream : stream - 2);
    const pair = this.#halves.get(id) ?? { port };
    if (pair[type] !== undefined || (!this.#halves.has(id) && this.#halves.size >= MAX_HALVES)) {
      this.#reset(stream, REFUSED_STREAM);
      return;
    }
    pair[type] = stream;
    this.#write({ type: 'synReply', stream, headers: new Map(), fin: false });
    this.#halves.set(id, pair);
    if (pair.data === undefined || pair.error === undefined) return;
    this.#halves.delete(id);
    this.#connections.set(pair.data, pair.error);
    this.#actions.open(pair.data, pair.port);
  }

  #reset(stream: number, status: number): void {
    this.#write({ type: 'reset', stream, status });
  }

  #write(frame: Exclude<Frame, { type: 'other' }>): void {
    this.#send(this.#writer.write(frame));
  }
}
