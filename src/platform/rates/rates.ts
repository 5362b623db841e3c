/** Who may ask how often: the rates that hold here, and what is counted against them. */

import { HOSTED_RATES, LOCAL_RATES, type Rates } from '../limits.ts';
import { z } from '../zod.ts';
import { type AddressBindings, clientAddress } from './client-address.ts';
import { RateLimiter } from './rate-limit.ts';

export interface LimitBindings extends AddressBindings {
  /** JSON that changes some of the rates, e.g. `{"creations": {"perSecond": 5, "burst": 100}}`. */
  LIMITS?: string;
}

const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().min(1) });
const changes = z
  .strictObject({ creations: rate, anonymous: rate, requests: rate, work: rate, webhooks: rate } satisfies Record<
    keyof Rates,
    unknown
  >)
  .partial();

/** @throws Error that says what is wrong with the text. */
export function parseRates(text: string, defaults: Rates): Rates {
  const parsed = changes.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return { ...defaults, ...(parsed.data as Partial<Rates>) };
}

/** The last answer: bindings do not change while a Worker lives. */
let found: { text: string; defaults: Rates; rates: Rates } | undefined;

export function ratesOf({ LIMITS, LOCAL_HTTPS_ORIGIN }: LimitBindings): Rates {
  const defaults = LOCAL_HTTPS_ORIGIN ? LOCAL_RATES : HOSTED_RATES;
  if (!LIMITS) return defaults;
  if (found?.text !== LIMITS || found.defaults !== defaults) {
    let rates = defaults;
    try {
      rates = parseRates(LIMITS, defaults);
    } catch (error) {
      console.error('LIMITS cannot be used', error);
    }
    found = { text: LIMITS, defaults, rates };
  }
  return found.rates;
}

const creations = new RateLimiter();
const anonymous = new RateLimiter();
const requests = new RateLimiter();

/** Whole seconds, at least 1, if there is anything to wait for. */
const seconds = (waitMs: number): number => Math.ceil(waitMs / 1000);

/**
 * Counts a cluster that is to be made. `key`: what stands for the token that the request brought.
 * @returns 0, or in how many seconds to ask again.
 */
export function countCreation(request: Request, bindings: LimitBindings, now: number, key?: string): number {
  const { creations: rate } = ratesOf(bindings);
  const address = clientAddress(request, bindings);
  const wait = address === undefined ? 0 : creations.take(`address ${address}`, rate, now);
  return seconds(wait > 0 || key === undefined ? wait : creations.take(`key ${key}`, rate, now));
}

/** Counts a request that has shown no token, or a wrong one. @returns 0, or in how many seconds to ask again. */
export function countAnonymous(request: Request, bindings: LimitBindings, now: number, cost = 1): number {
  const address = clientAddress(request, bindings);
  return address === undefined
    ? 0
    : seconds(anonymous.take(`address ${address}`, ratesOf(bindings).anonymous, now, cost));
}

/** Counts a request of whatever stranger to a cluster: all of them together must not take its budget. @returns as the others. */
export const countStrangerOf = (id: string, bindings: LimitBindings, now: number): number =>
  seconds(anonymous.take(`cluster ${id}`, ratesOf(bindings).anonymous, now));

/** Counts a request to a cluster. @returns 0, or in how many seconds to ask again. */
export const countRequest = (id: string, bindings: LimitBindings, now: number): number =>
  seconds(requests.take(id, ratesOf(bindings).requests, now));

/** The request turned out to be a stranger's: it is none of the cluster's. */
export const uncountRequest = (id: string, bindings: LimitBindings): void =>
  requests.giveBack(id, ratesOf(bindings).requests);
