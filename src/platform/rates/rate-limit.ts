/**
 * How often somebody may ask: a token bucket for each key, in this Worker's memory. Time is an argument, in milliseconds since 1970.
 * Where several Workers serve, each counts for itself.
 */
import { BoundedMap } from '../../simulation/bounded-map.ts';
import { MAX_LIMITED_KEYS, type Rate } from '../limits.ts';

/** What sums of fractions may be beside the truth. */
const ROUNDING = 1e-6;

/** For how long a door is closed at the most. */
export const MAX_DEBT_SECONDS = 10;

/** May go into debt, as what a piece of work costs is known only when it has been done. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor({ burst }: Rate, now: number) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** @returns for how many milliseconds nothing is to be taken; 0: something is left. */
  wait({ perSecond, burst }: Rate, now: number): number {
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000);
    this.#at = now;
    const missing = 1 - this.#tokens;
    return missing < ROUNDING ? 0 : Math.max(1, Math.ceil((missing * 1000) / perSecond - ROUNDING));
  }

  /** The debt has a bound: one piece of work, however large, does not close a door for long. */
  take({ perSecond }: Rate, cost: number): void {
    this.#tokens = Math.max(-MAX_DEBT_SECONDS * perSecond, this.#tokens - cost);
  }
}

export class RateLimiter {
  readonly #buckets = new BoundedMap<TokenBucket>(MAX_LIMITED_KEYS);

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes what something costs. @returns 0, or in how many milliseconds to ask again; then nothing was taken. */
  take(key: string, rate: Rate, now: number, cost = 1): number {
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket(rate, now);
      this.#buckets.set(key, bucket);
    }
    const wait = bucket.wait(rate, now);
    if (wait === 0) bucket.take(rate, cost);
    return wait;
  }

  /** What was taken for something that has not been done. */
  giveBack(key: string, rate: Rate, cost = 1): void {
    this.#buckets.get(key)?.take(rate, -cost);
  }
}
