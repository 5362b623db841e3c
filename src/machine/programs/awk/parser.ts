/** Reads an awk program: its rules, its functions and their statements. Expressions are in `expressions.ts`. */
import { Failure } from '../applet.ts';
import { ExpressionParser } from './expressions.ts';
import type { FunctionDefinition, Rule, Script, Statement } from './syntax.ts';

class Parser extends ExpressionParser {
  readonly #rules: Rule[] = [];
  readonly #functions = new Map<string, FunctionDefinition>();

  script(): Script {
    for (;;) {
      this.skipEnds();
      if (this.token.kind === 'end') return { rules: this.#rules, functions: this.#functions };
      if (this.takeKeyword('function')) this.#function();
      else this.#rules.push(this.#rule());
    }
  }

  #function(): void {
    const name = this.token;
    if (name.kind !== 'name' && name.kind !== 'function-name') throw this.unexpected();
    this.advance();
    this.expect('(');
    const parameters: string[] = [];
    while (!this.take(')')) {
      this.skipNewlines();
      parameters.push(this.name());
      this.skipNewlines();
      if (!this.is(')')) this.expect(',');
    }
    this.skipNewlines();
    this.#functions.set(name.text, { name: name.text, parameters, body: this.#block() });
  }

  #rule(): Rule {
    if (this.takeKeyword('BEGIN')) return { from: 'BEGIN', to: undefined, body: this.#block() };
    if (this.takeKeyword('END')) return { from: 'END', to: undefined, body: this.#block() };
    const from = this.is('{') ? undefined : this.expression();
    let to: Rule['to'];
    if (from !== undefined && this.take(',')) {
      this.skipNewlines();
      to = this.expression();
    }
    return { from, to, body: this.is('{') ? this.#block() : undefined };
  }

  #block(): Statement {
    this.expect('{');
    const body: Statement[] = [];
    for (;;) {
      this.skipEnds();
      if (this.take('}')) return { kind: 'block', body };
      if (this.token.kind === 'end') throw new Failure('unexpected end of program', 2);
      body.push(this.#statement());
    }
  }

  /** A statement with whatever ends it. */
  #statement(): Statement {
    if (this.is('{')) return this.#block();
    if (this.take(';')) return { kind: 'block', body: [] };
    for (const keyword of ['if', 'while', 'do', 'for'] as const) {
      if (!this.takeKeyword(keyword)) continue;
      if (keyword === 'if') return this.#if();
      if (keyword === 'while') return this.#while();
      return keyword === 'do' ? this.#do() : this.#for();
    }
    const statement = this.#simple();
    if (!this.is('}') && !this.take(';') && this.token.kind !== 'newline' && this.token.kind !== 'end')
      throw this.unexpected();
    return statement;
  }

  #condition(): Extract<Statement, { kind: 'while' }>['condition'] {
    this.expect('(');
    const condition = this.expression();
    this.expect(')');
    return condition;
  }

  #body(): Statement {
    this.skipNewlines();
    return this.#statement();
  }

  #if(): Statement {
    const condition = this.#condition();
    const yes = this.#body();
    const before = this.mark();
    this.skipEnds();
    if (this.takeKeyword('else')) return { kind: 'if', condition, yes, no: this.#body() };
    this.back(before);
    return { kind: 'if', condition, yes, no: undefined };
  }

  #while(): Statement {
    const condition = this.#condition();
    return { kind: 'while', condition, body: this.#body() };
  }

  #do(): Statement {
    const body = this.#body();
    this.skipEnds();
    if (!this.takeKeyword('while')) throw this.unexpected();
    return { kind: 'do', condition: this.#condition(), body };
  }

  #for(): Statement {
    this.expect('(');
    const before = this.mark();
    if (this.token.kind === 'name') {
      const variable = this.name();
      if (this.takeKeyword('in') && this.token.kind === 'name') {
        const array = this.name();
        if (this.take(')')) return { kind: 'for-in', variable, array, body: this.#body() };
      }
      this.back(before);
    }
    const start = this.is(';') ? undefined : this.#simple();
    this.expect(';');
    this.skipNewlines();
    const condition = this.is(';') ? undefined : this.expression();
    this.expect(';');
    this.skipNewlines();
    const step = this.is(')') ? undefined : this.#simple();
    this.expect(')');
    return { kind: 'for', start, condition, step, body: this.#body() };
  }

  #isAtEnd(): boolean {
    return this.is(';') || this.is('}') || this.token.kind === 'newline' || this.token.kind === 'end';
  }

  #simple(): Statement {
    for (const kind of ['print', 'printf'] as const) if (this.takeKeyword(kind)) return this.#print(kind);
    for (const kind of ['break', 'continue', 'next', 'nextfile'] as const) if (this.takeKeyword(kind)) return { kind };
    for (const kind of ['exit', 'return'] as const) {
      if (this.takeKeyword(kind)) return { kind, value: this.#isAtEnd() ? undefined : this.expression() };
    }
    if (this.takeKeyword('delete')) {
      const array = this.name();
      return { kind: 'delete', array, keys: this.take('[') ? this.list(']') : [] };
    }
    return { kind: 'expression', expression: this.expression() };
  }

  #print(kind: 'print' | 'printf'): Statement {
    const args = this.#isAtEnd() || this.is('>') || this.is('|') || this.is('>>') ? [] : this.printArguments();
    let redirect: Extract<Statement, { kind: 'print' | 'printf' }>['redirect'];
    for (const how of ['>>', '>', '|'] as const) {
      if (redirect === undefined && this.take(how)) redirect = { to: this.concatenation(), how };
    }
    return { kind, args, redirect };
  }
}

/** @throws Failure in words about the place */
export const parseAwk = (source: string): Script => new Parser(source).script();
