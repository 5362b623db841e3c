/**
 * Writers that decide elsewhere on what they have read, and propose: whose guards hold is committed, and who was overtaken lines up
 * for a turn. With the turn it is told what there is now, and until it has proposed again (or given the turn back, or let it lapse)
 * nobody who comes new may change any of that. So each writer decides twice at the most, unless the cluster's own components come
 * in between, and then it keeps its turn.
 *
 * A turn binds nobody to a writer that died: it lapses. What a writer proposes after that is judged by its guards like everything
 * else, so that a slow writer gets on as well.
 */
import type { Outcome, Proposal, ReadResult } from '../apiserver/storage/storage.ts';
import { endOf } from './log.ts';
import type { RangeRequest, RequestOp } from './types.ts';

/** Real milliseconds for a decision and the way to it and back. */
export const TURN_MS = 500;
/** After writers that let their turns lapse others of their kind are to be expected: each gets half of the time before, down to this. */
export const SHORTEST_TURN_MS = 20;
/** Writers in line; who comes after them is told to come again. */
export const MAX_WAITING_WRITERS = 4096;
/** What was drawn by chance is remembered for so many commits. */
export const REMEMBERED_DRAWS = 4096;

export interface TurnPorts {
  /** Commits what is proposed; answers its last revision, undefined when a guard does not hold. */
  commit(proposal: Proposal): number | undefined;
  read(ranges: RangeRequest[]): ReadResult;
  /** Calls back after so many real milliseconds; returns a way to take that back. */
  after(milliseconds: number, callback: () => void): () => void;
}

interface Waiting {
  ranges: RangeRequest[];
  go(outcome: Outcome | undefined): void;
}

export class Turns {
  readonly #ports: TurnPorts;
  readonly #waiting: Waiting[] = [];
  readonly #drawn = new Set<string>();
  #holder: { turn: number; ranges: RangeRequest[]; forget: () => void } | undefined;
  #last = 0;
  #lapses = 0;

  constructor(ports: TurnPorts) {
    this.#ports = ports;
  }

  /** Undefined: the cluster went away meanwhile. */
  propose(proposal: Proposal): Outcome | Promise<Outcome | undefined> {
    const { turn } = proposal;
    const holder = this.#holder;
    if (turn !== undefined && turn === holder?.turn) {
      holder.forget();
      try {
        const outcome = this.#commit(proposal);
        if (outcome) {
          this.#lapses = 0;
          this.#next();
          return outcome;
        }
      } catch (error) {
        this.#next();
        throw error;
      }
      return this.#grant(holder.ranges);
    }
    const mayTry = turn !== undefined || !holder || !proposal.steps.some((step) => touches(step, holder.ranges));
    const outcome = mayTry ? this.#commit(proposal) : undefined;
    if (outcome) return outcome;
    if (!holder) return this.#grant(proposal.ranges);
    if (this.#waiting.length >= MAX_WAITING_WRITERS) return { busy: true };
    return new Promise((go) => {
      this.#waiting.push({ ranges: proposal.ranges, go });
    });
  }

  /** Whoever decided not to write gives the turn back; one that has lapsed is nobody's. */
  release(turn: number): void {
    if (turn !== this.#holder?.turn) return;
    this.#holder.forget();
    this.#lapses = 0;
    this.#next();
  }

  /** The cluster goes away, and with it what its writers wait for. */
  close(): void {
    this.#holder?.forget();
    this.#holder = undefined;
    for (const { go } of this.#waiting.splice(0)) go(undefined);
  }

  #commit(proposal: Proposal): Outcome | undefined {
    const { draw } = proposal;
    // Two that drew by chance for the same purpose drew the same, also where no guard tells.
    if (draw !== undefined && this.#drawn.has(draw)) return undefined;
    const revision = this.#ports.commit(proposal);
    if (revision === undefined) return undefined;
    if (draw !== undefined) this.#remember(draw);
    return { revision };
  }

  #remember(draw: string): void {
    this.#drawn.add(draw);
    const oldest = this.#drawn.values().next().value;
    if (this.#drawn.size > REMEMBERED_DRAWS && oldest !== undefined) this.#drawn.delete(oldest);
  }

  #grant(ranges: RangeRequest[]): Outcome {
    const turn = ++this.#last;
    const forget = this.#ports.after(Math.max(SHORTEST_TURN_MS, TURN_MS / 2 ** this.#lapses), () => {
      this.#lapses++;
      this.#next();
    });
    this.#holder = { turn, ranges, forget };
    return { again: this.#ports.read(ranges), turn };
  }

  #next(): void {
    this.#holder = undefined;
    const next = this.#waiting.shift();
    if (next) next.go(this.#grant(next.ranges));
  }
}

/** Whether `step` would change something of `ranges`. */
function touches(step: readonly RequestOp[], ranges: readonly RangeRequest[]): boolean {
  return step.some((operation) => {
    const write = 'put' in operation ? operation.put : 'deleteRange' in operation ? operation.deleteRange : undefined;
    if (!write) return false;
    const first = write.key;
    const after = ('rangeEnd' in write ? endOf(write.rangeEnd) : undefined) ?? `${first}\0`;
    return ranges.some(({ key, rangeEnd }) => first < (endOf(rangeEnd) ?? `${key}\0`) && key < after);
  });
}
