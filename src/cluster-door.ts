/** The door to a cluster: finds its Durable Object, lets the request in, and hands it to the API server or to etcd's gateway. */

import { AnswerSizes } from './answer-sizes.ts';
import { bearerToken, type Identity } from './apiserver/authentication.ts';
import { flowControlResponse, tooManyRequests } from './apiserver/flow-control.ts';
import { admitRequest, type Gate, requireAdminToken, statusResponse, tokenAuthority } from './apiserver/gate.ts';
import { pastStorage } from './apiserver/past-storage.ts';
import { type ApiServer, createApiServer } from './apiserver/server.ts';
import { isServiceAccountToken } from './apiserver/service-account-token.ts';
import { StatusError } from './apiserver/status.ts';
import type { TokenKey, TokenKeySource } from './apiserver/token-key.ts';
import { watchOverWebSocket, watchProtocol } from './apiserver/watch-websocket.ts';
import { LISTING_MS } from './cluster-life.ts';
import { BUSY_HEADER, busyOf, type Entry, etcdUrl } from './cluster-rpc.ts';
import { ClusterGone, type ClusterStub, RemoteStorage } from './cluster-storage.ts';
import type { Env } from './env.ts';
import { InFlight } from './in-flight.ts';
import { countAnonymous, countRequest, countStrangerOf, uncountRequest } from './platform/admission.ts';
import { busySeconds, letAlone } from './platform/busy-clusters.ts';
import { listClusters, removeIfMadeBy } from './platform/directory.ts';
import { forgetCluster, isCluster } from './platform/known-clusters.ts';
import { kubectlOrigin } from './platform/kubeconfig.ts';
import { MAX_REQUESTS_IN_FLIGHT } from './platform/limits.ts';
import { unstored } from './response-headers.ts';
import { BoundedMap } from './simulation/bounded-map.ts';
import { clusterTime } from './simulation/clock.ts';
import { Draws } from './simulation/draws.ts';
import { heldUntilRead } from './simulation/held-body.ts';
import { heldBytes, LIGHT_BYTES } from './simulation/held-bytes.ts';

/** Clusters whose entry a Worker remembers; the object refuses an entry that is no longer true. */
const MAX_REMEMBERED_ENTRIES = 1000;
/** For how long: a clock that was changed is noticed after as much. */
const ENTRY_LIFETIME_MS = 1000;
const entries = new BoundedMap<{ entry: Entry; draws: Draws; at: number }>(MAX_REMEMBERED_ENTRIES);

const inFlight = new InFlight(MAX_REQUESTS_IN_FLIGHT);
const answerSizes = new AnswerSizes();

/** `id`: what the request names a cluster by, whatever that may be. */
export async function serveCluster(request: Request, env: Env, id: string, pathname: string): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await admitAndServe(request, env, id, pathname);
    } catch (error) {
      if (error instanceof StatusError) return statusResponse(error.status);
      if (!(error instanceof ClusterGone)) throw error;
      entries.delete(id);
      forgetCluster(id);
      // A body that has been read cannot be read again, so only what was remembered wrongly is tried once more.
      if (attempt > 0 || request.bodyUsed) return statusResponse(noCluster(id).status);
    }
  }
}

/** Strangers are counted by their address before they are by the cluster that they ask, so that they take nothing from its own users. */
async function admitAndServe(request: Request, env: Env, id: string, pathname: string): Promise<Response> {
  const now = Date.now();
  const stranger = bearerToken(request) === undefined && !request.headers.has('x-cluster-token');
  if (stranger) countStranger(request, env);
  const made = await isCluster(env.DB, id, now, () => {
    if (!stranger) countStranger(request, env);
  });
  if (!made) throw noCluster(id);
  const strangersWait = stranger ? countStrangerOf(id, env, now) : 0;
  if (strangersWait > 0) throw tooManyRequests(strangersWait);
  const wait = busySeconds(id, now);
  const retryAfter = wait > 0 ? wait : countRequest(id, env, now);
  if (retryAfter > 0) return flowControlResponse(retryAfter);
  const serve = () => serveOnce(request, env, id, pathname);
  return inFlight.run(id, now, serve, () => flowControlResponse(1));
}

