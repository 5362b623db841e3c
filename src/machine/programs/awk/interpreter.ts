/** Runs an awk program over its records. */
import type { Run } from '../../program.ts';
import { Failure } from '../applet.ts';
import { CHUNK } from '../input.ts';
import { MAX_CALLS } from './evaluation.ts';
import { AwkExit, ENDS_FILE, ENDS_RECORD, StatementRunner } from './statements.ts';
import type { Expression, FunctionDefinition, Rule, Statement } from './syntax.ts';
import { toBoolean, toNumber, type Value } from './values.ts';
import { WAITING_CALLS } from './waits.ts';

type Completion = ReturnType<StatementRunner['run']>;

/** The waiting twins of what `Evaluation` and `StatementRunner` do at once. */
export class Interpreter extends StatementRunner {
  readonly #inRange = new Set<Rule>();

  *main(): Run<number> {
    let status = 0;
    let isOver = false;
    const guarded = function* (run: Run): Run {
      try {
        yield* run;
      } catch (error) {
        if (!(error instanceof AwkExit)) throw error;
        status = error.status ?? status;
        isOver = true;
      }
    };
    const rules = this.script.rules;
    yield* guarded(this.#rules(rules.filter(({ from }) => from === 'BEGIN')));
    const main = rules.filter(({ from }) => from !== 'BEGIN' && from !== 'END');
    const ends = rules.filter(({ from }) => from === 'END');
    if (!isOver && main.length + ends.length > 0) yield* guarded(this.#records(main));
    isOver = false;
    yield* guarded(this.#rules(ends));
    yield* this.outputs.finish();
    return status || (this.input.hasFailed ? 1 : 0);
  }

  *#rules(rules: readonly Rule[]): Run {
    for (const { body } of rules) if (body !== undefined) yield* this.#execute(body);
  }

  *#records(rules: readonly Rule[]): Run {
    for (;;) {
      const line = yield* this.#nextRecord();
      if (line === undefined) return;
      this.record.set(line);
      this.process.work(1 + rules.length);
      try {
        for (const rule of rules) {
          if (!(yield* this.#selects(rule))) continue;
          if (rule.body === undefined) this.outputs.print(`${this.record.text}${this.text('ORS')}`);
          else if (this.waiting.has(rule.body)) yield* this.#execute(rule.body);
          else this.run(rule.body);
        }
      } catch (thrown) {
        if (thrown === ENDS_FILE) this.input.skipFile();
        else if (thrown !== ENDS_RECORD) throw thrown;
      }
      if (this.outputs.held > CHUNK) yield* this.outputs.flush();
    }
  }

  *#nextRecord(): Run<string | undefined> {
    if (!this.input.hasLine(this.text('RS'))) yield* this.outputs.flush();
    const line = yield* this.input.next(this.text('RS'), this);
    if (line === undefined) return undefined;
    this.globals.get('NR')!.value = toNumber(this.globals.get('NR')!.value) + 1;
    this.globals.get('FNR')!.value = toNumber(this.globals.get('FNR')!.value) + 1;
    return line;
  }

  *#selects(rule: Rule): Run<boolean> {
    const { from, to } = rule;
    if (from === undefined || typeof from === 'string') return true;
    if (to === undefined) return toBoolean(yield* this.#evaluate(from));
    const isIn = this.#inRange.has(rule) || toBoolean(yield* this.#evaluate(from));
    if (!isIn) return false;
    if (toBoolean(yield* this.#evaluate(to))) this.#inRange.delete(rule);
    else this.#inRange.add(rule);
    return true;
  }

  *#execute(statement: Statement): Run<Completion> {
    if (!this.waiting.has(statement)) return this.run(statement);
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.body) {
          const completion = yield* this.#execute(inner);
          if (completion !== undefined) return completion;
        }
        return undefined;
      case 'expression':
        yield* this.#evaluate(statement.expression);
        return undefined;
      case 'print':
      case 'printf': {
        const args: Expression[] = [];
        for (const arg of statement.args) args.push(yield* this.#constant(arg));
        this.run({ ...statement, args });
        return undefined;
      }
      case 'if': {
        const branch = toBoolean(yield* this.#evaluate(statement.condition)) ? statement.yes : statement.no;
        return branch === undefined ? undefined : yield* this.#execute(branch);
      }
      case 'while':
      case 'do':
      case 'for':
      case 'for-in':
        return yield* this.#loop(statement);
      case 'exit':
      case 'return':
        return this.run({ ...statement, value: statement.value && (yield* this.#constant(statement.value)) });
      default:
        return this.run(statement);
    }
  }

  *#loop(statement: Extract<Statement, { body: Statement }>): Run<Completion> {
    const turn = function* (this: Interpreter): Run<Completion> {
      this.process.work(1);
      yield* this.process.pause();
      if (this.outputs.held > CHUNK) yield* this.outputs.flush();
      return yield* this.#execute(statement.body);
    }.bind(this);
    if (statement.kind === 'for-in') {
      for (const key of this.keysOf(statement.array)) {
        this.set(statement.variable, key);
        const completion = yield* turn();
        if (completion === 'break') return undefined;
        if (completion !== undefined && completion !== 'continue') return completion;
      }
      return undefined;
    }
    if (statement.kind === 'for' && statement.start !== undefined) yield* this.#execute(statement.start);
    for (let isFirst = true; ; isFirst = false) {
      const isDo = statement.kind === 'do' && isFirst;
      if (!isDo && statement.condition !== undefined && !toBoolean(yield* this.#evaluate(statement.condition)))
        return undefined;
      const completion = yield* turn();
      if (completion === 'break') return undefined;
      if (completion !== undefined && completion !== 'continue') return completion;
      if (statement.kind === 'for' && statement.step !== undefined) yield* this.#execute(statement.step);
    }
  }

  *#constant(expression: Expression): Run<Expression> {
    if (!this.waiting.has(expression)) return expression;
    return { kind: 'constant', value: yield* this.#evaluate(expression) };
  }

  *#evaluate(expression: Expression): Run<Value> {
    if (!this.waiting.has(expression)) return this.value(expression);
    switch (expression.kind) {
      case 'getline':
        return yield* this.#getline(expression);
      case 'and':
      case 'or': {
        const left = toBoolean(yield* this.#evaluate(expression.left));
        if (left === (expression.kind === 'or')) return left ? 1 : 0;
        return toBoolean(yield* this.#evaluate(expression.right)) ? 1 : 0;
      }
      case 'conditional': {
        const isTrue = toBoolean(yield* this.#evaluate(expression.condition));
        return yield* this.#evaluate(isTrue ? expression.yes : expression.no);
      }
      case 'call':
        return yield* this.#call(expression);
      case 'group':
        return yield* this.#evaluate(expression.inner);
    }
    const copy: Record<string, unknown> = { ...expression };
    for (const key of ['left', 'right', 'operand', 'value', 'index']) {
      const child = copy[key];
      if (typeof child === 'object' && child !== null && this.waiting.has(child))
        copy[key] = yield* this.#constant(child as Expression);
    }
    return this.value(copy as Expression);
  }

  *#call({ name, args, isBuiltin }: Extract<Expression, { kind: 'call' }>): Run<Value> {
    const given: Expression[] = [];
    for (const arg of args) given.push(yield* this.#constant(arg));
    if (isBuiltin && WAITING_CALLS.has(name)) {
      const text = given[0] === undefined ? '' : this.textOf(this.value(given[0]));
      return yield* this.#wait(name, text);
    }
    const definition = isBuiltin ? undefined : this.definition(name);
    if (definition === undefined || !this.waiting.has(definition.body))
      return this.value({ kind: 'call', name, args: given, isBuiltin });
    return yield* this.#callFunction(definition, given);
  }

  *#callFunction(definition: FunctionDefinition, args: readonly Expression[]): Run<Value> {
    const frame = this.bind(definition, args);
    if (++this.calls > MAX_CALLS) throw new Failure('function calls too deep', 2);
    const outer = this.frame;
    this.frame = frame;
    const completion = yield* this.#execute(definition.body);
    this.frame = outer;
    this.calls--;
    return typeof completion === 'object' ? completion.value : undefined;
  }

  *#wait(name: string, text: string): Run<Value> {
    yield* this.outputs.flush();
    if (name === 'system') return yield* this.outputs.system(text);
    if (name === 'fflush') return 0;
    return (yield* this.outputs.close(text)) || this.input.close(text) ? 0 : -1;
  }

  *#getline({ to, source, from }: Extract<Expression, { kind: 'getline' }>): Run<Value> {
    yield* this.outputs.flush();
    const separator = this.text('RS');
    let line: string | undefined | -1;
    if (from === 'input') line = yield* this.#nextRecord();
    else {
      const name = this.textOf(yield* this.#evaluate(source!));
      line = yield* from === 'file' ? this.input.fromFile(name, separator) : this.input.fromCommand(name, separator);
      if (from === 'command' && typeof line === 'string') this.set('NR', toNumber(this.get('NR')) + 1);
    }
    if (line === -1) return -1;
    if (line === undefined) return 0;
    if (to === undefined) this.record.set(line);
    else this.assignRead(to, line);
    return 1;
  }
}
