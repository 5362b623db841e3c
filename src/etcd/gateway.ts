/**
 * etcd's JSON gateway: every path is a POST of one message or of a stream of messages; a stream's answers are lines, or a
 * WebSocket's texts at the same path. It runs beside the store, in the Durable Object or in a process.
 */
import { TURN_LIMITS, TurnBudget } from '../simulation/turn-budget.ts';
import { boundedBody } from './bounded-body.ts';
import { EtcdError, GRPC } from './errors.ts';
import { AUTH } from './gateway-auth.ts';
import type {
  Answer,
  Call,
  GatewayBackend,
  Method,
  Outlet,
  Session,
  SlowReader,
  Streaming,
  Unary,
} from './gateway-backend.ts';
import { CLUSTER } from './gateway-cluster.ts';
import { CONCURRENCY } from './gateway-concurrency.ts';
import { healthEndpoint } from './gateway-health.ts';
import { KV } from './gateway-kv.ts';
import { LEASE } from './gateway-lease.ts';
import { MAINTENANCE } from './gateway-maintenance.ts';
import { WATCH } from './gateway-watch.ts';
import { JSONDocuments, splitDocuments } from './json-documents.ts';
import { type Message, parseJSON, readMessage } from './proto-json.ts';

const METHODS: Record<string, Method> = {
  ...KV,
  ...WATCH,
  ...LEASE,
  ...CLUSTER,
  ...MAINTENANCE,
  ...AUTH,
  ...CONCURRENCY,
};

/** Well above what etcd takes: the size that it refuses is judged on the message itself. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Why a WebSocket is closed whose message has no end. Source: RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;
const MESSAGE_TOO_BIG = 1009;
/** Bytes of answers that may wait before a stream whose answers can't wait elsewhere is ended. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
/** Bytes that a WebSocket is sent, and all of a cluster together, before it is ended: nobody tells whether they were read. */
export const MAX_SOCKET_BYTES = 24 * 1024 * 1024;
export const MAX_SOCKETS_BYTES = 32 * 1024 * 1024;