/** A request that has not shown that it may. @throws StatusError 429 */
function countStranger(request: Request, env: Env): void {
  const retryAfter = countAnonymous(request, env, Date.now());
  if (retryAfter > 0) throw tooManyRequests(retryAfter);
}

async function serveOnce(request: Request, env: Env, id: string, pathname: string): Promise<Response> {
  const stub = env.CLUSTER.getByName(id) as unknown as ClusterStub;
  const opened = await openEntry(stub, id);
  if (!opened) {
    // Whoever made or ended it was gone between the object and the directory. One that is being made is in both a moment later.
    await removeIfMadeBy(env.DB, id, Date.now() - LISTING_MS);
    forgetCluster(id);
  }
  if (!opened || opened.entry.expiresAt <= Date.now()) throw noCluster(id);
  const { entry } = opened;
  const busy = (milliseconds: number): void => letAlone(id, milliseconds, Date.now());
  const held = heldBytes.open(id);
  const storage = new RemoteStorage(stub, entry.epoch, { draws: opened.draws, held, busy });
  const gate: Gate = {
    credentials: { adminTokenHashes: entry.adminTokenHashes, tokenKey: tokenKeyOf(entry, storage) },
    storage,
    now: () => clusterTime(entry.clock, Date.now()),
    realNow: () => Date.now(),
    unknownToken: async (hash) => {
      uncountRequest(id, env);
      countStranger(request, env);
      if ((await listClusters(env.DB, Date.now(), hash)).length > 0)
        throw new StatusError(403, 'Forbidden', `forbidden: this token is another cluster's, not that of "${id}"`, {});
    },
  };
  if (pathname === '/etcd' || pathname.startsWith('/etcd/')) {
    const target = `${pathname.slice('/etcd'.length) || '/'}${new URL(request.url).search}`;
    return forwardToEtcd(request, { stub, epoch: entry.epoch, busy }, gate, target);
  }
  const past = /^\/at\/(\d+)(\/.*)$/s.exec(pathname);
  const path = past ? past[2]! : pathname;
  const identity = await admitRequest(request, path, gate);
  const url = new URL(request.url);
  url.pathname = path;
  const server = createApiServer({
    storage: past ? pastStorage(storage, Math.min(Number(past[1]), Number.MAX_SAFE_INTEGER)) : storage,
    config: entry.config,
    tokens: tokenAuthority(gate),
    now: gate.now,
    address: addressOf(request, pathname, env),
    webhooks: entry.webhooks,
  });
  const inner = new Request(url, request);
  const response = isWebSocket(request)
    ? await serveWebSocket(server, inner, identity)
    : await serveHeld(inner, id, storage, () => server.handle(inner, identity));
  if (storage.gone) throw new ClusterGone();
  if (storage.full) return flowControlResponse(1);
  return SECRET.test(path) ? unstored(response) : response;
}

/** Serves a request; one whose answer is large has to find room for it, and keeps that until the answer has been read. */
async function serveHeld(
  request: Request,
  id: string,
  storage: RemoteStorage,
  serve: () => Promise<Response>,
): Promise<Response> {
  const { held } = storage;
  const url = new URL(request.url);
  const expected = answerSizes.expected(id, request, url);
  if (expected > 0 && !(await held.wait(expected))) return flowControlResponse(1);
  const response = await serve();
  // A watch gives back by itself what it held at its beginning.
  if (isWatch(url)) return response;
  answerSizes.remember(id, request, url, storage.bytes);
  if (Math.max(held.bytes, storage.bytes) > LIGHT_BYTES) return heldUntilRead(response, held);
  held.give();
  return response;
}

const isWatch = ({ pathname, searchParams }: URL): boolean => searchParams.has('watch') || pathname.includes('/watch/');

/** Where answers have tokens and other secrets in them; what is written in another way is rare and is taken for one. */
const SECRET = /\/secrets(\/|$)|\/token(reviews)?$|%/;

