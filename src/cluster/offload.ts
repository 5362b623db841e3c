/**
 * Which requests to a cluster are computed in the process for heavy work, and the way there. A request that is known to be heavy, by
 * its body or by what was read for it the last time, goes at once; one that turns out to be goes as soon as that is seen, as long as it
 * has written nothing. There it waits for room, with its body unread (`simulation/held-bytes.ts`); nothing is held for it here.
 */

import { flowControlResponse } from '../apiserver/answer/flow-control.ts';
import { timedOut } from '../apiserver/answer/timeout.ts';
import { statusResponse } from '../apiserver/gate.ts';
import { type Route, route } from '../apiserver/route.ts';
import { bodyRead, requestIfLong } from '../apiserver/write/body.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { OFFLOADED_BODY_BYTES, OFFLOADED_READ_BYTES } from '../platform/limits.ts';
import { type AnswerSizes, answerSizes } from './answer-sizes.ts';
import type { Env } from './env.ts';
import { answerHeld } from './held-answer.ts';
import { ClusterGone, type RemoteStorage } from './remote-storage.ts';
import type { Admitted } from './server.ts';

/** Between the two processes: `Handed` as JSON; how many bytes were held for the answer; that the cluster is not there. */
export const ADMITTED_HEADER = 'x-diorama-admitted';
export const BYTES_HEADER = 'x-diorama-bytes';
export const GONE_HEADER = 'x-diorama-gone';

/** What the other process is told of a request; `expected`: bytes for which it needs room, as far as is known. */
type Handed = Admitted & { expected: number };

export const readHanded = (text: string): Handed => JSON.parse(decodeURIComponent(text)) as Handed;

type Heavy = NonNullable<Env['HEAVY']>;

/** A request, its URL as the API server reads it, and what goes with them. `leave`: what is done elsewhere keeps nobody waiting. */
interface Asked {
  request: Request;
  url: URL;
  admitted: Admitted;
  storage: RemoteStorage;
  leave: () => void;
}

/** Nobody reads what comes with a question. */
const bringsBody = ({ body, method }: Request): boolean => body !== null && method !== 'GET' && method !== 'HEAD';

/** Bytes of body that a request brings; of one that does not say, as many as one likes. */
function bodyBytes(request: Request): number {
  if (!bringsBody(request)) return 0;
  const announced = request.headers.get('content-length');
  return announced === null ? (bodyRead(request)?.length ?? Number.POSITIVE_INFINITY) : Number(announced);
}

/** Whether the answer is what is stored, put together. */
function isPassedOn(request: Request, url: URL): boolean {
  const { searchParams } = url;
  if (request.method !== 'GET' || searchParams.get('labelSelector') || searchParams.get('fieldSelector')) return false;
  return !/as=|yaml|protobuf|cbor/.test(request.headers.get('accept') ?? '');
}

/** Undefined: it is refused for its path. */
function routeOf({ method }: Request, { pathname, searchParams }: URL, catalog: Catalog): Route | undefined {
  try {
    return route(catalog, method, pathname, searchParams);
  } catch {
    return undefined;
  }
}

/** What gives back by itself what was held for it, and goes on for long. */
const STREAMED = /\/(log|proxy)(\/|$)/;

function isStream(request: Request, url: URL, catalog: Catalog): boolean {
  return isWatch(request, url, catalog) || (STREAMED.test(url.pathname) && isSubresource(request, url, catalog));
}

function isSubresource(request: Request, url: URL, catalog: Catalog): boolean {
  const found = routeOf(request, url, catalog);
  return found !== undefined && 'resource' in found && ['log', 'proxy'].includes(found.resource.subresource ?? '');
}

function isWatch(request: Request, url: URL, catalog: Catalog): boolean {
  if (request.method !== 'GET' || !(url.searchParams.has('watch') || url.pathname.includes('/watch/'))) return false;
  const found = routeOf(request, url, catalog);
  return found !== undefined && 'resource' in found && found.resource.verb === 'watch';
}

/** Whether a request is heavy, as far as is known. */
export function isHeavy(
  known: AnswerSizes,
  catalog: Catalog,
  id: string,
  request: Request,
  url = new URL(request.url),
): boolean {
  if (isStream(request, url, catalog)) return false;
  if (bodyBytes(request) >= OFFLOADED_BODY_BYTES) return true;
  return !isPassedOn(request, url) && known.possible(id, request, url) >= OFFLOADED_READ_BYTES;
}

/** Serves a request here by `serve`, or in the process for heavy work, if there is one. @throws ClusterGone */
export async function hereOrElsewhere(
  heavy: Heavy | undefined,
  asked: Asked,
  serve: () => Promise<Response>,
): Promise<Response> {
  const { request, url, admitted, storage } = asked;
  if (isStream(request, url, storage.catalog)) return serve();
  if (heavy && bringsBody(request) && !request.headers.has('content-length')) {
    // What is refused for its path is refused before its body is there.
    if (!routeOf(request, url, storage.catalog)) return serve();
    const long = await requestIfLong(request, OFFLOADED_BODY_BYTES);
    if (long) return send(heavy, { ...asked, request: long });
  }
  if (heavy && isHeavy(answerSizes, storage.catalog, admitted.id, request, url)) return send(heavy, asked);
  if (heavy && !isPassedOn(request, url)) storage.maxBytes = OFFLOADED_READ_BYTES;
  const expected = answerSizes.expected(admitted.id, request, url);
  const response = await answerHeld(storage, expected, async () => {
    const answer = await serve();
    answerSizes.remember(admitted.id, request, url, storage.tooMuch ? OFFLOADED_READ_BYTES : storage.bytes);
    return answer;
  });
  return heavy && storage.tooMuch ? send(heavy, asked) : response;
}

async function send(heavy: Heavy, { request, url, admitted, leave }: Asked): Promise<Response> {
  leave();
  const { id } = admitted;
  const headers = new Headers(request.headers);
  // Who it is from is said once, by what came of these; and it is no WebSocket.
  for (const name of [...headers.keys()])
    if (/^(authorization|upgrade|impersonate-.*)$/.test(name)) headers.delete(name);
  const known = answerSizes.expected(id, request, url);
  // What a long body takes is there for what is read after it.
  const handed: Handed = { ...admitted, expected: known > bodyBytes(request) ? known : 0 };
  headers.set(ADMITTED_HEADER, encodeURIComponent(JSON.stringify(handed)));
  // A body that was read already is sent again.
  const body = bodyRead(request);
  const { method } = request;
  const sent = body
    ? new Request(request.url, { method, headers, body, redirect: 'manual' })
    : new Request(request, { headers, redirect: 'manual' });
  let response: Response;
  try {
    response = await heavy.fetch(sent);
  } catch {
    // The process is not there, or ended meanwhile: of a write nobody knows what became.
    return request.method === 'GET' || request.method === 'HEAD'
      ? flowControlResponse(1)
      : statusResponse(timedOut().status);
  }
  if (response.headers.has(GONE_HEADER)) throw new ClusterGone();
  const own = new Response(response.body, response);
  const bytes = own.headers.get(BYTES_HEADER);
  own.headers.delete(BYTES_HEADER);
  if (bytes !== null) answerSizes.remember(id, request, url, Number(bytes));
  return own;
}
