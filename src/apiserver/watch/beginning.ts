/** The state that a watch begins with, as far as it is asked for. */
import type { KeyValue, RangeRequest, RangeResponse } from '../../etcd/types.ts';
import type { ReadResult, Storage } from '../storage/storage.ts';

/** Characters of values that one watch reads at a time of the state that it begins with. */
const INITIAL_PART_BYTES = 512 * 1024;

/** All that is there at the start, part by part as the reader takes it, as of one revision. Who takes a part empties it. */
export class InitialParts implements AsyncIterable<KeyValue[]> {
  readonly revision: number;
  readonly now: number;
  readonly #storage: Storage;
  readonly #range: RangeRequest;
  readonly #first: RangeResponse;

  private constructor(storage: Storage, range: RangeRequest, { revision, now, responses }: ReadResult) {
    this.#storage = storage;
    this.#range = range;
    this.revision = revision;
    this.now = now;
    this.#first = responses[0]!;
  }

  static async begin(storage: Storage, range: RangeRequest): Promise<InitialParts> {
    const bounded = { ...range, maxBytes: INITIAL_PART_BYTES };
    return new InitialParts(storage, bounded, await storage.read([bounded]));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KeyValue[]> {
    for (let response = this.#first; ; ) {
      const last = response.kvs.at(-1)?.key;
      yield response.kvs;
      if (!response.more || last === undefined) return;
      const rest = { ...this.#range, key: `${last}\0`, revision: this.revision };
      response = (await this.#storage.read([rest])).responses[0]!;
    }
  }
}
