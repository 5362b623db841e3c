/**
 * How a shell script ends that does nothing which takes time: it prints, looks, compares and leaves. What is not known here (a program,
 * a file, a variable, a loop, a wait) ends the attempt, and nothing is said of the script.
 */

import { type Command, type Part, type Redirect, UnreadScript, type Word } from './script-commands.ts';
import { evaluate } from './script-operators.ts';
import { programNamed, type Shell } from './script-programs.ts';
import { readScript } from './script-syntax.ts';
import { MAX_SCRIPT, programOf } from './shell.ts';

/** What a script finds. */
export interface ScriptWorld {
  /** Undefined: nothing is known of the variable; an empty text where it is known not to be set. */
  variable(name: string): string | undefined;
  /** Files by their path, changed as the script goes on. */
  files: Map<string, string>;
  /** Whether a file that is not among them is known not to be there. */
  knows(path: string): boolean;
}

export interface ScriptEnd {
  code: number;
  /** What it has printed; undefined where some of it is not known. */
  output: string | undefined;
}

/** Commands that a script may come to. */
export const MAX_STEPS = 500;
/** Characters that it may hold in its files, variables and output together. */
export const MAX_TEXT = 64 * 1024;

/** Undefined: how it ends cannot be told. */
export function endOfScript(script: string, world: ScriptWorld): ScriptEnd | undefined {
  return attempt(world, (run) => {
    if (script.length > MAX_SCRIPT) throw new UnreadScript();
    return run.command(readScript(script), '', false);
  });
}

/** The same of a command without a shell. */
export function endOfCommand(words: string[], world: ScriptWorld): ScriptEnd | undefined {
  return attempt(world, (run) => run.program(words, ''));
}

function attempt(world: ScriptWorld, body: (run: Run) => number): ScriptEnd | undefined {
  const run = new Run(world);
  try {
    return { code: body(run), output: run.output };
  } catch (error) {
    if (error instanceof Leave) return { code: error.code, output: run.output };
    if (error instanceof UnreadScript) return undefined;
    throw error;
  }
}

class Leave extends Error {
  readonly code: number;

  constructor(code: number) {
    super();
    this.code = code;
  }
}

class Run implements Shell {
  /** What is printed where the output goes to; undefined: unknown. */
  output: string | undefined = '';
  readonly #world: ScriptWorld;
  readonly #variables = new Map<string, string>();
  #steps = 0;
  #characters = 0;
  #last = 0;
  #stopsAtFailure = false;

  constructor(world: ScriptWorld) {
    this.#world = world;
  }

  get files(): Map<string, string> {
    return this.#world.files;
  }

