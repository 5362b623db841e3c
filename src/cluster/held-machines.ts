/** Which pods have a machine in memory, whoever was asked for last at the end, and how much that is. */
import type { PodRuntime } from '../kubelet/runtime/pod-runtime.ts';

/** So many bytes of machines are kept in memory, and so many machines. */
export const MAX_MACHINE_BYTES = 16 * 1024 * 1024;
export const MAX_MACHINES = 500;

export class HeldMachines {
  /** What each held when somebody else was asked for after it: until then it may have grown. */
  readonly #sizes = new Map<PodRuntime, number>();
  #bytes = 0;
  #last: PodRuntime | undefined;

  /** Somebody asks for what runs of a pod. */
  asked(runtime: PodRuntime): void {
    if (runtime === this.#last) return;
    this.#measure();
    this.#last = runtime;
    const size = this.#sizes.get(runtime);
    if (size === undefined) return;
    this.#sizes.delete(runtime);
    this.#sizes.set(runtime, size);
  }

  /** Its machine is about to be made: others are forgotten to make room, unless something goes on in them. */
  add(runtime: PodRuntime): void {
    this.#measure();
    for (const other of this.#sizes.keys()) {
      if (this.#sizes.size < MAX_MACHINES && this.#bytes <= MAX_MACHINE_BYTES) break;
      if (other !== runtime && other.forgetMachine()) this.let(other);
    }
    this.#note(runtime, 0);
    this.#last = runtime;
  }

  let(runtime: PodRuntime): void {
    this.#bytes -= this.#sizes.get(runtime) ?? 0;
    this.#sizes.delete(runtime);
    if (this.#last === runtime) this.#last = undefined;
  }

  #measure(): void {
    if (this.#last?.hasMachine) this.#note(this.#last, this.#last.size);
  }

  #note(runtime: PodRuntime, size: number): void {
    this.#bytes += size - (this.#sizes.get(runtime) ?? 0);
    this.#sizes.set(runtime, size);
  }
}
