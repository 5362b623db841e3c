/**
 * How large answers were, so that room is found for the next one to the same question before anything is read for it (of a list that is
 * sent in parts that is room for one part, as each other is made when it is taken).
 */
import { MAX_KNOWN_QUESTIONS, MAX_QUESTION_LENGTH } from './platform/limits.ts';
import { BoundedMap } from './simulation/bounded-map.ts';
import { LIGHT_BYTES } from './simulation/held-bytes.ts';

export class AnswerSizes {
  readonly #known = new BoundedMap<number>(MAX_KNOWN_QUESTIONS);

  /** How many bytes the answer will hold, about; 0: few, or that is not known. */
  expected(id: string, { method }: Request, url: URL): number {
    if (method !== 'GET') return 0;
    const known = this.#known.get(question(id, url)) ?? 0;
    return known <= LIGHT_BYTES ? 0 : known;
  }

  /** Of an answer that was light it is worth to know only that it is no longer heavy. */
  remember(id: string, { method }: Request, url: URL, bytes: number): void {
    const asked = question(id, url);
    if (method !== 'GET' || asked.length > MAX_QUESTION_LENGTH) return;
    if (bytes > LIGHT_BYTES) this.#known.set(asked, bytes);
    else this.#known.delete(asked);
  }
}

const question = (id: string, { pathname, search }: URL): string => `${id} ${pathname}${search}`;