  /** `tested`: its failure is looked at, so `set -e` passes over it. */
  command(command: Command, input: string, tested: boolean): number {
    if (++this.#steps > MAX_STEPS) throw new UnreadScript();
    switch (command.form) {
      case 'list':
        this.#last = 0;
        for (const part of command.parts) this.#last = this.command(part, input, tested);
        return this.#last;
      case 'both':
      case 'either': {
        const left = this.command(command.left, input, true);
        return (left === 0) === (command.form === 'both') ? this.command(command.right, input, tested) : left;
      }
      case 'not':
        return this.command(command.of, input, true) === 0 ? 1 : 0;
      case 'if':
        for (const [test, then] of command.branches)
          if (this.command(test, input, true) === 0) return this.command(then, input, tested);
        return command.otherwise ? this.command(command.otherwise, input, tested) : 0;
      case 'pipe':
        return this.#failing(this.#pipe(command.parts, input), tested);
      case 'simple':
        return this.#failing(this.#simple(command, input), tested);
      case 'unread':
        throw new UnreadScript();
      default:
        return command satisfies never;
    }
  }

  #failing(code: number, tested: boolean): number {
    this.#last = code;
    if (code !== 0 && !tested && this.#stopsAtFailure) throw new Leave(code);
    return code;
  }

  /** Each part is a shell of its own, so none of them may change this one. */
  #pipe(parts: Command[], input: string): number {
    let text = input;
    let code = 0;
    for (const [i, part] of parts.entries()) {
      if (part.form !== 'simple' || part.words.length === 0) throw new UnreadScript();
      const printed = this.#captured(() => {
        code = this.command(part, text, true);
      });
      if (i === parts.length - 1) this.print(printed);
      else if (printed === undefined) throw new UnreadScript();
      else text = printed;
    }
    return code;
  }

  #captured(body: () => void): string | undefined {
    const before = this.output;
    this.output = '';
    body();
    const printed = this.output;
    this.output = before;
    return printed;
  }

  #simple({ assignments, words, redirects }: Command & { form: 'simple' }, input: string): number {
    if (words.length > 0 && assignments.length > 0) throw new UnreadScript();
    this.#last = words.length > 0 ? this.#last : 0;
    for (const [name, value] of assignments) this.setVariable(name, this.#text(value));
    const expanded = words.flatMap((word) => this.#fields(word));
    if (redirects.length === 0) return expanded.length > 0 ? this.program(expanded, input) : this.#last;
    let code = 0;
    const printed = this.#captured(() => {
      if (expanded.length > 0) code = this.program(expanded, input);
    });
    this.#redirect(redirects, printed);
    return code;
  }

  #redirect(redirects: Redirect[], printed: string | undefined): void {
    let target: string | undefined;
    for (const { way, of, to } of redirects) {
      const path = this.#text(to);
      if (way === '&') {
        if (path !== '1' && path !== '2') throw new UnreadScript();
        continue;
      }
      const isNull = path === '/dev/null';
      if (!isNull && (!this.exists(path) || way === '>')) this.files.set(path, '');
      // What goes to the second output is not known here, and is nowhere asked for.
      if (of === 2) {
        if (!isNull) throw new UnreadScript();
      } else target = isNull ? '' : path;
    }
    if (target === undefined) this.print(printed);
    else if (target !== '') {
      if (printed === undefined) throw new UnreadScript();
      this.files.set(target, this.#hold((this.files.get(target) ?? '') + printed));
    }
  }

  program(words: string[], input: string): number {
    if (++this.#steps > MAX_STEPS) throw new UnreadScript();
    const [, ...args] = words;
    return programNamed(programOf(words) ?? '')(this, args, input);
  }

  leave(code: number | undefined): never {
    throw new Leave(code ?? this.#last);
  }

  setVariable(name: string, value: string): void {
    this.#variables.set(name, this.#hold(value));
  }

  /** Whether it is over with the first failure that nobody looks at. */
  stopAtFailure(stops: boolean): void {
    this.#stopsAtFailure = stops;
  }

  exists(path: string): boolean {
    if (this.files.has(path)) return true;
    if (!this.#world.knows(path)) throw new UnreadScript();
    return false;
  }

  print(text: string | undefined): void {
    this.output = this.output === undefined || text === undefined ? undefined : this.output + this.#hold(text);
  }

  #hold(text: string): string {
    this.#characters += text.length;
    if (this.#characters > MAX_TEXT) throw new UnreadScript();
    return text;
  }

  #valueOf(part: Part): string {
    switch (part.form) {
      case 'text':
        return part.text;
      case 'variable': {
        if (part.name === '?') return String(this.#last);
        const value = this.#variables.get(part.name) ?? this.#world.variable(part.name);
        if (value === undefined) throw new UnreadScript();
        return this.#hold(value);
      }
      case 'output': {
        const printed = this.#captured(() => this.command(part.of, '', true));
        if (printed === undefined) throw new UnreadScript();
        return printed.replace(/\n+$/, '');
      }
      case 'arithmetic':
        return String(evaluate(part.of.map((each) => this.#valueOf(each)).join('')));
      default:
        return part satisfies never;
    }
  }

  #text(word: Word): string {
    return word.map((part) => this.#valueOf(part)).join('');
  }

  /** A word without quotes is as many as its value has between blanks. */
  #fields(word: Word): string[] {
    const fields: string[] = [];
    let open: string | undefined;
    for (const part of word) {
      const value = this.#valueOf(part);
      if (part.quoted || part.form === 'text') {
        open = (open ?? '') + value;
        continue;
      }
      if (/[*?[]/.test(value)) throw new UnreadScript();
      const pieces = value.split(/[ \t\n]+/);
      for (const [i, piece] of pieces.entries()) {
        if (i > 0 && open !== undefined) {
          fields.push(open);
          open = undefined;
        }
        if (piece !== '') open = (open ?? '') + piece;
      }
    }
    return open === undefined ? fields : [...fields, open];
  }
}
