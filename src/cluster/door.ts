/** The door to a cluster: finds its Durable Object, lets the request in, and hands it to the API server or to etcd's gateway. */

import { flowControlResponse, tellFlow, tooManyRequests } from '../apiserver/answer/flow-control.ts';
import { admitRequest, type Gate, opaqueIdentity, statusResponse } from '../apiserver/gate.ts';
import { bearerToken, type Identity } from '../apiserver/identity/authentication.ts';
import type { ShownCertificate } from '../apiserver/identity/client-certificate.ts';
import { isServiceAccountToken } from '../apiserver/identity/service-account-token.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { isPodConnection, podUpgrade } from '../apiserver/subresources/pod-connection.ts';
import { isPodLog, logUpgrade } from '../apiserver/subresources/pod-log.ts';
import { watchOverWebSocket, watchProtocol } from '../apiserver/watch/websocket.ts';
import { StatusError } from '../objects/status.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import type { ClusterDoor } from '../platform/bindings.ts';
import { kubectlOrigin } from '../platform/clusters/kubeconfig.ts';
import { opensCluster, removeIfMadeBy } from '../platform/directory/directory.ts';
import { forgetCluster, isCluster } from '../platform/directory/known-clusters.ts';
import { unstored } from '../platform/http/response-headers.ts';
import { MAX_REQUESTS_IN_FLIGHT } from '../platform/limits.ts';
import { busySeconds, letAlone } from '../platform/rates/busy-clusters.ts';
import { countAnonymous, countRequest, countStrangerOf, uncountRequest } from '../platform/rates/rates.ts';
import { isMaster } from '../resources/rbac/authorizer.ts';
import { heldBytes } from '../simulation/held-bytes.ts';
import { forgetEntry, gateOf, openEntry } from './entry.ts';
import type { Env } from './env.ts';
import { InFlight } from './in-flight.ts';
import { LISTING_MS } from './life.ts';
import { Lines, pause } from './line.ts';
import { hereOrElsewhere } from './offload.ts';
import { ClusterGone, type ClusterStub, RemoteStorage } from './remote-storage.ts';
import { BRIDGE_PATH, BUSY_HEADER, busyOf, type Entry, etcdUrl } from './rpc.ts';
import { apiPath, innerUrl, serverOf } from './server.ts';
import { socketPair } from './socket-pair.ts';
import { bridgeWebhooks } from './webhook-door.ts';

const inFlight = new InFlight(MAX_REQUESTS_IN_FLIGHT);
const lines = new Lines(Date.now, pause);

/** `id`: what the request names a cluster by, whatever that may be; `url`: the request's; `certificate`: what its client has shown. */
export async function serveCluster(
  request: Request,
  env: Env,
  id: string,
  pathname: string,
  { url = new URL(request.url), certificate }: { url?: URL; certificate?: ShownCertificate | undefined } = {},
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await admitAndServe(request, env, { id, pathname, url, certificate });
    } catch (error) {
      if (error instanceof StatusError) return statusResponse(error.status);
      if (!(error instanceof ClusterGone)) throw error;
      forgetEntry(id);
      forgetCluster(id);
      // A body that has been read cannot be read again, so only what was remembered wrongly is tried once more.
      if (attempt > 0 || request.bodyUsed) return statusResponse(noCluster(id).status);
    }
  }
}

/** Strangers are counted by their address before they are by the cluster that they ask, so that they take nothing from its own users. */
async function admitAndServe(request: Request, env: Env, asked: Asked): Promise<Response> {
  const { id } = asked;
  const now = Date.now();
  const shows = asked.certificate !== undefined || request.headers.has('x-cluster-token');
  const stranger = !shows && bearerToken(request) === undefined;
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
  const serve = async () => {
    const leave = await lines.enter(id);
    try {
      return await serveOnce(request, env, { ...asked, leave });
    } finally {
      leave();
    }
  };
  return inFlight.run(id, now, serve, () => flowControlResponse(1));
}

/** A request that has not shown that it may. @throws StatusError 429 */
function countStranger(request: Request, env: Env): void {
  const retryAfter = countAnonymous(request, env, Date.now());
  if (retryAfter > 0) throw tooManyRequests(retryAfter);
}

/** Which cluster a request is to, for which of its paths, and the URL by which it came. */
interface Asked {
  id: string;
  pathname: string;
  url: URL;
  /** What the client has shown in the handshake of TLS. */
  certificate?: ShownCertificate | undefined;
}

/** `leave`: what is done elsewhere from here on keeps nobody waiting. */
async function serveOnce(request: Request, env: Env, asked: Asked & { leave: () => void }): Promise<Response> {
  const { id } = asked;
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
  const storage = new RemoteStorage(stub, entry.epoch, { draws: opened.draws, kinds: opened.kinds, held, busy });
  try {
    return await admitAndAnswer(request, env, { ...asked, stub, entry, storage, busy });
  } catch (error) {
    // An answer gives back what is held for it when it has been read; of this request there is none.
    held.give();
    throw error;
  }
}

interface Opened extends Asked {
  leave: () => void;
  stub: ClusterStub;
  entry: Entry;
  storage: RemoteStorage;
  busy: (milliseconds: number) => void;
}

