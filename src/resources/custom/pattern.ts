/** Regular expressions of schemas, in Go's syntax. */
import { compilePattern, type Pattern, patternWeight } from '../../cel/regex.ts';
import { CelError } from '../../cel/value.ts';

/** `error`: what Go says of a text that is none. */
export function patternOf(source: string): Pattern | { error: string } {
  const pattern = compilePattern(source);
  return pattern instanceof CelError ? { error: pattern.message } : pattern;
}

/** What all patterns of a schema may weigh together, each counted once: some hundreds of usual ones. */
export const MAX_PATTERNS = 100_000;

/** Counts the patterns of a schema. */
export class PatternCount {
  readonly #seen = new Set<string>();
  #weight = 0;

  /** Whether that one, with those before, is still not too much. */
  add(source: string): boolean {
    if (this.#seen.has(source)) return true;
    this.#seen.add(source);
    const pattern = compilePattern(source);
    if (!(pattern instanceof CelError)) this.#weight += patternWeight(source, pattern);
    return this.#weight <= MAX_PATTERNS;
  }
}
