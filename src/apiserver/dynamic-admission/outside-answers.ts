/**
 * What a decision has to know from elsewhere, such as a webhook's answer. A decision is a pure function and waits for nobody: it says what
 * it lacks, whoever commits it asks, holding no turn, and it is made again on the same reads, drawing the same chance.
 */

/** The answers that there are so far, by what was asked to the letter. */
export class OutsideAnswers {
  readonly #answers = new Map<string, unknown>();
  readonly #texts: string[] = [];

  /** @throws AnswersNeeded where it is not known yet; `ask` never fails: an error is an answer too. */
  of<T>(question: string, ask: () => Promise<T>): T {
    return this.all([{ question, ask }])[0]!;
  }

  /** A number that stands for a text, which is long, in questions. */
  numberOf(text: string): number {
    const known = this.#texts.indexOf(text);
    return known < 0 ? this.#texts.push(text) - 1 : known;
  }

  /** Several at once, which are asked side by side. @throws AnswersNeeded */
  all<T>(asked: readonly { question: string; ask: () => Promise<T> }[]): T[] {
    const missing = asked.filter(({ question }) => !this.#answers.has(question));
    if (missing.length > 0)
      throw new AnswersNeeded(async () => {
        await Promise.all(missing.map(async ({ question, ask }) => this.#answers.set(question, await ask())));
      });
    return asked.map(({ question }) => this.#answers.get(question) as T);
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