async function admitAndAnswer(
  request: Request,
  env: Env,
  { id, pathname, url, certificate, leave, stub, entry, storage, busy }: Opened,
): Promise<Response> {
  let forbidden: Identity | undefined;
  const gate: Gate = {
    ...gateOf(entry, storage, () => stub.open()),
    forbidden(who) {
      forbidden = who;
    },
    ...(certificate === undefined ? {} : { certificate }),
    unknownToken: async (hash) => {
      uncountRequest(id, env);
      countStranger(request, env);
      if (await opensCluster(env.DB, Date.now(), hash))
        throw new StatusError(403, 'Forbidden', `forbidden: this token is another cluster's, not that of "${id}"`, {});
    },
  };
  if (pathname === BRIDGE_PATH)
    return bridgeWebhooks(request, { stub, epoch: entry.epoch }, gate, url.searchParams.getAll('to'));
  if (pathname === '/etcd' || pathname.startsWith('/etcd/')) {
    const target = `${pathname.slice('/etcd'.length) || '/'}${url.search}`;
    return forwardToEtcd(request, { stub, epoch: entry.epoch, busy }, gate, target);
  }
  const inner = innerUrl(url, pathname);
  let identity: Identity;
  try {
    identity = await admitRequest(request, inner, gate);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    // What proves nothing makes nobody known.
    if (certificate !== undefined && error.status.code === 401) {
      uncountRequest(id, env);
      countStranger(request, env);
    }
    if (!forbidden) throw error;
    storage.held.give();
    const refused = statusResponse(error.status);
    tellFlow(refused, entry.flows, forbidden, request, inner);
    return refused;
  }
  storage.token = identity.token;
  const asker = { id, identity, pathname, address: addressOf(url, pathname, env) };
  const callWebhook: CallWebhook = (call) => {
    // A webhook may ask the cluster before it answers, and so may others meanwhile.
    leave();
    return storage.callWebhook(call);
  };
  const server = serverOf(asker, entry, storage, { gate, assets: env.ASSETS, callWebhook });
  // What was read to let the request in says nothing of its answer.
  storage.bytes = 0;
  const stream = isWebSocket(request) ? await bySocket(server, request, inner, identity) : undefined;
  const asked = { request, url: inner, admitted: asker, storage, leave };
  const response = stream ?? (await hereOrElsewhere(env.HEAVY, asked, () => server.handle(request, identity, inner)));
  if (storage.gone) throw new ClusterGone();
  if (storage.full) return flowControlResponse(1);
  return SECRET.test(apiPath(pathname)) ? unstored(response) : response;
}

/** Where answers have tokens and other secrets in them; what is written in another way is rare and is taken for one. */
const SECRET = /\/secrets(\/|$)|\/token(reviews)?$|%/;

/** Where a client reaches the cluster by TLS: what of the request's address comes before the API's own path. */
function addressOf(url: URL, pathname: string, env: Env): string {
  const { pathname: whole } = url;
  const prefix = whole.endsWith(pathname) ? whole.slice(0, whole.length - pathname.length) : '';
  return kubectlOrigin(url, env.LOCAL_HTTPS_ORIGIN).replace(/^http:/, 'https:') + prefix;
}

const isWebSocket = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket';

/** A watch, or a connection to a pod, over a WebSocket. Undefined: anything else that asks for an upgrade is answered as if it had not. */
async function bySocket(
  server: ApiServer,
  request: Request,
  url: URL,
  identity: Identity,
): Promise<Response | undefined> {
  const exchange = await server.exchange(request, identity, url);
  if (!exchange) return undefined;
  if (exchange.verb === 'watch') {
    const [client, socket] = socketPair();
    socket.accept();
    await watchOverWebSocket(exchange, socket);
    return upgraded(client, watchProtocol(request));
  }
  if (!isPodConnection(exchange) && !isPodLog(exchange)) return undefined;
  const upgrade = await (isPodLog(exchange) ? logUpgrade(exchange) : podUpgrade(exchange));
  exchange.storage.held?.give();
  if (upgrade instanceof Response) return upgrade;
  const [client, socket] = socketPair();
  upgrade.join(socket);
  return upgraded(client, upgrade.protocol);
}

const upgraded = (webSocket: WebSocket, protocol: string | undefined): Response =>
  new Response(null, { status: 101, webSocket, headers: protocol ? { 'sec-websocket-protocol': protocol } : {} });

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
  const identity = await opaqueIdentity(token, headers, gate);
  if (!isMaster(identity))
    return Response.json({ code: 7, message: "etcd is the cluster admin's: this token may do less" }, { status: 403 });
  headers.delete('x-cluster-token');
  const response = await stub.fetch(
    new Request(etcdUrl(epoch, path, identity.token), new Request(request, { headers })),
  );
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

/** The clusters' APIs for those in the same Worker who have something to do there for somebody. */
export const clusterDoor = (env: Env): ClusterDoor => ({
  serve: (request, id, pathname) => serveCluster(request, env, id, pathname),
  forget: forgetEntry,
});
