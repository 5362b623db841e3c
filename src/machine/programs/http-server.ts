/** Servers of HTTP: they listen, read requests and write what is answered. */
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type HttpRequest, type HttpResponse, headerOf, MessageReader, readRequest, responseBytes } from './http.ts';
import { Tasks } from './tasks.ts';

export interface HttpService {
  ports: readonly number[];
  /** What it shows at a port where it speaks TLS, PEM. */
  certificate?(port: number): string | undefined;
  /** Answers one request; may wait. Undefined: the connection is closed without an answer. */
  answer(request: HttpRequest, port: number): Run<HttpResponse | undefined> | HttpResponse | undefined;
  /** For what is no HTTP. */
  badRequest?: HttpResponse;
  /** Closes after each answer. */
  isSingle?: boolean;
  /** Called when it listens. */
  started?(): Run;
  /** Other things that run beside it. */
  beside?: readonly Run[];
}

const BAD_REQUEST: HttpResponse = {
  status: 400,
  headers: [
    ['Content-Type', 'text/plain'],
    ['Connection', 'close'],
  ],
  body: '400 Bad Request',
};

/** How long a connection may stay without a request, milliseconds. */
const IDLE = 75_000;

const isRun = (value: unknown): value is Run<HttpResponse | undefined> =>
  typeof value === 'object' && value !== null && 'next' in value;

/** What Go's server says to whoever speaks no TLS where it does. */
const PLAIN_ANSWER = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

function* serve(service: HttpService, connection: Connection, port: number): Run {
  const reader = new MessageReader(connection, IDLE);
  try {
    if (service.certificate?.(port) !== undefined && !connection.isSecure) {
      if ((yield* readRequest(reader, connection.remote)) !== undefined) yield* connection.write(PLAIN_ANSWER);
      return;
    }
    for (;;) {
      const request = yield* readRequest(reader, connection.remote);
      if (request === undefined) return;
      const answer = service.answer(request, port);
      const response = isRun(answer) ? yield* answer : answer;
      if (response === undefined) return;
      const asked = headerOf(request.headers, 'connection')?.toLowerCase();
      const isLast =
        service.isSingle === true || asked === 'close' || (request.version === 'HTTP/1.0' && asked !== 'keep-alive');
      const headers =
        isLast && headerOf(response.headers, 'connection') === undefined
          ? [...response.headers, ['Connection', 'close'] as const]
          : response.headers;
      yield* connection.write(responseBytes({ ...response, headers }, request));
      if (isLast || headerOf(response.headers, 'connection') === 'close') return;
    }
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (error.code === 'EIO')
      yield* connection.write(responseBytes(service.badRequest ?? BAD_REQUEST, { method: 'GET' }));
  } finally {
    connection.close();
  }
}

/** Serves until a signal ends the process. @throws Errno EADDRINUSE, EACCES where it can't listen */
export function* serveHttp(process: Process, service: HttpService): Run<never> {
  const tasks = new Tasks(() => process.now());
  for (const port of service.ports) {
    const certificate = service.certificate?.(port);
    const listener = process.listen(port, certificate === undefined ? {} : { certificate });
    tasks.start(tasks.accept(listener, (connection) => serve(service, connection, listener.port)));
  }
  for (const run of service.beside ?? []) tasks.start(run);
  if (service.started !== undefined) yield* service.started();
  return yield* tasks.runOn();
}

export const textResponse = (body: string, status = 200, type = 'text/plain; charset=utf-8'): HttpResponse => ({
  status,
  headers: [['Content-Type', type]],
  body,
});

export const jsonResponse = (value: unknown, status = 200): HttpResponse =>
  textResponse(JSON.stringify(value), status, 'application/json');
