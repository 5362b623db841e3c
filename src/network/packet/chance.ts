/** What rules leave to chance: drawn from a seed, or every outcome in turn with its probability. */
import type { Random } from '../../simulation/random.ts';
import { UNLIMITED_WORK, type WorkBudget } from '../../simulation/work-budget.ts';

export interface Chance {
  happens(probability: number): boolean;
  /** From 0 to `count` - 1, each as likely. */
  oneOf(count: number): number;
}

const DRAWN_FROM = 0x1_0000_0000;

export const drawnChance = (random: Random): Chance => ({
  happens: (probability) => random.integer(DRAWN_FROM) < probability * DRAWN_FROM,
  oneOf: (count) => random.integer(count),
});

export interface Outcome<T> {
  /** Between 0 and 1; those of all outcomes are 1 together. */
  probability: number;
  value: T;
}

interface Choice {
  taken: number;
  probabilities: readonly number[];
}

/** Follows the choices that were noted, and notes new ones with their first possibility. */
class NotedChance implements Chance {
  readonly #choices: Choice[];
  #next = 0;

  constructor(choices: Choice[]) {
    this.#choices = choices;
  }

  happens(probability: number): boolean {
    if (probability <= 0 || probability >= 1) return probability >= 1;
    return this.#choose([probability, 1 - probability]) === 0;
  }

  oneOf(count: number): number {
    return count === 1 ? 0 : this.#choose(new Array<number>(count).fill(1 / count));
  }

  #choose(probabilities: readonly number[]): number {
    if (this.#next === this.#choices.length) this.#choices.push({ taken: 0, probabilities });
    return this.#choices[this.#next++]!.taken;
  }
}

/** Walks once for each way that chance can go. `walk` must do the same for the same chance. A step of `work` is a choice. */
export function everyOutcome<T>(walk: (chance: Chance) => T, work: WorkBudget = UNLIMITED_WORK): Outcome<T>[] {
  const outcomes: Outcome<T>[] = [];
  const choices: Choice[] = [];
  do {
    const value = walk(new NotedChance(choices));
    work.spend(choices.length + 1);
    outcomes.push({ probability: choices.reduce((product, c) => product * c.probabilities[c.taken]!, 1), value });
    while (choices.length > 0 && choices.at(-1)!.taken === choices.at(-1)!.probabilities.length - 1) choices.pop();
    const last = choices.at(-1);
    if (last) last.taken++;
  } while (choices.length > 0);
  return outcomes;
}
