/**
 * exec, attach and port-forward for clients that speak SPDY only (kubectl before 1.30): the upgrade is answered here, and what is said goes on
 * over a WebSocket, which is what a Worker can be reached by. Source: k8s.io/streaming/pkg/httpstream/spdy.
 */
import { randomBytes } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CommandSpdy } from '../../src/apiserver/streams/command-spdy.ts';
import { SPDY_TUNNEL } from '../../src/apiserver/streams/port-stream.ts';
import { SpdyError } from '../../src/apiserver/streams/spdy/frames.ts';
import { type ClientWebSocket, clientWebSocket } from './websocket-client.ts';

const COMMAND_PROTOCOL = 'v5.channel.k8s.io';
/** What SPDY's clients call the newest that all of them have, and what forwards ports. */
const SPDY_COMMAND = 'v4.channel.k8s.io';
const SPDY_PORTS = 'portforward.k8s.io';
const PORTS = /\/portforward(\?|$)/;
const ENDED = /^(connection|upgrade|content-length|transfer-encoding|x-stream-protocol-version)$/i;

export const asksForSpdy = (headers: IncomingMessage['headers']): boolean =>
  headers.upgrade?.toUpperCase() === 'SPDY/3.1' && /upgrade/i.test(headers.connection ?? '');

/** A request for SPDY: what was read of its connection, and the connection. */
export interface SpdyRequest {
  url: string;
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[];
  socket: Duplex;
  /** What came after the request's head. */
  head: Uint8Array;
}

/** Sends a request with these headers to where the cluster is. */
export type SendTo = (url: string, rawHeaders: string[]) => ClientRequest;

export function bridgeSpdy(request: SpdyRequest, send: SendTo): void {
  const { url, rawHeaders, socket, head } = request;
  const offered = valuesOf(rawHeaders, 'x-stream-protocol-version');
  const isPorts = PORTS.test(url);
  const spoken = isPorts ? SPDY_PORTS : SPDY_COMMAND;
  if (offered.length > 0 && !offered.includes(spoken)) {
    refuse(
      socket,
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${spoken}]`,
    );
    return;
  }
  const sent = send(url, [
    ...withoutUpgrade(rawHeaders),
    ...['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Version', '13'],
    ...['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ...['Sec-WebSocket-Protocol', isPorts ? SPDY_TUNNEL : COMMAND_PROTOCOL],
  ]);
  sent.on('response', (answer) => passRefusal(answer, socket));
  sent.on('error', () => socket.destroy());
  sent.on('upgrade', (_, upstream: Duplex, first: Buffer) => {
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1'];
    socket.write(`${[...lines, `X-Stream-Protocol-Version: ${spoken}`].join('\r\n')}\r\n\r\n`);
    if (isPorts) tunnel(socket, head, upstream, first);
    else translate(new URL(url, 'http://localhost').searchParams, { socket, head }, upstream, first);
  });
  socket.on('error', () => sent.destroy());
  socket.on('close', () => sent.destroy());
  sent.end();
}

/** The bytes as they are, in messages. */
function tunnel(socket: Duplex, head: Uint8Array, upstream: Duplex, first: Buffer): void {
  const server = clientWebSocket(upstream, first, {
    message: (bytes) => writePaced(socket, bytes, server),
    closed: () => socket.end(),
  });
  if (head.length > 0) server.send(head);
  socket.on('data', (bytes: Buffer) => server.send(bytes));
  closeWith(socket, server);
}

function translate(
  query: URLSearchParams,
  { socket, head }: Pick<SpdyRequest, 'socket' | 'head'>,
  upstream: Duplex,
  first: Buffer,
): void {
  const spdy = new CommandSpdy(query, {
    toClient: (bytes) => writePaced(socket, bytes, server),
    toServer: (message) => server.send(message),
    left: () => {
      server.close();
      socket.end();
    },
  });
  const server: ClientWebSocket = clientWebSocket(upstream, first, {
    message: (bytes) => spdy.fromServer(bytes),
    closed: () => spdy.end(),
  });
  const read = (bytes: Uint8Array): void => {
    try {
      spdy.fromClient(bytes);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      server.close();
      socket.destroy();
    }
  };
  if (head.length > 0) read(head);
  socket.on('data', read);
  closeWith(socket, server);
}

function closeWith(socket: Duplex, server: ClientWebSocket): void {
  for (const event of ['end', 'close', 'error']) socket.on(event, () => server.close());
}

/** Whoever reads slowly is sent no more for a while. */
function writePaced(socket: Duplex, bytes: Uint8Array, server: ClientWebSocket): void {
  if (socket.destroyed || socket.writableEnded || socket.write(bytes)) return;
  server.pause();
  socket.once('drain', () => server.resume());
}

function withoutUpgrade(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!ENDED.test(rawHeaders[i]!)) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  return kept;
}

const valuesOf = (rawHeaders: readonly string[], name: string): string[] =>
  rawHeaders
    .filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name)
    .flatMap((value) => value.split(',').map((part) => part.trim()));

function refuse(socket: Duplex, status: number, text: string): void {
  const lines = [`HTTP/1.1 ${status} Forbidden`, 'Content-Type: text/plain', 'Connection: close'];
  socket.end(`${[...lines, `Content-Length: ${Buffer.byteLength(text)}`].join('\r\n')}\r\n\r\n${text}`);
}

/** The cluster has refused it, in its own words. */
function passRefusal(answer: IncomingMessage, socket: Duplex): void {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`, 'Connection: close'];
  const { rawHeaders } = answer;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!/^(connection|keep-alive|transfer-encoding)$/i.test(rawHeaders[i]!))
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  answer.pipe(socket);
}