/** The cluster's key as the entry has it; one that was made since the entry was read is asked for. */
const tokenKeyOf = (entry: Entry, storage: RemoteStorage): TokenKeySource => {
  const ask = async (make: boolean): Promise<TokenKey | undefined> => {
    const key = entry.tokenKey ?? (await storage.tokenKey(make));
    if (key) entry.tokenKey = key;
    return key;
  };
  return { find: () => ask(false), make: async () => (await ask(true))! };
};

/** Where a client reaches the cluster by TLS: what of the request's address comes before the API's own path. */
function addressOf(request: Request, pathname: string, env: Env): string {
  const { pathname: whole } = new URL(request.url);
  const prefix = whole.endsWith(pathname) ? whole.slice(0, whole.length - pathname.length) : '';
  return kubectlOrigin(request.url, env.LOCAL_HTTPS_ORIGIN).replace(/^http:/, 'https:') + prefix;
}

const isWebSocket = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket';

/** A watch over a WebSocket; anything else that asks for an upgrade is answered as if it had not. */
async function serveWebSocket(server: ApiServer, request: Request, identity: Identity): Promise<Response> {
  const exchange = server.exchange(request, identity);
  if (exchange?.verb !== 'watch') return server.handle(request, identity);
  const [client, socket] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  socket.accept();
  await watchOverWebSocket(exchange, socket);
  const protocol = watchProtocol(request);
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: protocol ? { 'sec-websocket-protocol': protocol } : {},
  });
}

async function openEntry(stub: ClusterStub, id: string): Promise<{ entry: Entry; draws: Draws } | null> {
  const now = Date.now();
  const remembered = entries.get(id);
  if (remembered && now - remembered.at < ENTRY_LIFETIME_MS) return remembered;
  const entry = await stub.open();
  // Requests under way go on drawing while an entry is renewed.
  const draws = entries.get(id)?.draws ?? new Draws();
  entries.delete(id);
  if (!entry) return null;
  const opened = { entry, draws, at: now };
  entries.set(id, opened);
  return opened;
}

/** What of an id is said back: longer than any name may be, and shorter than a document. */
const SHOWN_ID_LENGTH = 253;

function noCluster(given: string): StatusError {
  const name = given.slice(0, SHOWN_ID_LENGTH);
  const details = { name, group: 'diorama.dev', kind: 'clusters' };
  return new StatusError(404, 'NotFound', `clusters.diorama.dev "${name}" not found`, details);
}

/**
 * The object hosts etcd's gateway, so that its streams are as long as they need to be. The cluster's token comes in either of two
 * headers, because etcd's own token has the usual one when there is such a token.
 */
async function forwardToEtcd(
  request: Request,
  { stub, epoch, busy }: { stub: ClusterStub; epoch: string; busy: (milliseconds: number) => void },
  gate: Gate,
  path: string,
): Promise<Response> {
  const headers = new Headers(request.headers);
  const token = headers.get('x-cluster-token') ?? bearerToken(request);
  if (token === undefined || isServiceAccountToken(token))
    return Response.json(
      { code: 16, message: "etcd is the cluster admin's: send the cluster's token" },
      { status: 401 },
    );
  await requireAdminToken(token, gate);
  headers.delete('x-cluster-token');
  const response = await stub.fetch(new Request(etcdUrl(epoch, path), new Request(request, { headers })));
  if (response.status === 410) throw new ClusterGone();
  busy(busyOf(response));
  return unbuffered(response);
}

/** Streams must not be gathered or packed on their way. */
function unbuffered(response: Response): Response {
  const { webSocket } = response;
  if (webSocket && !response.headers.has(BUSY_HEADER)) return response;
  const headers = new Headers(response.headers);
  // It is nobody else's.
  headers.delete(BUSY_HEADER);
  if (webSocket) return new Response(null, { status: response.status, webSocket, headers });
  headers.set('content-encoding', 'identity');
  headers.set('cache-control', 'no-cache, private, no-transform, no-store');
  return new Response(response.body, { status: response.status, headers });
}
