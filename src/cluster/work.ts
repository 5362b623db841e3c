/**
 * What a cluster's object does is counted in units, because time stands still within a request on the platform: a unit is about what
 * a read of one small object takes. As in API priority and fairness, what is large takes more seats than what is small.
 */
import type { Proposal } from '../apiserver/storage/storage.ts';
import { bytesRead } from '../etcd/bounded-read.ts';
import type { RangeResponse } from '../etcd/types.ts';
import type { Rate } from '../platform/limits.ts';
import { TokenBucket } from '../platform/rates/rate-limit.ts';

/** Bytes of answers or of puts that cost a unit. */
const UNIT_BYTES = 16 * 1024;
/** A commit waits for the disk, and is written twice. */
const COMMIT_UNITS = 2;
/** Watches that cost a write a unit more, and how many more at the most: as many seats has a write in the real server. */
const UNIT_WATCHES = 100;
export const MAX_WATCH_UNITS = 10;
/** What the cluster's own components rest at the most: they never stand still, however much was asked of the object. */
export const MAX_PAUSE_MS = 1000;
export const RECONCILE_UNITS = 1;
export const WATCH_UNITS = 5;
export const GATEWAY_UNITS = 3;
/** What was written is looked up one by one. */
export const STORY_UNITS = 10;
/** A cluster begins anew, with all that its components read then; and revisions that are taken back for a unit more. */
const RESET_UNITS = 20;
const UNIT_REVISIONS = 20;
/** Characters of rules that one answer about a node's rules holds, and what it takes to come to them. */
export const MAX_RULE_STEPS = 25_000_000;

/** What so many steps towards a node's rules cost; a step is about a character of theirs. */
export const rulesUnits = (steps: number): number => 1 + Math.floor(Math.min(steps, MAX_RULE_STEPS) / UNIT_BYTES);

export const resetUnits = (revisions: number): number => RESET_UNITS + Math.floor(revisions / UNIT_REVISIONS);

/** A question about nothing but the instant is one too. */
export function readUnits(responses: readonly Pick<RangeResponse, 'kvs'>[]): number {
  return Math.max(1, responses.length) + Math.floor(bytesRead(responses) / UNIT_BYTES);
}

/** What so many bytes of a log, or of a session, cost. */
export const logUnits = (bytes: number): number => 1 + Math.floor(bytes / UNIT_BYTES);

/** What a proposal costs that is committed. */
export function proposalUnits({ steps }: Proposal, watches: number): number {
  let bytes = 0;
  for (const op of steps.flat()) if ('put' in op) bytes += op.put.value.length;
  return COMMIT_UNITS + Math.floor(bytes / UNIT_BYTES) + Math.min(MAX_WATCH_UNITS, Math.floor(watches / UNIT_WATCHES));
}

/** What the object of a cluster may do. It never refuses what it has been asked: it says for how long nothing more is to come. */
export class WorkBudget {
  readonly #rate: Rate;
  readonly #bucket: TokenBucket;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#bucket = new TokenBucket(rate, now);
  }

  /** @returns 0, or for how many milliseconds the object is to be let alone after this. */
  spend(units: number, now: number): number {
    this.#bucket.take(this.#rate, units);
    return this.#bucket.wait(this.#rate, now);
  }

  /** For how many milliseconds the cluster's own components are to rest before their next turn: they keep to the budget too. */
  pause(now: number): number {
    return Math.min(MAX_PAUSE_MS, this.#bucket.wait(this.#rate, now));
  }
}
