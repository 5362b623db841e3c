/** What changes objects may run twice. Models k8s.io/apiserver's pkg/admission (reinvocation.go) and what its plugins keep for it. */
import { cloneJSON } from '../../objects/clone.ts';
import { sameValue } from '../../objects/equality.ts';
import type { KubeObject } from '../../objects/object.ts';

/** Whether what changes objects is to run again, and what it has remembered of its first run. Models admission.ReinvocationContext. */
export class Reinvocation {
  /** Whether this is the second run. */
  isAgain = false;
  /** Set by who has changed the object: all before are to run again. */
  isWanted = false;
  readonly #runs = new Map<string, Runs>();

  /** What a plugin keeps of the first run for the second. */
  runsOf(plugin: string): Runs {
    let runs = this.#runs.get(plugin);
    if (!runs) {
      runs = new Runs(this);
      this.#runs.set(plugin, runs);
    }
    return runs;
  }
}

/** Which of a plugin's configurations have run, and which are to run again. */
export class Runs {
  readonly #reinvocation: Reinvocation;
  /** Those that may run again and have run since the last change. */
  readonly #previous = new Set<string>();
  readonly #again = new Set<string>();
  #output: KubeObject | undefined;

  constructor(reinvocation: Reinvocation) {
    this.#reinvocation = reinvocation;
  }

  /** Before the first of them runs: whether others have changed the object since. */
  begin(object: KubeObject | undefined): void {
    if (this.#reinvocation.isAgain && !sameValue(object, this.#output)) this.#repeat();
  }

  /** Whether one is to run. */
  mayRun(key: string): boolean {
    return !this.#reinvocation.isAgain || this.#again.has(key);
  }

  /** One has run, which may run again. */
  ran(key: string): void {
    this.#previous.add(key);
  }

  /** One has changed the object: what has run before it is to run again. */
  changed(): void {
    this.#repeat();
    this.#reinvocation.isWanted = true;
  }

  /** After the last of them has run. */
  end(object: KubeObject | undefined): void {
    this.#output = object && cloneJSON(object);
  }

  #repeat(): void {
    for (const key of this.#previous) this.#again.add(key);
    this.#previous.clear();
  }
}