/** `target` is what stands after the cluster's etcd root, path and query: `/v3/kv/range`, `/readyz?verbose`... */
export async function handleGateway(request: Request, backend: GatewayBackend, target: string): Promise<Response> {
  const [path = '', query = ''] = target.split('?');
  const health = healthEndpoint(request.method, path, new URLSearchParams(query), backend);
  if (health) return health;
  const name = /^\/(?:v3|v3beta)\/(.*)$/.exec(path)?.[1];
  if (name === undefined) {
    return new Response('404 page not found\n', {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  }
  const method = Object.hasOwn(METHODS, name) ? METHODS[name]! : undefined;
  if (!method) return failure(new EtcdError(GRPC.NOT_FOUND, 'Not Found'));
  try {
    // Very many that end at once end one turn's worth with each request; the rest are the pump's.
    backend.store.expireLeases(backend.now(), new TurnBudget(TURN_LIMITS, backend.realNow));
    const isSocket = request.headers.get('upgrade')?.toLowerCase() === 'websocket';
    if (request.method !== 'POST' && !isSocket) throw new EtcdError(GRPC.UNIMPLEMENTED, 'Method Not Allowed');
    const call = callOf(request, backend, method);
    if (isSocket) return overSocket(call, method);
    if ('open' in method) return overLines(call, method, request);
    return await once(call, method, request);
  } catch (error) {
    return failure(error);
  }
}

function callOf(request: Request, backend: GatewayBackend, method: Method): Call {
  const signal = backend.gone ? AbortSignal.any([request.signal, backend.gone]) : request.signal;
  try {
    return { backend, user: backend.auth.identify(request.headers.get('authorization'), backend.now()), signal };
  } catch (refusal) {
    if (refusal instanceof EtcdError && 'takesRefusal' in method) return { backend, user: '', refusal, signal };
    throw refusal;
  }
}

async function once(call: Call, method: Unary, request: Request): Promise<Response> {
  const bytes = await boundedBody(request, MAX_BODY_BYTES, (length) => {
    const text = `grpc: received message larger than max (${length} vs. ${MAX_BODY_BYTES})`;
    return new EtcdError(GRPC.RESOURCE_EXHAUSTED, text);
  });
  const message = readMessage(method.request, firstDocument(new TextDecoder().decode(bytes)));
  const answer = method.body ? method.body(call, message) : await method.answer(call, message);
  if (!(answer instanceof ReadableStream)) return json(answer);
  return new Response(answer, { headers: { 'content-type': 'application/json' } });
}

/** What follows the first document is ignored, and no document is an empty message. */
function firstDocument(body: string): unknown {
  if (body.trim() === '') return {};
  try {
    return parseJSON(body);
  } catch (error) {
    const [first] = splitDocuments(body).documents;
    if (first === undefined || first.length === body.trim().length) throw error;
    return parseJSON(first);
  }
}

function overLines(call: Call, method: Streaming, request: Request): Response {
  const encoder = new TextEncoder();
  const { flow } = call.backend;
  let session: Session | undefined;
  let over = false;
  /** Lines that the reader has not taken. */
  const queue: Uint8Array[] = [];
  let wake = (): void => {};
  const close = (): void => {
    over = true;
    session?.close();
    call.backend.gone?.removeEventListener('abort', reader.end);
    flow.forget(reader);
    wake();
  };
  const reader: SlowReader = {
    end() {
      queue.length = 0;
      close();
    },
  };
  call.backend.gone?.addEventListener('abort', reader.end);
  const outlet = outletOf((text, last) => {
    if (over) return;
    const isTooMuch = flow.untaken(reader) >= MAX_QUEUED_BYTES;
    if (text !== undefined && !isTooMuch) {
      const line = encoder.encode(`${text}\n`);
      queue.push(line);
      flow.sent(reader, line.length);
    }
    if (last || isTooMuch) close();
    wake();
  });
  outlet.isFull = () => {
    if (flow.isFull) for (const stalled of flow.stalled()) stalled.end();
    return !flow.maySend(reader, 1);
  };
  outlet.ready = async () => {
    while (!over && (flow.untaken(reader) > 0 || flow.isFull)) await flow.changed();
  };
  let given = 0;
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      start() {
        session = method.open(call, outlet);
        if (over) session.close();
        feed(request.body, method, session, outlet);
      },
      async pull(controller) {
        flow.took(reader, given);
        given = 0;
        while (queue.length === 0 && !over)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        const line = queue.shift();
        if (!line) {
          if (!isCancelled) controller.close();
          return;
        }
        given = line.length;
        controller.enqueue(line);
      },
      cancel() {
        isCancelled = true;
        close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { headers: { 'content-type': 'application/json' } });
}

/** Hands a body's documents to the session as they come. One that can't be read ends the client's side, as in etcd. */
async function feed(
  body: ReadableStream<Uint8Array> | null,
  method: Streaming,
  session: Session,
  outlet: Outlet,
): Promise<void> {
  const decoder = new TextDecoder();
  const reading = new JSONDocuments();
  try {
    if (body) {
      const reader = body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const documents = reading.add(decoder.decode(part.value, { stream: true }));
        if (reading.pending > MAX_BODY_BYTES) break;
        for (const document of documents) deliver(document, method, session, outlet);
      }
    }
  } catch {
    // The client went away, or sent what is no message.
  }
  session.finish();
}

function deliver(document: string, method: Streaming, session: Session, outlet: Outlet): void {
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

function overSocket(call: Call, method: Method): Response {
  const accepted = call.backend.acceptWebSocket?.();
  if (!accepted) throw new EtcdError(GRPC.UNIMPLEMENTED, 'Method Not Allowed');
  const { socket, response } = accepted;
  const { sockets } = call.backend;
  let over = false;
  let sent = 0;
  const outlet = outletOf((text = '', last) => {
    if (over) return;
    sent += text.length;
    sockets.bytes += text.length;
    const isTooMuch = sent > MAX_SOCKET_BYTES || sockets.bytes > MAX_SOCKETS_BYTES;
    over = last || isTooMuch;
    if (text !== '') socket.send(text);
    if (over) socket.close(1000);
    if (isTooMuch) session.close();
  });
  const streaming = 'open' in method ? method : streamOfOne(method);
  const session = streaming.open(call, outlet);
  const reading = new JSONDocuments();
  socket.addEventListener('message', ({ data }) => {
    if (over) return;
    const documents = reading.add(typeof data === 'string' ? data : decodeFrame(data));
    if (reading.pending > MAX_BODY_BYTES) {
      closed();
      socket.close(MESSAGE_TOO_BIG);
      return;
    }
    try {
      for (const document of documents) deliver(document, streaming, session, outlet);
    } catch {
      // What is no message gets no answer, and nothing after it in the same text is read.
    }
  });
  const closed = (): void => {
    over = true;
    sockets.bytes -= sent;
    sent = 0;
    session.close();
  };
  call.backend.gone?.addEventListener('abort', () => {
    if (over) return;
    closed();
    socket.close(GOING_AWAY);
  });
  socket.addEventListener('close', closed);
  socket.addEventListener('error', closed);
  return response;
}

function decodeFrame(data: unknown): string {
  return data instanceof ArrayBuffer || data instanceof Uint8Array ? new TextDecoder().decode(data) : '';
}

/** A unary method over a socket: one message, one answer. */
function streamOfOne(method: Unary): Streaming {
  return {
    request: method.request,
    open(call, outlet) {
      const gone = new AbortController();
      const signal = AbortSignal.any([call.signal, gone.signal]);
      return {
        receive(request) {
          Promise.resolve()
            .then(() => method.answer({ ...call, signal }, request))
            .then((answer) => outlet.send({ ...answer }), outlet.fail)
            .then(() => outlet.end());
        },
        finish() {},
        close: () => gone.abort(),
      };
    },
  };
}

/** `write` gets each text, and whether it is the last. */
function outletOf(write: (text: string | undefined, last: boolean) => void): Outlet {
  return {
    send: (answer: Answer) => write(JSON.stringify({ result: answer }), false),
    fail: (error: unknown) => write(JSON.stringify({ error: errorBody(error) }), true),
    end: () => write(undefined, true),
  };
}

function errorBody(error: unknown): { code: number; message: string } {
  if (error instanceof EtcdError) return { code: error.code, message: error.message };
  return { code: GRPC.INTERNAL, message: error instanceof Error ? error.message : String(error) };
}

function failure(error: unknown): Response {
  return json(errorBody(error), error instanceof EtcdError ? error.httpStatus : 500);
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
