/** Messages as ash, dash and bash word them. */
import type { Run } from '../program.ts';
import type { SyntaxFault } from '../syntax/syntax.ts';
import { type Shell, ShellFault } from './shell.ts';

/** Words that differ between the shells. */
export interface Words {
  ash: string;
  dash: string;
  bash: string;
}

export const wordsOf = (shell: Shell, words: Words | string): string =>
  typeof words === 'string' ? words : words[shell.state.dialect];

/** What stands before a message. */
function prefixOf(shell: Shell, builtin: string | undefined): string {
  const { dialect, name, line, isScript, isInteractive } = shell.state;
  const who = builtin === undefined ? '' : `${builtin}: `;
  if (dialect === 'dash') return `${name}: ${line}: ${who}`;
  if (dialect === 'bash') return isInteractive ? `${name}: ${who}` : `${name}: line ${line}: ${who}`;
  const hasLine = (builtin !== undefined || isScript) && !isInteractive;
  return `${name}: ${who}${hasLine ? `line ${isScript ? line : line - 1}: ` : ''}`;
}

/** Says what is wrong, on the errors' descriptor. */
export function* complain(shell: Shell, words: Words | string, builtin?: string): Run {
  yield* shell.tell(prefixOf(shell, builtin) + wordsOf(shell, words));
}

/** Says what is wrong with an applet that is part of BusyBox's shell: without a line. */
export function* complainPlainly(shell: Shell, builtin: string, words: Words): Run {
  if (shell.state.dialect === 'ash') yield* shell.tell(`${shell.state.name}: ${words.ash}`);
  else yield* complain(shell, words, builtin);
}

/** Says what is wrong and gives up the script. @throws ShellFault */
export function* giveUp(shell: Shell, words: Words | string, status = 2, builtin?: string): Run<never> {
  yield* complain(shell, words, builtin);
  throw new ShellFault(status);
}

const BASH_TOKENS: Readonly<Record<string, string>> = { newline: 'newline', 'end of file': 'newline' };

function bashSyntax(fault: SyntaxFault, lineText: string): string[] {
  const { unexpected, token, isIncomplete } = fault;
  const isOpen = unexpected === 'unterminated quoted string' || token === '`' || token === ')' || token === '}';
  if (isIncomplete && isOpen) return [`unexpected EOF while looking for matching \`${token}'`];
  if (isIncomplete) return ['syntax error: unexpected end of file'];
  if (unexpected === 'bad for loop variable') return [`\`${token}': not a valid identifier`];
  return [`syntax error near unexpected token \`${BASH_TOKENS[unexpected] ?? token}'`, `\`${lineText}'`];
}

/** A message of ash and dash about what stands where it cannot. */
function plainSyntax(fault: SyntaxFault, isAsh: boolean): string {
  const { unexpected, expecting } = fault;
  const isPlace = /^(?:".*"|word|newline|redirection|end of file)$/s.test(unexpected);
  const behind = expecting === undefined ? '' : ` (expecting "${expecting}")`;
  if (isAsh) return `syntax error: ${isPlace ? `unexpected ${unexpected}${behind}` : unexpected}`;
  if (unexpected === 'bad substitution') return 'Bad substitution';
  return `Syntax error: ${isPlace ? `${unexpected} unexpected${behind}` : unexpected.charAt(0).toUpperCase() + unexpected.slice(1)}`;
}

/** Says what is wrong with a script. */
export function* complainOfSyntax(shell: Shell, fault: SyntaxFault, lineText: string, command?: string): Run {
  const { dialect, name, isScript, isInteractive } = shell.state;
  if (dialect !== 'bash') {
    const before = shell.state.line;
    shell.state.line = fault.line;
    yield* complain(shell, plainSyntax(fault, dialect === 'ash'), command);
    shell.state.line = before;
    return;
  }
  const how = command ?? (isScript || isInteractive ? undefined : '-c');
  const isAtEnd = fault.isIncomplete && bashSyntax(fault, '')[0]!.startsWith('syntax error');
  const line = fault.line + (isAtEnd || (fault.isIncomplete && fault.token === ')') ? 1 : 0);
  const where = isInteractive ? '' : `line ${line}: `;
  for (const text of bashSyntax(fault, lineText)) yield* shell.tell(`${name}: ${how ? `${how}: ` : ''}${where}${text}`);
}
