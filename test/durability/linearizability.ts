/**
 * Whether a recorded history of concurrent clients could have come from one register a key that does one operation at a time.
 *
 *     const verdict = checkLinearizability(operations);
 *     if (!verdict.linearizable) console.log(verdict.key, verdict.stuck);
 *
 * The search is Wing and Gong's with Lowe's memory of (operations done, state); keys are independent, so each is searched alone.
 */

export type Input =
  | { type: 'put'; value: string }
  | { type: 'get' }
  | { type: 'delete' }
  /** Puts `value` if the key has `expected`; undefined: if it does not exist. */
  | { type: 'compareAndPut'; expected: string | undefined; value: string };

/** What was answered: a get's value, how many keys a delete found, whether a comparison held. */
export interface Output {
  value?: string | undefined;
  deleted?: number;
  succeeded?: boolean;
}

export interface Operation {
  key: string;
  input: Input;
  /** Undefined: nobody knows whether it took effect. */
  output: Output | undefined;
  /** Instants of one clock that never shows the same twice. */
  called: number;
  /** Of an operation without output: after which it can't take effect any more; infinity if it can at any time. */
  returned: number;
}

export type Verdict =
  | { linearizable: true }
  | {
      linearizable: false;
      key: string;
      /** The longest order that was found, and what could not follow it. */
      order: Operation[];
      stuck: Operation[];
    };

/** A key's value; undefined: it does not exist. */
type State = string | undefined;

export function checkLinearizability(operations: readonly Operation[]): Verdict {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const list = byKey.get(operation.key);
    if (list) list.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  for (const [key, list] of byKey) {
    const verdict = new Search(list).run(key);
    if (!verdict.linearizable) return verdict;
  }
  return { linearizable: true };
}

/** The state after the operation; null: it can't have answered what it did from this state. */
function step(state: State, { input, output }: Operation): { state: State } | null {
  switch (input.type) {
    case 'put':
      return { state: input.value };
    case 'get':
      return !output || output.value === state ? { state } : null;
    case 'delete':
      return !output || output.deleted === (state === undefined ? 0 : 1) ? { state: undefined } : null;
    case 'compareAndPut': {
      const holds = state === input.expected;
      if (output && output.succeeded !== holds) return null;
      return { state: holds ? input.value : state };
    }
    default:
      input satisfies never;
      throw new TypeError(String(input));
  }
}

interface Choice {
  index: number;
  /** As it was before the choice. */
  state: State;
  latestCall: number;
  first: number;
  /** What else could have been chosen here. */
  others: number[];
}

class Search {
  readonly #operations: Operation[];
  readonly #done: boolean[];
  readonly #visited = new Set<string>();
  #state: State;
  /** The latest call among those done: nothing that had returned by then can still come. */
  #latestCall = Number.NEGATIVE_INFINITY;
  /** All before it are done or can't come any more. */
  #first = 0;

  constructor(operations: Operation[]) {
    this.#operations = operations.toSorted((a, b) => a.called - b.called);
    this.#done = this.#operations.map(() => false);
  }

  run(key: string): Verdict {
    let missing = this.#operations.filter(({ output }) => output).length;
    const choices: Choice[] = [];
    let longest: number[] = [];
    let stuck: number[] = [];
    let candidates = this.#candidates();
    while (missing > 0) {
      const index = candidates.shift();
      if (index === undefined) {
        const last = choices.pop();
        if (!last) return this.#refusal(key, longest, stuck);
        if (this.#operations[last.index]!.output) missing++;
        this.#undo(last);
        candidates = last.others;
        continue;
      }
      const choice = this.#choose(index, candidates);
      if (!choice) continue;
      choices.push(choice);
      if (this.#operations[index]!.output) missing--;
      candidates = this.#candidates();
      if (choices.length > longest.length) {
        longest = choices.map((made) => made.index);
        stuck = [...candidates];
      }
    }
    return { linearizable: true };
  }

  /** What may come next: called before anything that is missing has returned. Those whose outcome is known come first. */
  #candidates(): number[] {
    const known: number[] = [];
    const unknown: number[] = [];
    let earliestReturn = Number.POSITIVE_INFINITY;
    for (let i = this.#first; i < this.#operations.length; i++) {
      const operation = this.#operations[i]!;
      if (operation.called > earliestReturn) break;
      if (this.#done[i] || this.#isOver(operation)) continue;
      if (operation.output) {
        known.push(i);
        earliestReturn = Math.min(earliestReturn, operation.returned);
      } else unknown.push(i);
    }
    return [...known, ...unknown];
  }

  /** An unanswered operation that can only have had no effect by now. */
  #isOver({ output, returned }: Operation): boolean {
    return !output && returned < this.#latestCall;
  }

  #choose(index: number, others: number[]): Choice | undefined {
    const operation = this.#operations[index]!;
    const next = step(this.#state, operation);
    // One that changes nothing and was not answered might as well never have been.
    if (!next || (!operation.output && next.state === this.#state)) return undefined;
    const choice = { index, state: this.#state, latestCall: this.#latestCall, first: this.#first, others };
    this.#done[index] = true;
    this.#state = next.state;
    this.#latestCall = Math.max(this.#latestCall, operation.called);
    while (this.#first < this.#operations.length && this.#isPast(this.#first)) this.#first++;
    const position = this.#position();
    if (this.#visited.has(position)) {
      this.#undo(choice);
      return undefined;
    }
    this.#visited.add(position);
    return choice;
  }

  #isPast(index: number): boolean {
    return this.#done[index]! || this.#isOver(this.#operations[index]!);
  }

  #undo({ index, state, latestCall, first }: Choice): void {
    this.#done[index] = false;
    this.#state = state;
    this.#latestCall = latestCall;
    this.#first = first;
  }

  /** What decides the rest of the search. */
  #position(): string {
    const ahead: number[] = [];
    for (let i = this.#first; i < this.#operations.length; i++) {
      if (this.#operations[i]!.called > this.#latestCall) break;
      if (this.#done[i]) ahead.push(i);
    }
    return JSON.stringify([this.#first, ahead, this.#state ?? null]);
  }

  #refusal(key: string, order: number[], stuck: number[]): Verdict {
    const named = (indexes: number[]): Operation[] => indexes.map((i) => this.#operations[i]!);
    return { linearizable: false, key, order: named(order), stuck: named(stuck) };
  }
}
