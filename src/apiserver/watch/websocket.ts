/**
 * A watch over a WebSocket: an event a message, as text, or as the same bytes in binary messages for clients that ask for those.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/watch.go (HandleWS).
 */
import type { Exchange } from '../pipeline.ts';
import { frame, type WatchItem } from './events.ts';
import { SocketAllowance } from './socket-allowance.ts';
import { openWatch } from './source.ts';

/** What both the platform's and a test's sockets can do. */
export interface WatchSocket {
  send(message: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

const BINARY = ['binary.k8s.io', 'v4.binary.k8s.io'];
const PROTOCOLS = [...BINARY, 'text.k8s.io'];

/**
 * The subprotocol to accept: the first on offer that says how messages are framed, or else the first that is no token. Clients
 * that offer some insist on an answer, and the token's own never is one.
 */
export function watchProtocol(request: Request): string | undefined {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((p) => p.trim());
  return offered.find((p) => PROTOCOLS.includes(p)) ?? offered.find((p) => p !== '' && !p.includes('.bearer.'));
}

const isBinary = (protocol: string | undefined): boolean => protocol !== undefined && BINARY.includes(protocol);

/**
 * Opens the watch (throws `StatusError` before anything is sent), then feeds the socket until either side is done.
 * The promise that comes back in `done` is for the platform's `waitUntil`.
 */
export async function watchOverWebSocket(exchange: Exchange, socket: WatchSocket): Promise<{ done: Promise<void> }> {
  const source = await openWatch(exchange);
  const allowance = new SocketAllowance(exchange.config.id);
  const binary = isBinary(watchProtocol(exchange.request));
  const encoder = new TextEncoder();
  const closed = (): void => {
    allowance.close();
    source.close();
  };
  socket.addEventListener('close', closed);
  socket.addEventListener('error', closed);
  const send = (item: WatchItem): boolean => {
    const sent = frame(item, exchange.accepted.format);
    if (!allowance.take(sent.length)) return false;
    socket.send(binary && typeof sent === 'string' ? encoder.encode(sent) : sent);
    return true;
  };
  const feed = async (): Promise<void> => {
    try {
      for await (const items of source) if (!items.every(send)) break;
      socket.close(1000, '');
    } catch {
      source.close();
    }
  };
  return { done: feed() };
}
