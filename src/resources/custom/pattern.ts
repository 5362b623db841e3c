/** Regular expressions of schemas, in Go's syntax. */
import { compilePattern, type Pattern } from '../../cel/regex.ts';
import { CelError } from '../../cel/value.ts';

/** `error`: what Go says of a text that is none. */
export function patternOf(source: string): Pattern | { error: string } {
  const pattern = compilePattern(source);
  return pattern instanceof CelError ? { error: pattern.message } : pattern;
}
