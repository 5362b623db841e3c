/** A script on the standard input: read line by line, so that its commands can read what follows them. */
import type { Run } from '../program.ts';
import { Parser } from '../syntax/parser.ts';
import { type Command, MAX_SCRIPT_BYTES, SyntaxFault } from '../syntax/syntax.ts';
import { saidFaults } from './faults.ts';
import { complainOfSyntax } from './messages.ts';
import { type Shell, ShellFault } from './shell.ts';

/** Bytes that are read at once. */
const AHEAD = { ash: 1024, dash: 8192 } as const;

/** Reads commands until they are complete. */
export class LineScript {
  readonly #shell: Shell;
  #line = 0;
  #ahead = '';

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** A line. ash and dash read ahead, so what they have read their commands don't get; bash, and a terminal, do not. */
  *#readLine(): Run<string> {
    const { process, state } = this.#shell;
    if (state.dialect === 'bash' || process.isTerminal(0)) return yield* process.readLine(0);
    for (;;) {
      const end = this.#ahead.indexOf('\n');
      if (end >= 0) {
        const line = this.#ahead.slice(0, end + 1);
        this.#ahead = this.#ahead.slice(end + 1);
        return line;
      }
      const bytes = yield* process.read(0, AHEAD[state.dialect]);
      if (bytes === '') break;
      this.#ahead += bytes;
    }
    const rest = this.#ahead;
    this.#ahead = '';
    return rest;
  }

  /** The next commands; undefined: the input has ended. `prompt` is asked for before each line. @throws SyntaxFault */
  *next(prompt: (isMore: boolean) => Run): Run<Command[] | undefined> {
    const { state } = this.#shell;
    let text = '';
    const from = this.#line + 1;
    for (;;) {
      yield* prompt(text !== '');
      const line = yield* this.#readLine();
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
      status = yield* saidFaults(shell, shell.run(command));
      if (shell.flow) return status;
    }
  }
}
