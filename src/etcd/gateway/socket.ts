/** The gateway over a WebSocket: messages and answers are its texts. */
import { type Holding, LIGHT_BYTES } from '../../simulation/held-bytes.ts';
import { ETCD_ERRORS, EtcdError, GRPC } from '../errors.ts';
import type { Answer, Call, Method, Streaming, Unary, Weighed } from './backend.ts';
import { JSONDocuments } from './json-documents.ts';
import { deliver, MAX_BODY_BYTES, outletOf, prepared } from './outlet.ts';

/** Characters that a WebSocket is sent before it is ended: nobody tells whether they were read. What all have is bounded as well. */
export const MAX_SOCKET_CHARACTERS = 24 * 1024 * 1024;
/** Why a WebSocket is closed: its cluster is gone, its message has no end, there is no room. Source: RFC 6455, 7.4, and its registry. */
const GOING_AWAY = 1001;
const MESSAGE_TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

export function overSocket(call: Call, method: Method): Response {
  const accepted = call.backend.acceptWebSocket?.();
  if (!accepted) throw new EtcdError(GRPC.UNIMPLEMENTED, 'Method Not Allowed');
  const { socket, response } = accepted;
  const sent = call.backend.send();
  let over = false;
  const outlet = outletOf((text = '', last) => {
    if (over) return;
    const isTooMuch = sent.bytes + text.length > MAX_SOCKET_CHARACTERS || !sent.take(text.length);
    over = last || isTooMuch;
    if (text !== '' && !isTooMuch) socket.send(text);
    if (over) socket.close(1000);
    if (isTooMuch) session.close();
  });
  const streaming = 'open' in method ? method : streamOfOne(method, sent);
  const session = streaming.open(call, outlet);
  const end = (code?: number): void => {
    over = true;
    received.end();
    session.close();
    if (code !== undefined) socket.close(code);
  };
  const received = new Received(call.backend.hold(), () => end(TRY_AGAIN_LATER));
  socket.addEventListener('message', ({ data }) => {
    if (over) return;
    const documents = received.add(typeof data === 'string' ? data : decodeFrame(data));
    if (typeof documents === 'number') return end(documents);
    try {
      for (const document of documents) deliver(document, streaming, session, outlet);
    } catch {
      // What is no message gets no answer, and nothing after it in the same text is read.
    }
  });
  const closed = (): void => {
    end();
    sent.give();
  };
  call.backend.gone?.addEventListener('abort', () => {
    if (!over) end(GOING_AWAY);
  });
  socket.addEventListener('close', closed);
  socket.addEventListener('error', closed);
  return response;
}

/** What has come of a message that is not complete. Nobody can be told to wait, so what there is no room for ends the socket. */
class Received {
  readonly #holding: Holding;
  readonly #tooSlow: () => void;
  #reading = new JSONDocuments();
  #release: (() => void) | undefined;

  constructor(holding: Holding, tooSlow: () => void) {
    this.#holding = holding;
    this.#tooSlow = tooSlow;
  }

  /** The documents that this text completes, or why the socket is to be closed. */
  add(text: string): string[] | number {
    const documents = this.#reading.add(text);
    const { pending } = this.#reading;
    if (pending > MAX_BODY_BYTES) return MESSAGE_TOO_BIG;
    this.#holding.moved(text.length);
    const more = (pending > LIGHT_BYTES ? pending : 0) - this.#holding.bytes;
    if (more > 0 && !this.#holding.take(more)) return TRY_AGAIN_LATER;
    if (more < 0) this.#holding.give(-more);
    if (this.#holding.bytes === 0) this.#leave();
    else this.#release ??= this.#holding.attend(this.#tooSlow);
    return documents;
  }

  #leave(): void {
    this.#release?.();
    this.#release = undefined;
  }

  end(): void {
    this.#leave();
    this.#reading = new JSONDocuments();
    this.#holding.give();
  }
}

function decodeFrame(data: unknown): string {
  return data instanceof ArrayBuffer || data instanceof Uint8Array ? new TextDecoder().decode(data) : '';
}

/** A unary method over a socket: one message, one answer. */
function streamOfOne(method: Unary | Weighed, sent: Holding): Streaming {
  return {
    request: method.request,
    open(call, outlet) {
      const gone = new AbortController();
      const signal = AbortSignal.any([call.signal, gone.signal]);
      return {
        receive(request) {
          Promise.resolve()
            .then(() => {
              const { bytes, answer } = prepared(method, { ...call, signal }, request, false);
              if (bytes > LIGHT_BYTES && !sent.fits(bytes)) throw ETCD_ERRORS.tooManyRequests();
              return answer() as Answer | Promise<Answer>;
            })
            .then((answer) => outlet.send({ ...answer }), outlet.fail)
            .then(() => outlet.end());
        },
        finish() {},
        close: () => gone.abort(),
      };
    },
  };
}
