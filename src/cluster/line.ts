/**
 * Clusters share a thread, and whoever asks much of one must not stand in the way of the others: so many requests of a cluster are
 * served at a time, and the rest wait, first come first served. A request whose client has gone may never come to its end: what has
 * been served for long holds no place, and neither does who was told that it is his turn and did not answer. Times are real milliseconds,
 * those of day since 1970.
 */
import { BoundedMap } from '../simulation/bounded-map.ts';

/** Requests of one cluster that are served at a time while no other cluster asks for anything, */
export const SERVED_ALONE = 16;
/** and while one does: whoever comes next waits for as many. */
export const SERVED_BESIDE_OTHERS = 4;
/** For how long after its last request a cluster counts as one that asks. */
export const ASKING_MS = 1000;
/** What takes longer does not compute. */
export const MAX_PLACE_MS = 2000;
/** Who has not taken a place that he was given is gone. */
export const MAX_CALL_MS = 250;
/** Who has waited for so long goes on all the same. */
export const MAX_LINE_MS = 15_000;
/** How often who waits looks for places that nobody gave back. */
const LOOK_MS = 1000;
export const MAX_LINES = 10_000;

/** A request that is served, or that was told to be. */
interface Place {
  /** When that began. */
  at: number;
  isTaken: boolean;
}

interface Waiting {
  place?: Place;
  wake: () => void;
}

interface Line {
  id: string;
  served: Place[];
  /** Who has waited longest is first. */
  waiting: Waiting[];
}

/** Fulfilled after so many milliseconds, or soon after `woken` is. */
export type Pause = (milliseconds: number, woken: Promise<void>) => Promise<void>;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * The runtime reads from sockets when it has nothing else to do, and before a timer rings. If those who wait woke one another without, all
 * of them would be served before anybody else's request is read.
 */
async function untilWoken(milliseconds: number, woken: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([woken, passed]);
  clearTimeout(timer ?? null);
  await sleep(0);
}

/** How often who cannot be woken looks. */
const BLIND_LOOK_MS = 10;

interface Runtime {
  Cloudflare?: { compatibilityFlags?: Record<string, boolean> };
}

/** Whether one request's promise may be fulfilled by another; under the tests' own runner it may not, and then each looks for itself. */
const canWake =
  (globalThis as Runtime).Cloudflare?.compatibilityFlags?.handle_cross_request_promise_resolution !== false;

export const pause: Pause = canWake ? untilWoken : (milliseconds) => sleep(Math.min(milliseconds, BLIND_LOOK_MS));

export class Lines {
  readonly #lines = new BoundedMap<Line>(MAX_LINES);
  /** The two that have asked last, the last one first. */
  #asking: { id: string; at: number }[] = [];
  readonly #now: () => number;
  readonly #pause: Pause;

  constructor(now: () => number, pause: Pause) {
    this.#now = now;
    this.#pause = pause;
  }

  /** Fulfilled when it is one's turn, with a way to end it, which may be called again. */
  async enter(id: string): Promise<() => void> {
    const line = this.#lineOf(id);
    this.#asking = [{ id, at: this.#now() }, ...this.#asking.filter((one) => one.id !== id)].slice(0, 2);
    const isFree = line.waiting.length === 0 && line.served.length < this.#places(line);
    const place = isFree ? this.#give(line) : await this.#turn(line);
    place.isTaken = true;
    return () => {
      remove(line.served, place);
      this.#callNext(line);
    };
  }

  #lineOf(id: string): Line {
    const found = this.#lines.get(id);
    if (found) return found;
    const line: Line = { id, served: [], waiting: [] };
    this.#lines.set(id, line);
    return line;
  }

  #places({ id }: Line): number {
    const since = this.#now() - ASKING_MS;
    return this.#asking.some((other) => other.id !== id && other.at > since) ? SERVED_BESIDE_OTHERS : SERVED_ALONE;
  }

  async #turn(line: Line): Promise<Place> {
    const until = this.#now() + MAX_LINE_MS;
    const waiting: Waiting = { wake: () => {} };
    line.waiting.push(waiting);
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        waiting.wake = resolve;
      });
      this.#sweep(line);
      if (waiting.place) return waiting.place;
      const left = until - this.#now();
      if (left <= 0) {
        remove(line.waiting, waiting);
        return this.#give(line);
      }
      await this.#pause(Math.min(left, LOOK_MS), woken);
    }
  }

  #give(line: Line): Place {
    const place = { at: this.#now(), isTaken: false };
    line.served.push(place);
    return place;
  }

  #callNext(line: Line): void {
    while (line.served.length < this.#places(line)) {
      const next = line.waiting.shift();
      if (!next) return;
      next.place = this.#give(line);
      next.wake();
    }
  }

  #sweep(line: Line): void {
    const now = this.#now();
    const isOver = ({ at, isTaken }: Place): boolean => at <= now - (isTaken ? MAX_PLACE_MS : MAX_CALL_MS);
    for (const place of line.served.filter(isOver)) remove(line.served, place);
    this.#callNext(line);
  }
}

function remove<T>(from: T[], one: T): void {
  const at = from.indexOf(one);
  if (at >= 0) from.splice(at, 1);
}
