/** Assignments. */
import type { Run } from '../program.ts';
import type { Assignment } from '../syntax/syntax.ts';
import { arithmeticValue } from './arithmetic-value.ts';
import { expandText, expandWords } from './expand.ts';
import { subscript } from './parameter-expansion.ts';
import type { Shell } from './shell.ts';
import { quotedValue } from './trace.ts';
import { declareVariable, elementOf, orderedKeys, parameterValue, setElement, setVariable } from './variables.ts';

/** Does it. @returns it as `set -x` shows it @throws ReadOnlyFault */
export function* assign(shell: Shell, assignment: Assignment): Run<string> {
  const { name, index, isAppended } = assignment;
  if (assignment.elements) return yield* assignElements(shell, assignment, assignment.elements);
  let value = assignment.value ? yield* expandText(shell, assignment.value) : '';
  const isInteger = shell.state.variables.get(name)?.isInteger;
  if (index) {
    const key = subscript(shell, name, yield* expandText(shell, index));
    setElement(shell, name, key, isAppended ? (elementOf(shell, name, key) ?? '') + value : value);
  } else {
    const before = isAppended ? (parameterValue(shell, name) ?? '') : '';
    if (isInteger) value = arithmeticValue(shell, isAppended && before !== '' ? `${before}+(${value})` : value);
    else value = before + value;
    setVariable(shell, name, value);
  }
  return `${name}=${quotedValue(shell, value)}`;
}

function* assignElements(
  shell: Shell,
  { name, isAppended }: Assignment,
  elements: NonNullable<Assignment['elements']>,
): Run<string> {
  const before = shell.state.variables.get(name);
  const kept = isAppended
    ? (before?.elements ?? (before?.value === undefined ? [] : [['0', before.value] as const]))
    : [];
  const values = new Map<string, string>(kept);
  let next = isAppended && before ? Number(orderedKeys({ ...before, elements: values }).at(-1) ?? -1) + 1 : 0;
  const { value: _, ...facts } = before ?? { value: undefined, isExported: false, isReadOnly: false };
  for (const { index, value } of elements) {
    if (index) {
      const key = subscript(shell, name, yield* expandText(shell, index));
      values.set(key, yield* expandText(shell, value));
      next = Number(key) + 1;
      continue;
    }
    for (const each of yield* expandWords(shell, [value])) values.set(String(next++), each);
  }
  declareVariable(shell, name, { ...facts, value: undefined, elements: values });
  return `${name}=(${[...values.values()].map((value) => quotedValue(shell, value)).join(' ')})`;
}
