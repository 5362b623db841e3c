/** `$(NAME)` in commands, variables and paths. Models third_party/forked/golang/expansion. */
import type { ArgumentSpace } from './argument-space.ts';

/** Every reference replaced; `$$` is a dollar sign, and what is no reference stays as it is. @throws ArgumentsTooLong */
export function expandReferences(text: string, lookUp: (name: string) => string, space: ArgumentSpace): string {
  space.take(text.length);
  let result = '';
  let from = 0;
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    result += text.slice(from, at);
    const next = text[at + 1];
    if (next === '(') {
      const end = text.indexOf(')', at);
      // No reference ends after this, so none begins.
      if (end < 0) return result + text.slice(at).replaceAll('$$', '$');
      const value = lookUp(text.slice(at + 2, end));
      space.take(value.length);
      result += value;
      from = end + 1;
    } else {
      result += next === '$' ? '$' : text.slice(at, at + 2);
      from = at + 2;
    }
  }
  return result + text.slice(from);
}

/** A variable that is there; a reference to another stays as it is written. */
export const referenceTo =
  (variable: (name: string) => string | undefined) =>
  (name: string): string =>
    variable(name) ?? `$(${name})`;
