/** The result of the plugin before, in its own version and in the present form. */
import { wrapping } from '../errors.ts';
import { type Result, readPrevResult, toCurrent } from '../result.ts';

export interface Previous {
  /** As it is handed on. */
  given: Result;
  current: Result;
}

/** undefined: there is none. Throws `CNIError`. */
export function previousOf(version: string, prevResult: Record<string, unknown> | undefined): Previous | undefined {
  if (!prevResult) return undefined;
  const given = wrapping('could not parse prevResult', () => readPrevResult(version, prevResult));
  return { given, current: wrapping('could not convert result to current version', () => toCurrent(given)) };
}
