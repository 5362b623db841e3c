/**
 * How many bytes were held for requests' answers, so that whoever asks the same finds room for as many before anything is read, and
 * finds it in the process for heavy work if they are many (of a list that is sent in parts these are the bytes of one part, as each
 * other is made when it is taken).
 */
import { MAX_KNOWN_QUESTIONS, MAX_QUESTION_LENGTH } from '../platform/limits.ts';
import { BoundedMap } from '../simulation/bounded-map.ts';
import { LIGHT_BYTES } from '../simulation/held-bytes.ts';

export class AnswerSizes {
  readonly #known = new BoundedMap<number>(MAX_KNOWN_QUESTIONS);

  /** How many bytes the answer will hold, about; 0: few, or that is not known. */
  expected(id: string, { method }: Request, { pathname, search }: URL): number {
    return method === 'POST' ? 0 : (this.#known.get(question(id, pathname, search)) ?? 0);
  }

  /** How many there may be, by what is known of the same place without a query. */
  possible(id: string, request: Request, url: URL): number {
    const known = request.method === 'POST' ? 0 : (this.#known.get(question(id, url.pathname)) ?? 0);
    return Math.max(known, this.expected(id, request, url));
  }

  /** Of an answer that was light it is worth to know only that it is no longer heavy. What is created is not what is at the place. */
  remember(id: string, { method }: Request, { pathname, search }: URL, bytes: number): void {
    const asked = question(id, pathname, search);
    if (method === 'POST' || asked.length > MAX_QUESTION_LENGTH) return;
    if (bytes > LIGHT_BYTES) this.#known.set(asked, bytes);
    else this.#known.delete(asked);
  }
}

/** Of all that a Worker serves. */
export const answerSizes = new AnswerSizes();

const question = (id: string, pathname: string, search = ''): string => `${id} ${pathname}${search}`;
