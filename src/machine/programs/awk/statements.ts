/** Runs the statements of awk that wait for nothing. */
import type { Process } from '../../program.ts';
import { Failure } from '../applet.ts';
import { Evaluation } from './evaluation.ts';
import type { AwkInput } from './input.ts';
import type { AwkOutputs } from './outputs.ts';
import type { Expression, FunctionDefinition, Script, Statement } from './syntax.ts';
import { joinTexts, Read, toBoolean, toNumber, toText, type Value } from './values.ts';

/** What `next` and `nextfile` throw. */
export const ENDS_RECORD = Symbol('next');
export const ENDS_FILE = Symbol('nextfile');

/** What `exit` throws. */
export class AwkExit extends Error {
  /** Undefined: as it was. */
  readonly status: number | undefined;

  constructor(status: number | undefined) {
    super('exit');
    this.status = status;
  }
}

export type Completion = 'break' | 'continue' | { value: Value } | undefined;

export abstract class StatementRunner extends Evaluation {
  protected readonly waiting: ReadonlySet<object>;
  readonly input: AwkInput;
  readonly outputs: AwkOutputs;

  constructor(
    process: Process,
    script: Script,
    parts: { waiting: ReadonlySet<object>; input: AwkInput; outputs: AwkOutputs },
  ) {
    super(process, script);
    this.waiting = parts.waiting;
    this.input = parts.input;
    this.outputs = parts.outputs;
  }

  keysOf(array: string): string[] {
    return [...this.array(array).keys()];
  }

  assignRead(to: Expression, text: string): void {
    this.assign(to, new Read(text));
  }

  protected runFunction(definition: FunctionDefinition): Value {
    const completion = this.run(definition.body);
    return typeof completion === 'object' ? completion.value : undefined;
  }

  run(statement: Statement): Completion {
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.body) {
          const completion = this.run(inner);
          if (completion !== undefined) return completion;
        }
        return undefined;
      case 'expression':
        this.value(statement.expression);
        return undefined;
      case 'print':
      case 'printf':
        this.#print(statement);
        return undefined;
      case 'if': {
        const branch = toBoolean(this.value(statement.condition)) ? statement.yes : statement.no;
        return branch === undefined ? undefined : this.run(branch);
      }
      case 'while':
      case 'do':
      case 'for':
      case 'for-in':
        return this.#loop(statement);
      case 'delete':
        if (statement.keys.length === 0) this.array(statement.array).clear();
        else this.array(statement.array).delete(this.key(statement.keys));
        return undefined;
      case 'break':
      case 'continue':
        return statement.kind;
      case 'next':
        throw ENDS_RECORD;
      case 'nextfile':
        throw ENDS_FILE;
      case 'exit':
        throw new AwkExit(statement.value === undefined ? undefined : toNumber(this.value(statement.value)) & 255);
      case 'return':
        return { value: statement.value === undefined ? undefined : this.value(statement.value) };
    }
  }

  #loop(statement: Extract<Statement, { body: Statement }> & { kind: 'while' | 'do' | 'for' | 'for-in' }): Completion {
    if (statement.kind === 'for-in') {
      for (const key of this.keysOf(statement.array)) {
        this.set(statement.variable, new Read(key));
        this.process.work(1);
        const completion = this.run(statement.body);
        if (completion === 'break') return undefined;
        if (completion !== undefined && completion !== 'continue') return completion;
      }
      return undefined;
    }
    if (statement.kind === 'for' && statement.start !== undefined) this.run(statement.start);
    for (let isFirst = true; ; isFirst = false) {
      const isDo = statement.kind === 'do' && isFirst;
      if (!isDo && statement.condition !== undefined && !toBoolean(this.value(statement.condition))) return undefined;
      this.process.work(1);
      const completion = this.run(statement.body);
      if (completion === 'break') return undefined;
      if (completion !== undefined && completion !== 'continue') return completion;
      if (statement.kind === 'for' && statement.step !== undefined) this.run(statement.step);
    }
  }

  #print({ kind, args, redirect }: Extract<Statement, { kind: 'print' | 'printf' }>): void {
    let text: string;
    if (kind === 'printf') {
      if (args.length === 0) throw new Failure('printf: no format', 2);
      text = this.format(args.map((arg) => this.value(arg)));
    } else {
      const format = this.text('OFMT');
      const parts = args.length === 0 ? [this.record.text] : args.map((arg) => toText(this.value(arg), format));
      text = joinTexts(parts, this.text('OFS')) + this.text('ORS');
    }
    if (redirect === undefined) this.outputs.print(text);
    else this.outputs.redirect(this.textOf(this.value(redirect.to)), redirect.how, text);
  }
}
