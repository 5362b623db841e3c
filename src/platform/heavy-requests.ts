/**
 * Requests whose answers are large take seats, as in API priority and fairness: only so many bytes of one cluster's answers, and of all,
 * are held at a time; who finds no seat waits, and is refused in the end. What an answer holds is known from what was read before the
 * last one to the same question began (of a list that is sent in parts that is one part, as each other is made when it is taken), or
 * supposed of a list of a large cluster. A cluster that has no seat is given one at any time, so that none can keep another from its
 * own: in all there may be the common bytes and one answer of each cluster. Time is an argument, milliseconds since 1970.
 */
import { route } from '../apiserver/route.ts';
import { BoundedMap } from '../simulation/bounded-map.ts';
import {
  HEAVY_BYTES,
  HEAVY_POLL_MS,
  HEAVY_SEAT_MS,
  HEAVY_WAIT_MS,
  MAX_HEAVY_BYTES,
  MAX_HEAVY_BYTES_OF_CLUSTER,
  MAX_KNOWN_QUESTIONS,
  MAX_QUESTION_LENGTH,
} from './limits.ts';

export interface Seat {
  id: string;
  bytes: number;
  /** A client that has gone may never give it back. */
  until: number;
}

export class HeavyRequests {
  readonly #known = new BoundedMap<number>(MAX_KNOWN_QUESTIONS);
  #seats: Seat[] = [];

  /** How many bytes the answer will hold, about; 0: few. `stored`: what the cluster has in all. */
  expected(id: string, request: Request, url: URL, stored: number): number {
    if (request.method !== 'GET' || isWatch(url)) return 0;
    const known = this.#known.get(`${id} ${url.pathname}${url.search}`);
    if (known !== undefined) return known < HEAVY_BYTES ? 0 : known;
    return stored >= HEAVY_BYTES && isWholeList(url) ? stored : 0;
  }

  /** How many bytes were read for the last request to the same place, whatever it was asked; 0: that is not known. */
  readAt(id: string, { pathname, search }: URL): number {
    return Math.max(this.#known.get(`${id} ${pathname}${search}`) ?? 0, this.#known.get(`${id} ${pathname}`) ?? 0);
  }

  remember(id: string, url: URL, bytes: number): void {
    const question = `${id} ${url.pathname}${url.search}`;
    if (question.length <= MAX_QUESTION_LENGTH && !isWatch(url)) this.#known.set(question, bytes);
  }

  /** Takes a seat for so many bytes; undefined when there is none. The only one of a cluster always has its seat. */
  take(id: string, bytes: number, now: number): Seat | undefined {
    this.#seats = this.#seats.filter(({ until }) => until > now);
    const own = this.#seats.filter((seat) => seat.id === id);
    if (own.length > 0 && sum(own) + bytes > MAX_HEAVY_BYTES_OF_CLUSTER) return undefined;
    if (own.length > 0 && sum(this.#seats) + bytes > MAX_HEAVY_BYTES) return undefined;
    const seat = { id, bytes, until: now + HEAVY_SEAT_MS };
    this.#seats.push(seat);
    return seat;
  }

  giveBack(seat: Seat): void {
    this.#seats = this.#seats.filter((other) => other !== seat);
  }

  /** Waits for a seat; undefined: in vain. One Worker's requests must not wake each other, so each looks for itself. */
  async wait(id: string, bytes: number, now: () => number): Promise<Seat | undefined> {
    for (const until = now() + HEAVY_WAIT_MS; ; ) {
      const seat = this.take(id, bytes, now());
      if (seat || now() >= until) return seat;
      await new Promise((resolve) => setTimeout(resolve, HEAVY_POLL_MS));
    }
  }
}

/** Of all that a Worker serves. */
export const heavyRequests = new HeavyRequests();

const sum = (seats: readonly Seat[]): number => seats.reduce((total, { bytes }) => total + bytes, 0);

/** A watch sends what it reads bit by bit. */
export const isWatch = ({ pathname, searchParams }: URL): boolean =>
  searchParams.has('watch') || pathname.includes('/watch/');

function isWholeList({ pathname, searchParams }: URL): boolean {
  if (searchParams.has('limit')) return false;
  try {
    const found = route('GET', pathname, searchParams);
    return 'resource' in found && found.resource.verb === 'list';
  } catch {
    return false;
  }
}

/** The platform's own, which costs nothing; Node, where this is never called, does not have it. */
declare const IdentityTransformStream: typeof TransformStream;

/** The same answer; `done` is called when it has been read, or nobody is there to read it. */
export function whenRead(response: Response, done: () => void): Response {
  if (!response.body) {
    done();
    return response;
  }
  const { readable, writable } = new IdentityTransformStream();
  response.body.pipeTo(writable).then(done, done);
  return new Response(readable, response);
}

/** Bytes of an answer from elsewhere that are handed on at a time. */
const PASSED_BYTES = 64 * 1024;

/** The same for an answer from elsewhere: left to itself, the platform would pass it on without a word of its end. */
export function whenPassedOn(response: Response, done: () => void): Response {
  if (!response.body) {
    done();
    return response;
  }
  const { readable, writable } = new IdentityTransformStream();
  passOn(response.body as ReadableStream<Uint8Array>, writable).then(done, done);
  return new Response(readable, response);
}

async function passOn(body: ReadableStream<Uint8Array>, sink: WritableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader({ mode: 'byob' });
  const writer = sink.getWriter();
  try {
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(PASSED_BYTES));
      if (done) return await writer.close();
      await writer.write(value);
    }
  } catch (error) {
    await Promise.allSettled([reader.cancel(error), writer.abort(error)]);
  }
}
