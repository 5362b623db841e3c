/** Streams of the bridge: each is one WebSocket to the gateway, at the same path as the method. */
import { once } from 'node:events';
import { type Metadata, type ServerDuplexStream, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Message } from './definitions.ts';
import { asStatus, type Gateway, GatewayError, unavailable } from './gateway.ts';

type Stream = ServerDuplexStream<Message, Message>;
type Answers = ServerWritableStream<Message, Message>;

/** Answers that a client may be behind before its stream is ended. */
export const MAX_WAITING_ANSWERS = 10_000;

/** The token that etcd's own clients send after they have authenticated as a user. */
export const userTokenOf = (metadata: Metadata): string | undefined => metadata.get('token')[0]?.toString();

export interface Pipe {
  send(message: Message): void;
  /** No more answers are wanted. */
  end(): void;
  fail(error: { code: number; message: string }): void;
}

/** Connects a call with the gateway; `receive` gets each answer. What comes before the socket is open waits. */
export function openPipe(
  stream: Stream | Answers,
  gateway: Gateway,
  path: string,
  receive: (answer: Message) => void,
): Pipe {
  const token = userTokenOf(stream.metadata);
  const socket = gateway.open(path, token);
  const waiting: string[] = [];
  let opened = false;
  let over = false;

  const pipe: Pipe = {
    send(message) {
      const text = JSON.stringify(message);
      if (opened) socket.send(text);
      else waiting.push(text);
    },
    end() {
      if (over) return;
      over = true;
      socket.close();
      stream.end();
    },
    fail({ code, message }) {
      if (over) return;
      over = true;
      socket.close();
      stream.emit('error', { code, details: message });
    },
  };
  socket.addEventListener('open', () => {
    opened = true;
    for (const text of waiting.splice(0)) socket.send(text);
  });
  socket.addEventListener('message', ({ data }) => {
    if (over) return;
    const { result, error } = JSON.parse(String(data)) as Message;
    if (error) return pipe.fail(error as GatewayError);
    receive(result);
    if (stream.writableLength > MAX_WAITING_ANSWERS)
      pipe.fail(new GatewayError(status.RESOURCE_EXHAUSTED, 'the client reads too slowly'));
  });
  socket.addEventListener('close', async () => {
    if (over) return;
    pipe.fail(opened ? unavailable('the cluster ended the stream') : await gateway.whyNot(path, token));
  });
  // What went wrong is told when the socket closes, which it does next.
  socket.addEventListener('error', () => {});
  stream.on('cancelled', () => {
    over = true;
    socket.close();
  });
  return pipe;
}

/** One message, and answers until the client has enough. */
export function forwardAnswers(call: Answers, gateway: Gateway, path: string): void {
  openPipe(call, gateway, path, (answer) => call.write(answer)).send(call.request);
}

/** One message, and answers that are many: they are read as fast as the client takes them. */
export async function forwardDownload(call: Answers, gateway: Gateway, path: string): Promise<void> {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  try {
    for await (const answer of gateway.download(path, call.request, userTokenOf(call.metadata), gone.signal)) {
      if (!call.write(answer)) await once(call, 'drain', { signal: gone.signal });
    }
    call.end();
  } catch (error) {
    if (!gone.signal.aborted) call.emit('error', asStatus(error));
  }
}

/** Each message gets one answer; the stream ends when the client has sent its last and has all answers. */
export function forwardKeepAlive(stream: Stream, gateway: Gateway, path: string): void {
  let unanswered = 0;
  let finished = false;
  const pipe = openPipe(stream, gateway, path, (answer) => {
    unanswered--;
    stream.write(answer);
    if (finished && unanswered === 0) pipe.end();
  });
  stream.on('data', (message: Message) => {
    unanswered++;
    pipe.send(message);
  });
  stream.on('end', () => {
    finished = true;
    if (unanswered === 0) pipe.end();
  });
}
