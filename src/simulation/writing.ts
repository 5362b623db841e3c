/** A reconcile's writes on their way. One that waits is made again where they stopped, as a controller goes on when its request is answered. */
import { type PumpPorts, type Writer, WriteWaits } from './pump-ports.ts';
import type { ReconcileResult, Write } from './reconciler.ts';
import type { Work } from './work.ts';

type Apply<Object> = PumpPorts<Object>['apply'];

export class Writing<Object> {
  readonly work: Work;
  readonly result: ReconcileResult<Object>;
  readonly #writer: Writer;
  #writes: readonly Write<Object>[];
  #made = 0;

  constructor(work: Work, writer: Writer, result: ReconcileResult<Object>) {
    this.work = work;
    this.#writer = writer;
    this.result = result;
    this.#writes = result.writes;
  }

  get isDone(): boolean {
    return this.#made === this.#writes.length;
  }

  /** Makes the next one, and what is to be told of it. @throws WriteWaits, or why it was refused */
  next(apply: Apply<Object>): void {
    const write = this.#writes[this.#made]!;
    const made = this.#make(write, apply);
    this.#made++;
    if (write.verb !== 'create' || !write.created || !made) return;
    const told = write.created(made);
    for (const [i, consequence] of told.entries())
      try {
        apply(consequence, this.#writer);
      } catch (error) {
        // What has been made is not made again: what waits is the next, and the rest comes after it.
        if (error instanceof WriteWaits) this.#writes = this.#writes.toSpliced(this.#made, 0, ...told.slice(i));
        throw error;
      }
  }

  #make(write: Write<Object>, apply: Apply<Object>): Object | undefined {
    try {
      return apply(write, this.#writer);
    } catch (error) {
      if (error instanceof WriteWaits) throw error;
      if (write.refused && error instanceof Error)
        for (const consequence of write.refused(error.message)) this.#make(consequence, apply);
      if (write.bestEffort) return undefined;
      throw error;
    }
  }
}
