/** Works out the expressions of awk that wait for nothing, and holds its variables. */
import type { Process } from '../../program.ts';
import { Failure } from '../applet.ts';
import { compileRegex, type Regex } from '../regex.ts';
import { mathFunction, needsPlace, replacementOf, sprintf, strftime, substitute } from './builtins.ts';
import { splitText } from './record.ts';
import type { Expression, FunctionDefinition, Script } from './syntax.ts';
import { compareValues, joinTexts, Read, toBoolean, toNumber, type Value } from './values.ts';
import { type AwkArray, type Cell, Variables } from './variables.ts';

/** Functions within one another. */
export const MAX_CALLS = 500;
export abstract class Evaluation extends Variables {
  protected calls = 0;
  readonly process: Process;
  readonly script: Script;

  constructor(process: Process, script: Script) {
    super();
    this.process = process;
    this.script = script;
  }

  /** Runs the body of a function that waits for nothing. */
  protected abstract runFunction(definition: FunctionDefinition): Value;

  key(keys: readonly Expression[]): string {
    if (keys.length === 1) return this.textOf(this.value(keys[0]!));
    return joinTexts(
      keys.map((key) => this.textOf(this.value(key))),
      this.text('SUBSEP'),
    );
  }

  assign(to: Expression, value: Value): void {
    if (to.kind === 'variable') this.set(to.name, value);
    else if (to.kind === 'field') this.record.put(toNumber(this.value(to.index)), this.textOf(value));
    else if (to.kind === 'element') this.store(this.array(to.array), this.key(to.keys), value);
    else throw new Failure('assignment to something else than a variable', 2);
  }

  regex(expression: Expression): Regex {
    if (expression.kind === 'regex') return expression.regex;
    return compileRegex(this.textOf(this.value(expression)), { isExtended: true });
  }

  value(expression: Expression): Value {
    switch (expression.kind) {
      case 'number':
      case 'string':
      case 'constant':
        return expression.value;
      case 'variable':
        return this.get(expression.name);
      case 'field':
        return this.record.get(toNumber(this.value(expression.index)));
      case 'binary':
        return this.#binary(expression.operator, this.value(expression.left), this.value(expression.right));
      case 'group':
        return this.value(expression.inner);
      case 'element': {
        const array = this.array(expression.array);
        const key = this.key(expression.keys);
        if (!array.has(key)) this.store(array, key, undefined);
        return array.get(key);
      }
      case 'assign':
        return this.#assignment(expression);
      case 'step': {
        const before = toNumber(this.value(expression.to));
        this.assign(expression.to, before + expression.by);
        return expression.isPrefix ? before + expression.by : before;
      }
      case 'and':
        return toBoolean(this.value(expression.left)) && toBoolean(this.value(expression.right)) ? 1 : 0;
      case 'or':
        return toBoolean(this.value(expression.left)) || toBoolean(this.value(expression.right)) ? 1 : 0;
      case 'conditional':
        return this.value(toBoolean(this.value(expression.condition)) ? expression.yes : expression.no);
      case 'regex':
        return expression.regex.test(this.record.text) ? 1 : 0;
      case 'match':
        return this.regex(expression.right).test(this.textOf(this.value(expression.left))) === expression.isNegated
          ? 0
          : 1;
      case 'in':
        return this.array(expression.array).has(this.key(expression.keys)) ? 1 : 0;
      case 'unary': {
        const operand = this.value(expression.operand);
        if (expression.operator === '!') return toBoolean(operand) ? 0 : 1;
        return expression.operator === '-' ? -toNumber(operand) : toNumber(operand);
      }
      case 'call':
        return expression.isBuiltin
          ? this.#builtin(expression.name, expression.args)
          : this.#call(expression.name, expression.args);
      case 'getline':
        throw new Failure('getline where nothing can wait', 2);
    }
  }

