/** A script on the standard input: read line by line, so that its commands can read what follows them. */
import type { Run } from '../program.ts';
import { Parser } from '../syntax/parser.ts';
import { type Command, MAX_SCRIPT_BYTES, SyntaxFault } from '../syntax/syntax.ts';
import { complainOfSyntax } from './messages.ts';
import { type Shell, ShellFault } from './shell.ts';

/** Reads commands until they are complete. */
export class LineScript {
  readonly #shell: Shell;
  #line = 0;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** The next commands; undefined: the input has ended. `prompt` is asked for before each line. @throws SyntaxFault */
  *next(prompt: (isMore: boolean) => Run): Run<Command[] | undefined> {
    const { process, state } = this.#shell;
    let text = '';
    const from = this.#line + 1;
    for (;;) {
      yield* prompt(text !== '');
      const line = yield* process.readLine(0);
      if (line === '' && text === '') return undefined;
      this.#line++;
      text += line;
      if (text.length > MAX_SCRIPT_BYTES) throw new SyntaxFault('script too long', { line: from });
      try {
        return commandsOf(new Parser(text, state.dialect, { line: from, isPartial: line !== '' }));
      } catch (error) {
        if (line === '' || !(error instanceof SyntaxFault) || !error.isIncomplete) throw error;
      }
    }
  }
}

function commandsOf(parser: Parser): Command[] {
  const commands: Command[] = [];
  for (let command = parser.next(); command; command = parser.next()) commands.push(command);
  return commands;
}

const NO_PROMPT = function* (): Run {};

export function* runStdin(shell: Shell): Run<number> {
  const script = new LineScript(shell);
  let status = 0;
  for (;;) {
    let commands: Command[] | undefined;
    try {
      commands = yield* script.next(NO_PROMPT);
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      yield* complainOfSyntax(shell, error, error.token);
      throw new ShellFault(2);
    }
    if (!commands) return status;
    for (const command of commands) {
      status = yield* shell.run(command);
      if (shell.flow) return status;
    }
  }
}
