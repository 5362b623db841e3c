/**
 * exec and attach as clients without WebSocket speak them: a SPDY stream for each of input, output, errors, sizes and the end, which become the
 * channels of `v5.channel.k8s.io`. Source: k8s.io/cri-streaming/pkg/streaming/remotecommand/httpstream.go.
 */
import { concatenated } from '../../simulation/concatenated.ts';
import { type Frame, FrameReader, FrameWriter } from './spdy/frames.ts';

/** By the header that says what a stream is for: its channel. */
const CHANNELS: Record<string, number> = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 };
const STDIN = 0;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;
const PROTOCOL_ERROR = 1;

/** What waits for a stream that its client has not made yet, bytes. */
export const MAX_EARLY_BYTES = 1024 * 1024;

export interface CommandSpdyEnds {
  /** Bytes of SPDY for the client. */
  toClient(bytes: Uint8Array): void;
  /** A message of the channel protocol for the server. */
  toServer(message: Uint8Array): void;
  /** The client goes. */
  left(): void;
}

export class CommandSpdy {
  readonly #ends: CommandSpdyEnds;
  readonly #expected: number[];
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  /** Streams by channel, and the other way round. */
  readonly #streams = new Map<number, number>();
  readonly #channels = new Map<number, number>();
  readonly #early = new Map<number, Uint8Array[]>();
  #earlyBytes = 0;
  #isOver = false;

  /** `query`: what the request asks for, by which the client makes its streams. All of them are there before it is over. */
  constructor(query: URLSearchParams, ends: CommandSpdyEnds) {
    this.#ends = ends;
    const isAsked = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
    this.#expected = [
      ERROR,
      ...['stdin', 'stdout', 'stderr'].filter(isAsked).map((name) => CHANNELS[name]!),
      ...(isAsked('tty') ? [RESIZE] : []),
    ];
  }

  /** @throws SpdyError */
  fromClient(bytes: Uint8Array): void {
    for (const frame of this.#reader.push(bytes)) this.#frame(frame);
  }

  /** A message of the channel protocol. */
  fromServer(message: Uint8Array): void {
    const channel = message[0];
    if (channel === undefined || message.length < 2) return;
    const bytes = channel === ERROR ? once(message.subarray(1)) : message.subarray(1);
    const stream = this.#streams.get(channel);
    if (stream !== undefined) this.#write({ type: 'data', stream, bytes, fin: false });
    else if (this.#earlyBytes + bytes.length <= MAX_EARLY_BYTES) {
      this.#earlyBytes += bytes.length;
      this.#early.set(channel, [...(this.#early.get(channel) ?? []), bytes.slice()]);
    }
  }

  /** The server has said everything. */
  end(): void {
    this.#isOver = true;
    this.#finish();
  }

  #finish(): void {
    if (!this.#isOver || !this.#expected.every((channel) => this.#streams.has(channel))) return;
    for (const stream of this.#streams.values())
      this.#write({ type: 'data', stream, bytes: new Uint8Array(), fin: true });
    this.#write({ type: 'goAway', lastStream: 0 });
    this.#ends.left();
  }

  #frame(frame: Frame): void {
    switch (frame.type) {
      case 'synStream':
        this.#made(frame.stream, CHANNELS[frame.headers.get('streamtype') ?? '']);
        if (frame.fin) this.#said(frame.stream, new Uint8Array(), true);
        return;
      case 'data':
        this.#said(frame.stream, frame.bytes, frame.fin);
        return;
      case 'reset':
        this.#said(frame.stream, new Uint8Array(), true);
        return;
      case 'ping':
        if (frame.id % 2 === 1) this.#write(frame);
        return;
      case 'goAway':
        this.#ends.left();
        return;
      default:
    }
  }

  #made(stream: number, channel: number | undefined): void {
    if (channel === undefined || this.#streams.has(channel)) {
      this.#write({ type: 'reset', stream, status: PROTOCOL_ERROR });
      return;
    }
    this.#streams.set(channel, stream);
    this.#channels.set(stream, channel);
    this.#write({ type: 'synReply', stream, headers: new Map(), fin: false });
    for (const bytes of this.#early.get(channel) ?? []) this.#write({ type: 'data', stream, bytes, fin: false });
    this.#early.delete(channel);
    this.#finish();
  }

  #said(stream: number, bytes: Uint8Array, fin: boolean): void {
    const channel = this.#channels.get(stream);
    if (channel !== STDIN && channel !== RESIZE) return;
    if (bytes.length > 0) this.#ends.toServer(concatenated([[channel], bytes]));
    if (fin && channel === STDIN) this.#ends.toServer(Uint8Array.from([CLOSE, STDIN]));
  }

  #write(frame: Exclude<Frame, { type: 'other' }>): void {
    this.#ends.toClient(this.#writer.write(frame));
  }
}

const TWICE = 'Internal error occurred: Internal error occurred: ';

/** What is told twice over WebSocket, where it goes through one more server, is told once here. */
function once(status: Uint8Array): Uint8Array {
  const told = new TextDecoder().decode(status);
  return told.includes(TWICE) ? new TextEncoder().encode(told.replace(TWICE, TWICE.slice(TWICE.length / 2))) : status;
}
