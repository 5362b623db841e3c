/**
 * Whether a recorded history of one register can be explained by some order of its operations that respects time: the search of Wing and
 * Gong, with Lowe's memory of configurations, as Porcupine does it. https://github.com/anishathalye/porcupine
 */

export type Value = string | null;

export type Input = { put: string } | { get: true } | { swap: { from: Value; to: string } };

export interface Recorded {
  input: Input;
  /** Undefined: the answer never came, so the operation may have happened at any time after its start, or never. */
  output?: Value | boolean;
  start: number;
  end: number;
}

/** The register after the operation, or undefined if it can't have answered so. */
function step(state: Value, { input, output }: Recorded): { state: Value } | undefined {
  if ('put' in input) return { state: input.put };
  if ('get' in input) return output === undefined || output === state ? { state } : undefined;
  const swaps = state === input.swap.from;
  if (output !== undefined && output !== swaps) return undefined;
  return { state: swaps ? input.swap.to : state };
}

export function isLinearizable(history: Recorded[]): boolean {
  const operations = [...history].sort((a, b) => a.start - b.start);
  const seen = new Set<string>();
  const search = (done: Set<number>, state: Value): boolean => {
    const configuration = `${[...done].sort((a, b) => a - b).join(',')}|${state}`;
    if (seen.has(configuration)) return false;
    seen.add(configuration);
    const open = operations.map((_, i) => i).filter((i) => !done.has(i));
    const answered = open.filter((i) => operations[i]!.output !== undefined);
    if (answered.length === 0) return true;
    // Whatever comes next started before the first of the others had its answer.
    const latest = Math.min(...answered.map((i) => operations[i]!.end));
    for (const i of open) {
      const operation = operations[i]!;
      if (operation.start > latest) break;
      const after = step(state, operation);
      if (after && search(new Set(done).add(i), after.state)) return true;
    }
    return false;
  };
  return search(new Set(), null);
}
