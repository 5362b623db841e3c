/** `set -x`: commands as they are run. */
import type { Run } from '../program.ts';
import type { Shell } from './shell.ts';
import { parameterValue } from './variables.ts';

/** A value in quotes where it would be cut or changed without. dash shows it as it is. */
export function quotedValue(shell: Shell, value: string): string {
  if (shell.state.dialect === 'dash') return value;
  if (value === '') return shell.state.dialect === 'bash' ? '' : "''";
  return shell.state.dialect === 'ash' ? ashQuoted(value) : quoted(value);
}

/** A value in single quotes; one within them stands outside of them, behind a backslash. */
export const singleQuoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** BusyBox quotes what has blanks, quotes, patterns and the like in it. */
const ashQuoted = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are quoted too.
  value === '' || /[\x00-*;-?`[\\{-\xff]/.test(value) ? singleQuoted(value) : value;

export const quoted = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : singleQuoted(value));

export function* traceText(shell: Shell, assignments: readonly string[], words: readonly string[]): Run {
  const prefix = parameterValue(shell, 'PS4') ?? '+ ';
  const { dialect } = shell.state;
  const shown = words.map((word) =>
    dialect === 'dash' ? word : dialect === 'ash' ? ashQuoted(word) : word === '' ? "''" : quoted(word),
  );
  if (shell.state.dialect !== 'bash') {
    yield* shell.tell(prefix + [...assignments, ...shown].join(' '));
    return;
  }
  for (const assignment of assignments) yield* shell.tell(prefix + assignment);
  if (shown.length > 0) yield* shell.tell(prefix + shown.join(' '));
}
