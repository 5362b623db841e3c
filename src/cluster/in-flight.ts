/** How much is being done for each cluster at this moment. Time is an argument, milliseconds since 1970. */
import { BoundedMap } from '../simulation/bounded-map.ts';

/** A request whose client has gone may never come to its end: it counts for one to two of these. */
export const IN_FLIGHT_WINDOW_MS = 30_000;
export const MAX_CLUSTERS = 10_000;

/** Requests that have begun in a window and not ended. */
interface Window {
  at: number;
  count: number;
}

export class InFlight {
  readonly #windows = new BoundedMap<{ current: Window; previous: Window }>(MAX_CLUSTERS);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Does the work, or what is to be done instead while there is as much as there may be. */
  async run<T>(id: string, now: number, work: () => Promise<T>, refuse: () => T): Promise<T> {
    const { current, previous } = this.#at(id, Math.floor(now / IN_FLIGHT_WINDOW_MS));
    if (current.count + previous.count >= this.#limit) return refuse();
    current.count++;
    try {
      return await work();
    } finally {
      current.count--;
    }
  }

  #at(id: string, at: number): { current: Window; previous: Window } {
    const found = this.#windows.get(id);
    if (found?.current.at === at) return found;
    const previous = found?.current.at === at - 1 ? found.current : { at: at - 1, count: 0 };
    const windows = { current: { at, count: 0 }, previous };
    this.#windows.set(id, windows);
    return windows;
  }
}
