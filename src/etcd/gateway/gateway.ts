/**
 * etcd's JSON gateway: every path is a POST of one message or of a stream of messages; a stream's answers are lines, or a
 * WebSocket's texts at the same path. It runs beside the store, in the Durable Object or in a process.
 */
import { heldUntilRead, readOn } from '../../simulation/held-body.ts';
import { type Holding, LIGHT_BYTES } from '../../simulation/held-bytes.ts';
import { TURN_LIMITS, TurnBudget } from '../../simulation/turn-budget.ts';
import { boundedBody } from '../bounded-body.ts';
import { ETCD_ERRORS, EtcdError, GRPC } from '../errors.ts';
import { admitted } from './admitted.ts';
import { AUTH } from './auth.ts';
import type {
  Call,
  GatewayBackend,
  Method,
  Outlet,
  Session,
  SlowReader,
  Streaming,
  Unary,
  Weighed,
} from './backend.ts';
import { CLUSTER } from './cluster.ts';
import { CONCURRENCY } from './concurrency.ts';
import { healthEndpoint } from './health.ts';
import { JSONDocuments, splitDocuments } from './json-documents.ts';
import { KV } from './kv.ts';
import { LEASE } from './lease.ts';
import { MAINTENANCE } from './maintenance.ts';
import { deliver, errorBody, MAX_BODY_BYTES, outletOf, prepared } from './outlet.ts';
import { parseJSON, readMessage } from './proto-json.ts';
import { overSocket } from './socket.ts';
import { WATCH } from './watch.ts';

const METHODS: Record<string, Method> = {
  ...KV,
  ...WATCH,
  ...LEASE,
  ...CLUSTER,
  ...MAINTENANCE,
  ...AUTH,
  ...CONCURRENCY,
};

/** Bytes of answers that may wait before a stream whose answers can't wait elsewhere is ended. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

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
    return await once(call, { name, method }, request);
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

interface Named {
  name: string;
  method: Unary | Weighed;
}

async function once(call: Call, method: Named, request: Request): Promise<Response> {
  const holding = call.backend.hold();
  try {
    const response = await answerOnce(call, method, request, holding);
    if (holding.bytes > LIGHT_BYTES) return heldUntilRead(response, holding);
    holding.give();
    return response;
  } catch (error) {
    holding.give();
    throw error;
  }
}

/** What is large waits for room. */
async function answerOnce(call: Call, { name, method }: Named, request: Request, holding: Holding): Promise<Response> {
  const tooLarge = (length: number): EtcdError => {
    const text = `grpc: received message larger than max (${length} vs. ${MAX_BODY_BYTES})`;
    return new EtcdError(GRPC.RESOURCE_EXHAUSTED, text);
  };
  const room = { holding, none: ETCD_ERRORS.tooManyRequests };
  const bytes = await boundedBody(request, MAX_BODY_BYTES, tooLarge, room);
  const message = readMessage(method.request, firstDocument(new TextDecoder().decode(bytes)));
  await admitted(call.backend, name, message);
  const { bytes: weight, answer: make } = prepared(method, call, message, true);
  if (weight > LIGHT_BYTES && !(await holding.wait(weight))) throw ETCD_ERRORS.tooManyRequests();
  const answer = await make();
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
        feed(request.body, method, session, { outlet, holding: call.backend.hold() });
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
  { outlet, holding }: { outlet: Outlet; holding: Holding },
): Promise<void> {
  const decoder = new TextDecoder();
  const reading = new JSONDocuments();
  try {
    if (body) {
      const reader = body.getReader();
      const next = () => (holding.bytes > 0 ? readOn(reader, holding) : reader.read());
      for (let part = await reader.read(); !part.done; part = await next()) {
        const documents = reading.add(decoder.decode(part.value, { stream: true }));
        holding.moved(part.value.length);
        if (reading.pending > MAX_BODY_BYTES || !(await keeps(holding, reading))) break;
        for (const document of documents) deliver(document, method, session, outlet);
      }
    }
  } catch {
    // The client went away, is too slow, or sent what is no message.
  }
  holding.give();
  session.finish();
}

/** Holds what there is of an unfinished document, if there comes to be room for it. */
async function keeps(holding: Holding, { pending }: JSONDocuments): Promise<boolean> {
  const more = (pending > LIGHT_BYTES ? pending : 0) - holding.bytes;
  if (more < 0) holding.give(-more);
  return more <= 0 || holding.wait(more);
}

function failure(error: unknown): Response {
  return json(errorBody(error), error instanceof EtcdError ? error.httpStatus : 500);
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}
