/** What comes for a watch until its reader takes it. */
import type { WatchBatch } from '../../etcd/types.ts';
import type { WatchStream } from '../storage/storage.ts';

type Message = { batch: WatchBatch } | 'bookmark' | 'end';

/** What waits for the reader: a batch at the most, and the newest bookmark. The next batch is asked for when this one is taken. */
export class Mailbox {
  #batch: WatchBatch | undefined;
  #bookmark = false;
  #over = false;
  #wake = (): void => {};
  #isGiven = false;
  #taken = (): void => {};

  get isOver(): boolean {
    return this.#over;
  }

  /** Hands on the stream's batches until it ends. */
  async fill(stream: WatchStream): Promise<void> {
    try {
      for await (const batch of stream) {
        this.#batch = batch;
        this.#wake();
        await new Promise<void>((resolve) => {
          this.#taken = resolve;
        });
      }
    } catch {
      // The store is gone: the client resumes elsewhere.
    }
    this.end();
  }

  bookmark(): void {
    this.#bookmark = true;
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
    this.#taken();
  }

  /** The batch that came before has been dealt with. */
  async next(): Promise<Message> {
    if (this.#isGiven) this.#taken();
    this.#isGiven = false;
    for (;;) {
      const batch = this.#batch;
      this.#batch = undefined;
      if (batch) {
        this.#isGiven = true;
        return { batch };
      }
      if (this.#over) return 'end';
      if (this.#bookmark) {
        this.#bookmark = false;
        return 'bookmark';
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
