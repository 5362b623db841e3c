/** What a name means to a shell. */
import type { Shell } from '../shell/shell.ts';
import { RESERVED } from '../syntax/reader.ts';
import { isBuiltin, isSpecial } from './names.ts';

export interface Meaning {
  kind: 'keyword' | 'function' | 'builtin' | 'file' | 'alias';
  /** As `command -v` shows it. */
  short: string;
  /** As `type` does. */
  long: string;
}

/** The path of a program. */
export function pathOf(shell: Shell, name: string): string | undefined {
  const { files } = shell.process;
  const isProgram = (path: string): boolean => files.access(path, 1) && files.stat(path).kind === 'file';
  if (name.includes('/')) return isProgram(name) ? name : undefined;
  const folders = (shell.environment.get('PATH') ?? '').split(':');
  return folders.map((folder) => `${folder || '.'}/${name}`).find(isProgram);
}

/** @returns undefined where it means nothing. */
export function describe(shell: Shell, name: string): Meaning | undefined {
  const { dialect, functions, aliases } = shell.state;
  const alias = aliases.get(name);
  if (alias !== undefined)
    return { kind: 'alias', short: `alias ${name}='${alias}'`, long: `${name} is an alias for ${alias}` };
  const isKeyword = RESERVED.has(name) || (dialect === 'bash' && ['[[', 'function', 'time', 'select'].includes(name));
  if (isKeyword) return { kind: 'keyword', short: name, long: `${name} is a shell keyword` };
  const definition = functions.get(name);
  if (definition) {
    const shown = dialect === 'dash' ? `${name} is a shell function` : `${name} is a function`;
    return {
      kind: 'function',
      short: name,
      long: dialect === 'bash' ? `${shown}\n${name} () \n${definition.source}` : shown,
    };
  }
  if (isBuiltin(dialect, name)) {
    const special = isSpecial(name) && dialect !== 'bash' ? 'special ' : '';
    return { kind: 'builtin', short: name, long: `${name} is a ${special}shell builtin` };
  }
  const path = pathOf(shell, name);
  return path === undefined ? undefined : { kind: 'file', short: path, long: `${name} is ${path}` };
}
