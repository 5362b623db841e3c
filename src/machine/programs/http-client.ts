/** What wget, curl and programs that call others share: addresses, connections, requests. */
import type { Bytes } from '../bytes.ts';
import { Errno } from '../errno.ts';
import type { Connection } from '../network.ts';
import type { Process, Run } from '../program.ts';
import { type Headers, type HttpResponse, headerOf, MessageReader } from './http.ts';

export interface Url {
  scheme: string;
  host: string;
  port: number;
  /** With its query. */
  path: string;
  user: string | undefined;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21 };

/** Undefined: it is none. */
export function parseUrl(text: string): Url | undefined {
  const [, scheme = 'http', user, bracketed, plain, port, path] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(?:\[([^\]]*)\]|([^:/?#]*))(?::(\d*))?([/?#].*)?$/.exec(
      text,
    ) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host === '') return undefined;
  const number = port === undefined || port === '' ? (PORTS[scheme.toLowerCase()] ?? 80) : Number(port);
  if (number < 1 || number > 65_535) return undefined;
  const local = (path ?? '/').replace(/#.*$/, '');
  return { scheme: scheme.toLowerCase(), host, port: number, path: local.startsWith('/') ? local : `/${local}`, user };
}

/** Its host, with the port unless that is its scheme's. */
export const hostOf = ({ scheme, host, port }: Url): string =>
  port === (PORTS[scheme] ?? PORTS.http) ? host : `${host}:${port}`;

/** Where a `Location` leads; undefined: nowhere. */
export const redirected = (url: Url, location: string): Url | undefined =>
  location.startsWith('/') ? { ...url, path: location } : parseUrl(location);

export const isAddress = (host: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.includes(':');

/** The address of a host; undefined: nobody knows it. */
export function* lookUp(process: Process, host: string): Run<string | undefined> {
  if (isAddress(host)) return host;
  if (host === 'localhost') return '127.0.0.1';
  if (/^\d+$/.test(host)) return undefined;
  const { answers } = yield* process.resolve(host, 'A');
  return answers.find(({ type }) => type === 'A')?.data;
}

/** A connection to a host by its name. @throws Errno EHOSTUNREACH where nobody knows it, and those of `Process.connect` */
export function* connectTo(process: Process, to: Parameters<Process['connect']>[0]): Run<Connection> {
  const host = yield* lookUp(process, to.host);
  if (host === undefined) throw new Errno('EHOSTUNREACH');
  return yield* process.connect({ ...to, host });
}

export interface Request {
  method: string;
  headers: Headers;
  body?: Bytes;
  version?: string;
  /** Milliseconds for each read. */
  timeout?: number;
}

export const requestBytes = (url: Url, { method, headers, body, version = 'HTTP/1.1' }: Request): Bytes =>
  `${method} ${url.path} ${version}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body ?? ''}`;

export type Answer = HttpResponse & { version: string; reason: string };

/** Sends a request and reads the answer. @throws Errno EIO where the other end closes without one */
export function* exchange(connection: Connection, url: Url, request: Request): Run<Answer> {
  yield* connection.write(requestBytes(url, request));
  const reader = new MessageReader(connection, request.timeout);
  for (;;) {
    const head = yield* reader.head();
    if (head === undefined) throw new Errno('EIO');
    const [, version, status, reason] = /^(HTTP\/\d(?:\.\d)?) (\d{3})(?: (.*))?$/.exec(head.first) ?? [];
    if (status === undefined) throw new Errno('EINVAL');
    if (status === '100') continue;
    const hasBody = request.method !== 'HEAD' && status !== '204' && status !== '304';
    const body = hasBody ? yield* reader.body(head.headers, true) : '';
    return { version: version!, status: Number(status), reason: reason ?? '', headers: head.headers, body };
  }
}

/** Calls another server and gives its answer; for servers that pass requests on. */
export function* call(process: Process, url: Url, request: Request): Run<HttpResponse> {
  const timeout = request.timeout ?? 60_000;
  const connection = yield* connectTo(process, { host: url.host, port: url.port, timeout });
  const length: Headers = request.body ? [['Content-Length', String(request.body.length)]] : [];
  const own: Headers = headerOf(request.headers, 'host') === undefined ? [['Host', hostOf(url)]] : [];
  const headers: Headers = [...own, ...request.headers, ...length, ['Connection', 'close']];
  try {
    return yield* exchange(connection, url, { ...request, headers, timeout });
  } finally {
    connection.close();
  }
}
