/**
 * Clusters share a thread, and whoever asks much of one must not stand in the way of the others: so many requests of a cluster are
 * served at a time, and the rest wait. One Worker's requests must not wake each other, so each looks for itself, ever less often.
 * A request whose client has gone may never come to its end: what has been served for long holds no place. Times are real
 * milliseconds, those of day since 1970.
 */
import { BoundedMap } from '../simulation/bounded-map.ts';

/** Requests of one cluster that are served at a time. */
export const SERVED_AT_A_TIME = 16;
/** What takes longer does not compute. */
export const MAX_PLACE_MS = 2000;
/** Who has waited for so long goes on all the same. */
export const MAX_LINE_MS = 15_000;
/** How often who waits looks at first, and at last. */
const FIRST_LOOK_MS = 2;
const LAST_LOOK_MS = 64;
const MAX_LINES = 10_000;

/** When a request that is served began. */
interface Place {
  at: number;
}

export class Lines {
  readonly #served = new BoundedMap<Place[]>(MAX_LINES);
  readonly #now: () => number;
  readonly #sleep: (milliseconds: number) => Promise<unknown>;

  constructor(now: () => number, sleep: (milliseconds: number) => Promise<unknown>) {
    this.#now = now;
    this.#sleep = sleep;
  }

  /** Fulfilled when it is one's turn, with a way to end it, which may be called again. */
  async enter(id: string): Promise<() => void> {
    let served = this.#served.get(id);
    if (!served) {
      served = [];
      this.#served.set(id, served);
    }
    if (served.length >= SERVED_AT_A_TIME) await this.#turn(served);
    const place = { at: this.#now() };
    served.push(place);
    return () => remove(served, place);
  }

  async #turn(served: Place[]): Promise<void> {
    const until = this.#now() + MAX_LINE_MS;
    for (let look = FIRST_LOOK_MS; this.#now() < until; look = Math.min(2 * look, LAST_LOOK_MS)) {
      const since = this.#now() - MAX_PLACE_MS;
      for (const place of served.filter(({ at }) => at <= since)) remove(served, place);
      if (served.length < SERVED_AT_A_TIME) return;
      await this.#sleep(look);
    }
  }
}

function remove(served: Place[], place: Place): void {
  const at = served.indexOf(place);
  if (at >= 0) served.splice(at, 1);
}
