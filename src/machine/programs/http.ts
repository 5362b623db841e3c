/** HTTP/1.1 over a connection: messages read and written, bounded. */
import { type Bytes, bytesOf } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Run } from '../program.ts';

/** Bytes of the first line and the headers of a message, with the empty line behind them; and of a line between chunks. */
export const MAX_HEAD_BYTES = 65_536;
/** Bytes of its body. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

export type Headers = readonly (readonly [string, string])[];

export interface HttpRequest {
  method: string;
  /** As in the first line. */
  target: string;
  path: string;
  /** Without its `?`. */
  query: string;
  version: string;
  headers: Headers;
  body: Bytes;
  /** Who asks. */
  remote: { address: string; port: number };
}

export interface HttpResponse {
  status: number;
  reason?: string;
  headers: Headers;
  body: Bytes;
}

export const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  418: "I'm a teapot",
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The value of a header, whatever its case. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** Parameters of a query or form, decoded. */
export function parametersOf(query: string): Map<string, string> {
  return new Map(
    query
      .split('&')
      .filter((part) => part !== '')
      .map((part): [string, string] => {
        const equals = part.indexOf('=');
        return equals < 0
          ? [decodePart(part), '']
          : [decodePart(part.slice(0, equals)), decodePart(part.slice(equals + 1))];
      }),
  );
}

/** Percent signs and pluses resolved, to bytes. */
export const decodePart = (text: string): Bytes =>
  text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

/** Reads messages of one connection. @throws Errno EIO where what comes is no HTTP or too large */
export class MessageReader {
  #held: Bytes = '';
  #isAtEnd = false;
  readonly #connection: Connection;
  readonly #timeout: number | undefined;

  /** `timeout`: milliseconds that each read may take. */
  constructor(connection: Connection, timeout?: number) {
    this.#connection = connection;
    this.#timeout = timeout;
  }

  *#more(): Run<boolean> {
    if (this.#isAtEnd) return false;
    const bytes = yield* this.#connection.read(this.#timeout === undefined ? {} : { timeout: this.#timeout });
    if (bytes === '') this.#isAtEnd = true;
    this.#held += bytes;
    return bytes !== '';
  }

  /**
   * The lines in front of a body; undefined: the other end has closed before there was any. A first line that is none (`isFirst`) is refused
   * without waiting for those behind it.
   */
  *head(isFirst?: RegExp): Run<{ first: string; headers: [string, string][] } | undefined> {
    for (;;) {
      this.#held = this.#held.replace(/^(\r?\n)+/, '');
      const first = /^[^\n]*?(?=\r?\n)/.exec(this.#held)?.[0];
      if (first !== undefined && isFirst?.test(first) === false) throw new Errno('EIO');
      const end = /\r?\n\r?\n/.exec(this.#held);
      const least = end === null ? this.#held.length + 1 : end.index + end[0].length;
      if (least > MAX_HEAD_BYTES) throw new Errno('EIO');
      if (end !== null) {
        const lines = this.#held.slice(0, end.index).split(/\r?\n/);
        this.#held = this.#held.slice(end.index + end[0].length);
        const headers = lines.slice(1).map((line): [string, string] => {
          const colon = line.indexOf(':');
          if (colon < 1) throw new Errno('EIO');
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        });
        return { first: lines[0]!, headers };
      }
      if (yield* this.#more()) continue;
      if (this.#held === '') return undefined;
      throw new Errno('ECONNRESET');
    }
  }

  *body(headers: Headers, isToTheEnd: boolean): Run<Bytes> {
    if (/\bchunked\b/i.test(headerOf(headers, 'transfer-encoding') ?? '')) return yield* this.#chunks();
    const length = headerOf(headers, 'content-length');
    if (length !== undefined) return yield* this.#exactly(Number(length));
    if (!isToTheEnd) return '';
    do if (this.#held.length > MAX_BODY_BYTES) throw new Errno('EIO');
    while (yield* this.#more());
    const body = this.#held;
    this.#held = '';
    return body;
  }

  *#exactly(length: number): Run<Bytes> {
    if (!(length >= 0) || length > MAX_BODY_BYTES) throw new Errno('EIO');
    while (this.#held.length < length) if (!(yield* this.#more())) throw new Errno('ECONNRESET');
    const bytes = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return bytes;
  }

  *#line(): Run<string> {
    for (;;) {
      const end = this.#held.indexOf('\n');
      if ((end < 0 ? this.#held.length : end) >= MAX_HEAD_BYTES) throw new Errno('EIO');
      if (end >= 0) {
        const line = this.#held.slice(0, end).replace(/\r$/, '');
        this.#held = this.#held.slice(end + 1);
        return line;
      }
      if (!(yield* this.#more())) throw new Errno('EIO');
    }
  }

  *#chunks(): Run<Bytes> {
    let body = '';
    for (;;) {
      const size = Number.parseInt(yield* this.#line(), 16);
      if (!(size >= 0)) throw new Errno('EIO');
      if (size === 0) break;
      if (body.length + size > MAX_BODY_BYTES) throw new Errno('EIO');
      body += yield* this.#exactly(size);
      yield* this.#line();
    }
    while ((yield* this.#line()) !== '');
    return body;
  }
}

const REQUEST_LINE = /^([A-Z]+) (\S+)(?: (HTTP\/\d\.\d))?$/;

/** The next request of a client; undefined: it has gone. @throws Errno EIO where it is no HTTP */
export function* readRequest(reader: MessageReader, remote: HttpRequest['remote']): Run<HttpRequest | undefined> {
  const head = yield* reader.head(REQUEST_LINE);
  if (head === undefined) return undefined;
  const [, method, target, version] = REQUEST_LINE.exec(head.first) ?? [];
  if (method === undefined || target === undefined) throw new Errno('EIO');
  const body = yield* reader.body(head.headers, false);
  const local = target.replace(/^https?:\/\/[^/]*/, '') || '/';
  const question = local.indexOf('?');
  return {
    method,
    target,
    path: decodePart((question < 0 ? local : local.slice(0, question)).replaceAll('+', '%2B')),
    query: question < 0 ? '' : local.slice(question + 1),
    version: version ?? 'HTTP/1.0',
    headers: head.headers,
    body,
    remote,
  };
}

/** An answer as it goes over the wire. */
export function responseBytes(
  response: HttpResponse,
  request: Pick<HttpRequest, 'method'>,
  version = 'HTTP/1.1',
): Bytes {
  const { status, reason = REASONS[status] ?? '', headers, body } = response;
  const isEmpty = status === 204 || status === 304 || status < 200;
  const length: Headers =
    isEmpty || headerOf(headers, 'content-length') !== undefined ? [] : [['Content-Length', String(body.length)]];
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${version} ${status} ${reason}\r\n${bytesOf(lines)}\r\n${request.method === 'HEAD' || isEmpty ? '' : body}`;
}