  #binary(operator: string, left: Value, right: Value): Value {
    switch (operator) {
      case '+':
        return toNumber(left) + toNumber(right);
      case '-':
        return toNumber(left) - toNumber(right);
      case '*':
        return toNumber(left) * toNumber(right);
      case '^':
        return toNumber(left) ** toNumber(right);
      case '/':
      case '%': {
        const divisor = toNumber(right);
        if (divisor === 0) throw new Failure('cmd. line:1: Division by zero', 1);
        return operator === '/' ? toNumber(left) / divisor : toNumber(left) % divisor;
      }
      case ' ':
        return joinTexts([this.textOf(left), this.textOf(right)], '');
    }
    const order = compareValues(left, right);
    const holds = {
      '<': order < 0,
      '<=': order <= 0,
      '==': order === 0,
      '!=': order !== 0,
      '>': order > 0,
      '>=': order >= 0,
    }[operator];
    return holds ? 1 : 0;
  }

  #assignment({ to, operator, value }: Extract<Expression, { kind: 'assign' }>): Value {
    const given = this.value(value);
    const result = operator === '=' ? given : this.#binary(operator.slice(0, -1), this.value(to), given);
    this.assign(to, result);
    return result;
  }

  /** The cells of a function's parameters; what is named only is handed on as it is, for it may be an array. */
  protected bind(definition: FunctionDefinition, args: readonly (Expression | { value: Value })[]): Map<string, Cell> {
    if (args.length > definition.parameters.length)
      throw new Failure(`function '${definition.name}' called with too many args`, 2);
    const frame = new Map<string, Cell>();
    definition.parameters.forEach((parameter, i) => {
      const arg = args[i];
      if (arg === undefined) frame.set(parameter, {});
      else if (!('kind' in arg)) frame.set(parameter, { value: arg.value });
      else if (arg.kind === 'variable') {
        const cell = this.cell(arg.name);
        frame.set(
          parameter,
          cell.array !== undefined
            ? cell
            : arg.name === 'NF' || cell.value !== undefined
              ? { value: this.get(arg.name) }
              : this.#lent(cell),
        );
      } else frame.set(parameter, { value: this.value(arg) });
    });
    return frame;
  }

  /** A parameter that was never assigned outside: if it becomes an array, so does what it stands for. */
  #lent(cell: Cell): Cell {
    let own: Value;
    return {
      get value() {
        return own;
      },
      set value(value) {
        own = value;
      },
      get array() {
        return cell.array as AwkArray;
      },
      set array(array) {
        cell.array = array;
      },
    };
  }

  protected definition(name: string): FunctionDefinition {
    const definition = this.script.functions.get(name);
    if (definition === undefined) throw new Failure(`cmd. line:1: Call to undefined function`, 1);
    return definition;
  }

  #call(name: string, args: readonly Expression[]): Value {
    const definition = this.definition(name);
    const frame = this.bind(definition, args);
    if (++this.calls > MAX_CALLS) throw new Failure('function calls too deep', 2);
    this.process.work(1);
    const outer = this.frame;
    this.frame = frame;
    const value = this.runFunction(definition);
    this.frame = outer;
    this.calls--;
    return value;
  }

  #builtin(name: string, args: readonly Expression[]): Value {
    const math = mathFunction(name);
    if (math !== undefined) return math(...args.map((arg) => this.value(arg)));
    const [first, second, third, fourth] = args;
    switch (name) {
      case 'length':
        if (first?.kind === 'variable' && this.cell(first.name).array !== undefined) return this.array(first.name).size;
        return (first === undefined ? this.record.text : this.textOf(this.value(first))).length;
      case 'split':
        return this.#split(first, second, third);
      case 'sub':
      case 'gsub':
        return this.#substitution(
          name === 'gsub',
          first!,
          second!,
          third ?? { kind: 'field', index: { kind: 'number', value: 0 } },
        );
      case 'gensub': {
        const how = this.textOf(this.value(third!));
        const text = fourth === undefined ? this.record.text : this.textOf(this.value(fourth));
        return substitute(
          text,
          this.regex(first!),
          replacementOf(this.textOf(this.value(second!)), true),
          /^g/i.test(how) ? 'all' : Number(how) || 1,
        ).text;
      }
      case 'match': {
        const match = this.regex(second!).find(this.textOf(this.value(first!)));
        this.set('RSTART', match === undefined ? 0 : match.start + 1);
        this.set('RLENGTH', match === undefined ? -1 : match.end - match.start);
        if (third?.kind === 'variable') {
          const array = this.array(third.name);
          array.clear();
          for (const [i, group] of (match?.groups ?? []).entries()) this.store(array, String(i), new Read(group ?? ''));
        }
        return match === undefined ? 0 : match.start + 1;
      }
      case 'rand':
        return this.random();
      case 'srand':
        return this.seed(first === undefined ? Math.floor(this.process.now() / 1000) : toNumber(this.value(first)));
      case 'systime':
        return Math.floor(this.process.now() / 1000);
      case 'strftime':
        return strftime(this.process.now(), first && this.value(first), second && this.value(second));
    }
    throw new Failure(`${name}: not available`, 2);
  }

  #split(text: Expression | undefined, array: Expression | undefined, by: Expression | undefined): number {
    if (array?.kind !== 'variable') throw needsPlace('split');
    const separator = by === undefined ? this.text('FS') : by.kind === 'regex' ? by.regex : this.textOf(this.value(by));
    const parts = splitText(this.textOf(this.value(text!)), separator);
    const target = this.array(array.name);
    target.clear();
    for (const [i, part] of parts.entries()) this.store(target, String(i + 1), new Read(part));
    return parts.length;
  }

  #substitution(isGlobal: boolean, regex: Expression, by: Expression, target: Expression): number {
    const replacement = replacementOf(this.textOf(this.value(by)), false);
    const { text, count } = substitute(
      this.textOf(this.value(target)),
      this.regex(regex),
      replacement,
      isGlobal ? 'all' : 1,
    );
    if (count > 0) this.assign(target, text);
    return count;
  }

  protected format(args: readonly Value[]): string {
    return sprintf(this.textOf(args[0]), args.slice(1));
  }
}
