/** Runs a script's text in a shell, one complete command after the other: what is wrong further down shows only there. */
import type { Run } from '../program.ts';
import { Parser } from '../syntax/parser.ts';
import { type Command, SyntaxFault } from '../syntax/syntax.ts';
import { saidFaults } from './faults.ts';
import { complainOfSyntax } from './messages.ts';
import { type Shell, ShellFault } from './shell.ts';

/** Scripts within one another: `eval`, `.`, traps. */
export const MAX_TEXT_DEPTH = 100;

/** The next command of a script. @throws ShellFault where it is wrong, which was said */
export function* nextCommand(shell: Shell, parser: Parser, command?: string): Run<Command | undefined> {
  try {
    return parser.next();
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    const lineText = parser.lineText;
    yield* complainOfSyntax(shell, error, lineText, command);
    throw new ShellFault(2);
  }
}

/** In bash what cannot be expanded or assigned gives up a line, not the script. */
function* runLine(shell: Shell, command: Command): Run<number> {
  try {
    return yield* saidFaults(shell, shell.run(command));
  } catch (error) {
    const isLineOnly =
      error instanceof ShellFault && error.status === 1 && shell.state.dialect === 'bash' && shell.texts === 1;
    if (!isLineOnly) throw error;
    shell.depth = 0;
    shell.state.loops = 0;
    shell.state.tested = 0;
    shell.state.status = error.status;
    return error.status;
  }
}

/** @returns the status of the last command. `isLast`: nothing follows the text. */
export function* runText(
  shell: Shell,
  text: string,
  how: { line?: number; command?: string; isLast?: boolean } = {},
): Run<number> {
  const { state } = shell;
  const parser = new Parser(text, state.dialect, { line: how.line ?? state.line });
  if (++shell.texts > MAX_TEXT_DEPTH) throw new RangeError('scripts too deep');
  try {
    let status = 0;
    let command = yield* nextCommand(shell, parser, how.command);
    while (command) {
      // The next is read only when this one has been run; but whether there is more can be seen.
      shell.isLast = how.isLast === true && parser.isAtEnd;
      status = yield* runLine(shell, command);
      if (shell.flow) break;
      command = yield* nextCommand(shell, parser, how.command);
    }
    return status;
  } finally {
    shell.texts--;
  }
}
