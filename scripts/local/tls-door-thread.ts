/**
 * The thread of the door with TLS. A client on this machine without a certificate is passed through byte by byte; of any other its
 * requests are read, and sent on with its address and its certificate in headers of ours. Who asks for SPDY is answered here (spdy-bridge.ts).
 */
import { Agent, type ClientRequest, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { CERTIFICATE_HEADER, PEER_HEADER } from '../../src/cluster/tls-door.ts';
import { asksForSpdy, bridgeSpdy, type SendTo } from './spdy-bridge.ts';
import { PEERS_SOCKET, TLS_SOCKET, type TlsDoorOptions } from './tls-door.ts';

const { host, port, server, folder, clientAuthority } = workerData as TlsDoorOptions;
const [plain, peers] = [join(folder, TLS_SOCKET), join(folder, PEERS_SOCKET)];

/** As large as workerd takes them, bytes. */
const MAX_HEADERS = 128 * 1024;
/** A client may come again on its connection after as long, milliseconds. */
const KEEP_ALIVE_MS = 120_000;

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
/** What is between two neighbours only. */
const HOP = /^(connection|keep-alive|x-diorama-.*)$/i;

function withoutHops(raw: readonly string[], more: Record<string, string> = {}): string[] {
  const kept: string[] = [];
  for (let i = 0; i < raw.length; i += 2) if (!HOP.test(raw[i]!)) kept.push(raw[i]!, raw[i + 1]!);
  return [...kept, ...Object.entries(more).flat()];
}

const withoutOurs = (headers: string[]): string[] =>
  headers.filter((_, i) => !/^x-diorama-/i.test(headers[i - (i % 2)]!));

function peerOf(socket: TLSSocket): Record<string, string> {
  const { remoteAddress = '', remotePort } = socket;
  const certificate = socket.getPeerX509Certificate();
  return {
    [PEER_HEADER]: `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`,
    ...(certificate ? { [CERTIFICATE_HEADER]: certificate.raw.toString('base64') } : {}),
  };
}

function forwarded(
  { method, url, rawHeaders, socket }: IncomingMessage,
  more: Record<string, string> = {},
): ClientRequest {
  const headers = withoutHops(rawHeaders, { ...peerOf(socket as TLSSocket), ...more });
  return httpRequest({ socketPath: peers, agent, method, path: url, headers: headers as never });
}

const proxy = createServer(
  { maxHeaderSize: MAX_HEADERS, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
  (request, response) => {
    const sent = forwarded(request);
    sent.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.statusMessage, withoutHops(answer.rawHeaders));
      // Of a watch the beginning is there before its first event.
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    sent.on('error', () => response.destroy());
    response.on('close', () => sent.destroy());
    request.pipe(sent);
  },
);

proxy.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  if (asksForSpdy(request.headers)) {
    const { url = '/', rawHeaders } = request;
    const peer = Object.entries(peerOf(request.socket as TLSSocket)).flat();
    const send: SendTo = (path, headers) =>
      httpRequest({ socketPath: peers, agent: false, path, headers: [...withoutOurs(headers), ...peer] as never });
    bridgeSpdy({ url, rawHeaders, socket, head }, send);
    return;
  }
  const sent = forwarded(request, { connection: 'upgrade' });
  const told = (answer: IncomingMessage): string => {
    const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
    for (let i = 0; i < answer.rawHeaders.length; i += 2)
      lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
    return `${lines.join('\r\n')}\r\n\r\n`;
  };
  sent.on('upgrade', (answer, upstream: Duplex, first: Buffer) => {
    socket.write(told(answer));
    socket.write(first);
    upstream.write(head);
    joined(socket, upstream);
  });
  sent.on('response', (answer) => {
    const headers = withoutHops(answer.rawHeaders).filter(
      (_, i, all) => !/^transfer-encoding$/i.test(all[i - (i % 2)]!),
    );
    socket.write(told(Object.assign(answer, { rawHeaders: [...headers, 'connection', 'close'] })));
    answer.pipe(socket);
  });
  sent.on('error', () => socket.destroy());
  socket.on('close', () => sent.destroy());
  socket.on('error', () => sent.destroy());
  sent.end();
});

/** Either's end is the other's. */
function joined(a: Duplex, b: Duplex): void {
  a.pipe(b);
  b.pipe(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

/** A request for an upgrade to SPDY, as its first bytes say: nothing else by this method is. */
const SPDY_REQUEST = /^POST \S*\/(exec|attach|portforward)(\?\S*)? HTTP\/1\.1\r\n/;

/** Byte by byte, but for what a Worker cannot be asked: a client that wants SPDY has a connection for that alone. */
function passed(socket: TLSSocket): void {
  socket.once('data', (first: Buffer) => {
    if (SPDY_REQUEST.test(first.toString('latin1'))) {
      socket.unshift(first);
      proxy.emit('connection', socket);
      return;
    }
    const upstream = connect(plain);
    upstream.write(first);
    joined(socket, upstream);
  });
}

const door = createTlsServer(
  {
    key: server.privateKey,
    cert: server.certificate,
    ca: clientAuthority,
    requestCert: true,
    // Whose it is, is for the cluster to say.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  },
  (socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    const isKnown = socket.getPeerX509Certificate() !== undefined || !LOOPBACK.test(socket.remoteAddress ?? '');
    if (isKnown) proxy.emit('connection', socket);
    else passed(socket);
  },
);
// A handshake that fails is its client's affair.
door.on('tlsClientError', (_, socket) => socket.destroy());
door.listen(port, host, () => parentPort?.postMessage('listening'));
