/** What a cluster's object answers by `fetch`: watches, and etcd's gateway. Those of a token of less power end with it. */
import type { LogRequest } from '../apiserver/streams/log-wire.ts';
import type { SessionRequest } from '../apiserver/streams/session-wire.ts';
import { handleGateway } from '../etcd/gateway/gateway.ts';
import type { WatchRequest } from '../etcd/types.ts';
import { arrayOf } from '../machine/bytes.ts';
import { PING, PONG } from '../objects/webhook-wire.ts';
import { MAX_WATCHES } from '../platform/limits.ts';
import { endedBy } from './durable-gateway.ts';
import { issuedTokens } from './issued-tokens.ts';
import { LOG_TAG, MAX_FOLLOWED_LOGS } from './pod-logs.ts';
import { MAX_SESSIONS } from './pod-sessions.ts';
import { BRIDGE_PATH, BUSY_HEADER, ETCD_PATH, LOG_PATH, SESSION_PATH } from './rpc.ts';
import type { Running } from './running.ts';
import { socketPair } from './socket-pair.ts';
import { TokenEnds } from './token-ends.ts';
import { BRIDGE_TAG, MAX_BRIDGES } from './webhook-bridges.ts';
import { GATEWAY_UNITS, logUnits, WATCH_UNITS, type WorkBudget } from './work.ts';

/** What is used of a Durable Object's context. */
type Sockets = Pick<DurableObjectState, 'acceptWebSocket' | 'getWebSockets' | 'setWebSocketAutoResponse'>;

const TOKEN_IS_OVER = 'the token is no longer good';

/** Closes a socket when the token is over, unless it is closed before. */
function endWith(tokenEnd: AbortSignal, socket: WebSocket): void {
  const close = (): void => socket.close(1001, TOKEN_IS_OVER);
  const forget = (): void => tokenEnd.removeEventListener('abort', close);
  tokenEnd.addEventListener('abort', close);
  socket.addEventListener('close', forget);
  socket.addEventListener('error', forget);
}

const refused = (status: number): Response => new Response(null, { status });

export class Streams {
  readonly #sockets: Sockets;
  readonly #work: WorkBudget;
  readonly #worked: () => void;
  readonly #tokenEnds = new TokenEnds();

  /** `worked` is told when something may have been written. */
  constructor(sockets: Sockets, work: WorkBudget, worked: () => void) {
    this.#sockets = sockets;
    this.#work = work;
    this.#worked = worked;
    // Who asks whether a bridge still stands is told so without waking anybody.
    sockets.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  async serve(request: Request, running: Running | undefined): Promise<Response> {
    const url = new URL(request.url);
    if (!running || url.searchParams.get('epoch') !== running.life.epoch) return refused(410);
    const token = url.searchParams.get('token');
    if (token !== null && !issuedTokens(running.life, Date.now()).some(({ id }) => id === token)) return refused(410);
    if (url.pathname === ETCD_PATH) return this.#gateway(request, running, token, url.searchParams.get('path')!);
    if (url.pathname === BRIDGE_PATH) return this.#bridge(running, token, JSON.parse(url.searchParams.get('to')!));
    const asked = url.searchParams.get('request')!;
    if (url.pathname === SESSION_PATH) return this.#session(running, token, JSON.parse(asked) as SessionRequest);
    if (url.pathname === LOG_PATH) return this.#log(running, token, JSON.parse(asked) as LogRequest, request);
    if (running.hub.size >= MAX_WATCHES) return refused(429);
    return this.#watch(running, token, JSON.parse(asked) as WatchRequest);
  }

  async #gateway(request: Request, running: Running, token: string | null, path: string): Promise<Response> {
    const busyMs = this.#work.spend(GATEWAY_UNITS, Date.now());
    const gateway = token === null ? running.gateway : endedBy(running.gateway, this.#tokenEnds.of(token));
    const response = await handleGateway(request, gateway, path);
    this.#worked();
    if (busyMs > 0) response.headers.set(BUSY_HEADER, String(busyMs));
    return response;
  }

  #watch(running: Running, token: string | null, request: WatchRequest): Response {
    const busyMs = this.#work.spend(WATCH_UNITS, Date.now());
    const [client, server] = socketPair();
    this.#sockets.acceptWebSocket(server, token === null ? [] : [token]);
    running.hub.accept(server, request);
    const headers: HeadersInit = busyMs > 0 ? { [BUSY_HEADER]: String(busyMs) } : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  #bridge({ bridges }: Running, token: string | null, to: string[]): Response {
    if (bridges.size >= MAX_BRIDGES) return refused(429);
    const [client, server] = socketPair();
    this.#sockets.acceptWebSocket(server, token === null ? [BRIDGE_TAG] : [BRIDGE_TAG, token]);
    bridges.accept(server, to);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Its socket keeps the object in memory, where the session is. */
  #session({ pods }: Running, token: string | null, request: SessionRequest): Response {
    if (pods.sessions.size >= MAX_SESSIONS) return refused(429);
    const [client, server] = socketPair();
    if (token !== null) endWith(this.#tokenEnds.of(token), server);
    pods.sessions.accept(server, request);
    return new Response(null, { status: 101, webSocket: client });
  }

  #log({ pods }: Running, token: string | null, request: LogRequest, { headers }: Request): Response {
    if (!headers.has('upgrade')) {
      const log = arrayOf(pods.logs.read(request) ?? '');
      const busyMs = this.#work.spend(logUnits(log.length), Date.now());
      return new Response(log, { headers: busyMs > 0 ? { [BUSY_HEADER]: String(busyMs) } : {} });
    }
    if (pods.logs.size >= MAX_FOLLOWED_LOGS) return refused(429);
    const [client, server] = socketPair();
    this.#sockets.acceptWebSocket(server, token === null ? [LOG_TAG] : [LOG_TAG, token]);
    pods.logs.accept(server, request);
    return new Response(null, { status: 101, webSocket: client });
  }

  message(running: Running | undefined, socket: WebSocket, message: string): void {
    if (!running || running.hub.message(socket, message) || running.pods.logs.message(socket, message)) return;
    running.bridges.message(socket, message);
  }

  closed(running: Running | undefined, socket: WebSocket): void {
    running?.hub.closed(socket);
    running?.bridges.closed(socket);
    running?.pods.logs.closed(socket);
  }

  endAll(why: string): void {
    for (const socket of this.#sockets.getWebSockets()) {
      // It takes a while to be closed, and is nobody's watch meanwhile.
      socket.serializeAttachment(null);
      socket.close(1001, why);
    }
  }

  /** Ends what goes on by a token that is no longer good. Its readers may come again, and have to show one that is. */
  endThoseOf(tokenId: string, running: Running | undefined): void {
    this.#tokenEnds.end(tokenId);
    for (const socket of this.#sockets.getWebSockets(tokenId)) {
      this.closed(running, socket);
      socket.serializeAttachment(null);
      socket.close(1001, TOKEN_IS_OVER);
    }
  }
}
