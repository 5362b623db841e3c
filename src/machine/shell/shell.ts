/** A shell in a process: its state, what it hears, and how its parts call each other. */
import { Errno, Untraced } from '../errno.ts';
import type { Process, Run, Signal } from '../program.ts';
import type { Command, Part } from '../syntax/syntax.ts';
import type { Flow, ShellState } from './state.ts';

/** Ends what a command is in: of a script the shell, of an interactive one only the line. */
export class ShellFault extends Untraced {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** The shell is to end. */
export class ShellExit extends Untraced {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** How the parts of the interpreter call each other. */
export interface Interpreter {
  /** Runs a command. @returns its status */
  run(shell: Shell, command: Command): Run<number>;
  /** Runs a script's text in this shell, as `eval` and `.` do. */
  runText(shell: Shell, text: string, how?: { line?: number; command?: string; isLast?: boolean }): Run<number>;
  /** The output of a command, or the path of `<(…)`. */
  capture(shell: Shell, part: Part): Run<string>;
  /** Runs a function, builtin or program by its words. */
  call(shell: Shell, words: string[], how?: { skipFunctions?: boolean }): Run<number>;
}

/** What a variable of a shell can be called. */
export const VARIABLE_NAME = /^[A-Za-z_]\w*$/;

export class Shell {
  readonly process: Process;
  readonly state: ShellState;
  readonly interpreter: Interpreter;
  /** Signals with a trap that have come and are not answered yet. */
  readonly arrived: Signal[] = [];
  /** Descriptors that children do not get. */
  readonly kept = new Set<number>();
  /** What the commands around are to do; undefined: go on. */
  flow: Flow | undefined;
  /** Nothing follows this command: its program may take the shell's place. */
  isLast = false;
  /** Commands within one another. */
  depth = 0;
  /** How often it has been copied. */
  epoch = 0;
  /** Scripts within one another. */
  texts = 0;
  /** The status of the last command whose output was taken. */
  captured: number | undefined;
  /** Descriptors of `<(…)`, closed behind the command. */
  readonly temporary: number[] = [];
  #environment: Map<string, string> | undefined;

  constructor(process: Process, state: ShellState, interpreter: Interpreter) {
    this.process = process;
    this.state = state;
    this.interpreter = interpreter;
  }

  has(option: string): boolean {
    return this.state.options.has(option);
  }

  run(command: Command): Run<number> {
    return this.interpreter.run(this, command);
  }

  /** A variable that children see has changed. */
  forgetEnvironment(): void {
    this.#environment = undefined;
  }

  /** The environment of children. */
  get environment(): ReadonlyMap<string, string> {
    if (this.#environment) return this.#environment;
    const environment = new Map(this.#inherited());
    for (const [name, { value, isExported, elements }] of this.state.variables) {
      if (isExported && value !== undefined && !elements) environment.set(name, value);
    }
    this.#environment = environment;
    return environment;
  }

  /** What the shell itself was given under names that no variable of it can have: all but dash hand it on. */
  #inherited(): [string, string][] {
    if (this.state.dialect === 'dash') return [];
    return [...this.process.env].filter(([name]) => !VARIABLE_NAME.test(name));
  }

  /** The descriptors of children: all but those that the shell has put aside. */
  get descriptors(): Map<number, number> {
    const numbers = this.process.descriptors().filter((descriptor) => !this.kept.has(descriptor));
    return new Map(numbers.map((descriptor) => [descriptor, descriptor]));
  }

  *print(text: string): Run {
    yield* this.process.write(1, text);
  }

  /** A message of the shell, without its end of line. Whoever can't be told is not. */
  *tell(text: string): Run {
    if (!this.process.descriptors().includes(2)) return;
    try {
      yield* this.process.write(2, `${text}\n`);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  }
}
