/**
 * Which requests to a cluster are computed in the process for heavy work, and the way there. A request that is known to be heavy, by
 * its body or by what was read for it the last time, goes at once; one that turns out to be goes as soon as that is seen, as long as it
 * has written nothing. What is heavy takes seats (`platform/heavy-requests.ts`), and waits where it is, with its body unread.
 */
import { bodyRead } from './apiserver/body.ts';
import { flowControlResponse } from './apiserver/flow-control.ts';
import { statusResponse } from './apiserver/gate.ts';
import { timedOut } from './apiserver/pipeline.ts';
import type { Admitted } from './cluster-server.ts';
import { ClusterGone, type RemoteStorage } from './cluster-storage.ts';
import type { Env } from './env.ts';
import { type HeavyRequests, heavyRequests, isWatch, whenPassedOn } from './platform/heavy-requests.ts';
import { BODY_GROWTH, MAX_BODY_BYTES, OFFLOADED_BODY_BYTES, OFFLOADED_READ_BYTES } from './platform/limits.ts';

/** Between the two processes: `Admitted` as JSON; how many bytes were read; that the cluster is not there. */
export const ADMITTED_HEADER = 'x-diorama-admitted';
export const BYTES_HEADER = 'x-diorama-bytes';
export const GONE_HEADER = 'x-diorama-gone';

export const readAdmitted = (text: string): Admitted => JSON.parse(decodeURIComponent(text)) as Admitted;

type Heavy = NonNullable<Env['HEAVY']>;

/** Bytes of body that a request brings; of one that does not say, as many as there may be. */
function bodyBytes(request: Request): number {
  if (!request.body) return 0;
  const announced = request.headers.get('content-length');
  return announced === null ? MAX_BODY_BYTES : Number(announced);
}

/** Whether the answer is what is stored, put together. */
function isPassedOn(request: Request, url: URL): boolean {
  const { searchParams } = url;
  if (request.method !== 'GET' || searchParams.has('labelSelector') || searchParams.has('fieldSelector')) return false;
  return !/as=|yaml|protobuf|cbor/.test(request.headers.get('accept') ?? '');
}

/** Bytes that make the request heavy; 0: it is not, as far as is known. */
export function weightOf(known: HeavyRequests, id: string, request: Request, url = new URL(request.url)): number {
  if (isWatch(url)) return 0;
  const sent = bodyBytes(request);
  const read = isPassedOn(request, url) ? 0 : known.readAt(id, url);
  return sent >= OFFLOADED_BODY_BYTES || read >= OFFLOADED_READ_BYTES ? Math.max(1, sent, read) * BODY_GROWTH : 0;
}

/** Serves a request here by `serve`, or in the process `heavy` after `leave` was called. `inner`: the request as the API server reads it. */
export async function hereOrElsewhere(
  { heavy, leave }: { heavy: Heavy; leave: () => void },
  { request, inner }: { request: Request; inner: Request },
  admitted: Admitted,
  storage: RemoteStorage,
  serve: () => Promise<Response>,
): Promise<Response> {
  const { id } = admitted;
  const url = new URL(inner.url);
  const weight = weightOf(heavyRequests, id, inner, url);
  if (weight > 0) {
    leave();
    return send(heavy, inner, admitted, { url, weight });
  }
  if (!isWatch(url) && !isPassedOn(inner, url)) storage.maxBytes = storage.bytes + OFFLOADED_READ_BYTES;
  const response = await serve();
  storage.maxBytes = Number.POSITIVE_INFINITY;
  if (!storage.tooMuch) return response;
  leave();
  heavyRequests.remember(id, url, storage.bytes);
  const again = bodyRead(inner);
  const whole = again ? new Request(inner.url, { method: inner.method, headers: request.headers, body: again }) : inner;
  return send(heavy, whole, admitted, { url, weight: storage.bytes * BODY_GROWTH });
}

async function send(
  heavy: Heavy,
  request: Request,
  admitted: Admitted,
  { url, weight }: { url: URL; weight: number },
): Promise<Response> {
  const { id } = admitted;
  const seat = await heavyRequests.wait(id, weight, Date.now);
  if (!seat) return flowControlResponse(1);
  const headers = new Headers(request.headers);
  // Who it is from is said once, by what came of these.
  for (const name of [...headers.keys()])
    if (name === 'authorization' || name.startsWith('impersonate-')) headers.delete(name);
  headers.set(ADMITTED_HEADER, encodeURIComponent(JSON.stringify(admitted)));
  let response: Response;
  try {
    response = await heavy.fetch(new Request(request, { headers, redirect: 'manual' }));
  } catch {
    heavyRequests.giveBack(seat);
    // The process is not there, or ended meanwhile: of a write nobody knows what became.
    return request.method === 'GET' || request.method === 'HEAD'
      ? flowControlResponse(1)
      : statusResponse(timedOut().status);
  }
  if (response.headers.has(GONE_HEADER)) {
    heavyRequests.giveBack(seat);
    throw new ClusterGone();
  }
  const own = new Response(response.body, response);
  const read = own.headers.get(BYTES_HEADER);
  own.headers.delete(BYTES_HEADER);
  heavyRequests.remember(id, url, Number(read ?? 0));
  return whenPassedOn(own, () => heavyRequests.giveBack(seat));
}
