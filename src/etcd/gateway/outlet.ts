/** What the gateway's transports share: messages on their way to a handler, and its answers on their way out. */
import { EtcdError, GRPC } from '../errors.ts';
import type { Answer, Call, Outlet, Prepared, Session, Streaming, Unary, Weighed } from './backend.ts';
import { type Message, parseJSON, readMessage } from './proto-json.ts';

/** Well above what etcd takes: the size that it refuses is judged on the message itself. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function deliver(document: string, method: Streaming, session: Session, outlet: Outlet): void {
  let message: Message;
  try {
    message = readMessage(method.request, parseJSON(document));
  } catch (error) {
    // What is no message gets no answer, and nothing after it is read.
    throw error instanceof EtcdError ? new TypeError(error.message) : error;
  }
  try {
    session.receive(message);
  } catch (error) {
    outlet.fail(error);
  }
}

/** `inParts`: whether the answer's text may be made as it is taken. */
export function prepared(
  method: Unary | Weighed,
  call: Call,
  message: Message,
  inParts: boolean,
): Prepared | { bytes: number; answer(): Promise<Answer> } {
  if ('prepare' in method) return method.prepare(call, message, inParts);
  return { bytes: 0, answer: async () => method.answer(call, message) };
}

/** `write` gets each text, and whether it is the last. */
export function outletOf(write: (text: string | undefined, last: boolean) => void): Outlet {
  return {
    send: (answer: Answer) => write(JSON.stringify({ result: answer }), false),
    fail: (error: unknown) => write(JSON.stringify({ error: errorBody(error) }), true),
    end: () => write(undefined, true),
  };
}

export function errorBody(error: unknown): { code: number; message: string } {
  if (error instanceof EtcdError) return { code: error.code, message: error.message };
  return { code: GRPC.INTERNAL, message: error instanceof Error ? error.message : String(error) };
}
