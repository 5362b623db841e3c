/**
 * What a decision has to know from elsewhere, such as a webhook's answer. A decision is a pure function and waits for nobody: it says what
 * it lacks, whoever commits it asks, holding no turn, and it is made again on the same reads, drawing the same chance.
 */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import { heapBytes } from '../../objects/heap-bytes.ts';
import type { Holding } from '../../simulation/held-bytes.ts';
import { tooManyRequests } from '../answer/flow-control.ts';
import { timedOut } from '../answer/timeout.ts';

/** How many answers one request may have to wait for; so it is decided no more often than that because of them. */
export const MAX_ANSWERS = 1000;

/** What is asked of somebody outside. The same is asked once. */
export interface Question<T> {
  /** Who is asked, and for what. */
  whom: string;
  /** What about: it may be long. */
  text: string;
  /** Never fails, unless there is no room for what was answered: an error is an answer too. */
  ask: () => Promise<T>;
}

/** The answers that there are so far. */
export class OutsideAnswers {
  readonly #answers = new Map<string, unknown>();
  readonly #open: (() => Holding) | undefined;
  #held: Holding | undefined;
  #isOver = false;
  /** The text that was asked about last, as others are mostly asked about the same. */
  #last = { text: '', digest: '' };

  /** `open`: where they count as long as their request goes on; nowhere unless said. */
  constructor(open?: () => Holding) {
    this.#open = open;
  }

  /** @throws AnswersNeeded where it is not known yet; StatusError 504 where too much is asked */
  of<T>(question: Question<T>): T {
    return this.all([question])[0]!;
  }

  /** Several at once, which are asked side by side. @throws AnswersNeeded, StatusError 504 */
  all<T>(questions: readonly Question<T>[]): T[] {
    const asked = questions.map(({ whom, text, ask }) => ({ key: `${whom} ${this.#digestOf(text)}`, ask }));
    const missing = asked.filter(({ key }) => !this.#answers.has(key));
    if (missing.length === 0) return asked.map(({ key }) => this.#answers.get(key) as T);
    if (this.#answers.size + missing.length > MAX_ANSWERS) throw timedOut();
    throw new AnswersNeeded(async () => {
      await Promise.all(missing.map(async ({ key, ask }) => this.#keep(key, await ask())));
    });
  }

  /** They are needed no more, nor are those that are still to come. */
  end(): void {
    this.#isOver = true;
    this.#answers.clear();
    this.#held?.give();
  }

  /** @throws StatusError 429 where there is no room for it */
  async #keep(key: string, answer: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#held ??= this.#open?.();
    if (this.#held && !(await this.#held.waitHeavy(heapBytes(answer)))) throw tooManyRequests(1);
    if (this.#isOver) this.#held?.give();
    else this.#answers.set(key, answer);
  }

  #digestOf(text: string): string {
    if (text !== this.#last.text) this.#last = { text, digest: bytesToHex(sha256(text)) };
    return this.#last.digest;
  }
}

/** Thrown in a decision that can be made when `fetch` has come to its end. */
export class AnswersNeeded extends Error {
  readonly fetch: () => Promise<void>;

  constructor(fetch: () => Promise<void>) {
    super('a decision waits for answers from outside');
    this.fetch = fetch;
  }
}
