/** The expression of find: its tests and actions, and how they are put together. */
import { Errno } from '../errno.ts';
import type { Process } from '../program.ts';
import { namesOf } from './accounts.ts';
import { type Dialect, Failure } from './applet.ts';
import { findText } from './find-print.ts';
import { FindTests, type Test, type Visit } from './find-tests.ts';

export type Expression =
  | { kind: 'and' | 'or' | 'comma'; left: Expression; right: Expression }
  | { kind: 'not'; operand: Expression }
  | { kind: 'test'; test: Test }
  | { kind: 'print'; text(visit: Visit): string }
  | { kind: 'quit' | 'delete' }
  | { kind: 'exec'; args: readonly string[]; isBatch: boolean; isInFolder: boolean };

export interface ParsedFind {
  expression: Expression;
  least: number;
  most: number;
  isDepthFirst: boolean;
  follows: boolean;
}

class FindParser {
  readonly tests: FindTests;
  hasAction = false;
  #at = 0;
  readonly #args: readonly string[];
  readonly #process: Process;
  readonly #dialect: Dialect;

  constructor(process: Process, args: readonly string[], dialect: Dialect) {
    this.#process = process;
    this.#args = args;
    this.#dialect = dialect;
    this.tests = new FindTests(process, dialect, (name) => this.#value(name));
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#args.length;
  }

  #value(name: string): string {
    const value = this.#args[this.#at++];
    if (value === undefined)
      throw new Failure(
        this.#dialect === 'gnu' ? `missing argument to \`${name}'` : `option requires an argument -- '${name}'`,
      );
    return value;
  }

  #take(...words: string[]): boolean {
    if (!words.includes(this.#args[this.#at] ?? '')) return false;
    this.#at++;
    return true;
  }

  comma(): Expression {
    let left = this.#or();
    while (this.#take(',')) left = { kind: 'comma', left, right: this.#or() };
    return left;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take('-o', '-or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    for (;;) {
      this.#take('-a', '-and');
      const next = this.#args[this.#at];
      if (next === undefined || next === ')' || next === ',' || next === '-o' || next === '-or') return left;
      left = { kind: 'and', left, right: this.#not() };
    }
  }

  #not(): Expression {
    if (this.#take('!', '-not')) return { kind: 'not', operand: this.#not() };
    if (this.#take('(', '\\(')) {
      const inner = this.comma();
      if (!this.#take(')', '\\)'))
        throw new Failure(
          this.#dialect === 'gnu'
            ? "invalid expression; I was expecting to find a ')' somewhere but did not see one."
            : "expected ')'",
        );
      return inner;
    }
    return this.#primary();
  }

  #primary(): Expression {
    const name = this.#value('');
    const action = this.#action(name);
    if (action !== undefined) {
      this.hasAction ||= action.kind !== 'test';
      return action;
    }
    const test = this.tests.test(name);
    if (test === undefined)
      throw new Failure(this.#dialect === 'gnu' ? `unknown predicate \`${name}'` : `unrecognized: ${name}`);
    return { kind: 'test', test };
  }

  #action(name: string): Expression | undefined {
    switch (name) {
      case '-print':
        return { kind: 'print', text: ({ path }) => `${path}\n` };
      case '-print0':
        return { kind: 'print', text: ({ path }) => `${path}\0` };
      case '-printf': {
        const format = this.#value(name);
        const names = namesOf(this.#process);
        return { kind: 'print', text: (visit) => findText(format, visit, names) };
      }
      case '-ls': {
        const names = namesOf(this.#process);
        return { kind: 'print', text: (visit) => findText('%i %4k %M %3n %-8u %-8g %8s %t %p\\n', visit, names) };
      }
      case '-quit':
        return { kind: 'quit' };
      case '-delete':
        this.tests.isDepthFirst = true;
        return { kind: 'delete' };
      case '-exec':
      case '-execdir':
      case '-ok':
        return this.#exec(name);
    }
    return undefined;
  }

  #exec(name: string): Expression {
    const args: string[] = [];
    for (;;) {
      const word = this.#args[this.#at++];
      if (word === undefined)
        throw new Failure(
          this.#dialect === 'gnu' ? `missing argument to \`${name}'` : `option requires an argument -- '${name}'`,
        );
      const isBatch = word === '+' && args.at(-1) === '{}';
      if (word === ';' || word === '\\;' || isBatch)
        return { kind: 'exec', args, isBatch, isInFolder: name === '-execdir' };
      args.push(word);
    }
  }
}

export function parseFind(process: Process, args: readonly string[], dialect: Dialect): ParsedFind {
  const parser = new FindParser(process, args, dialect);
  let expression: Expression = { kind: 'test', test: () => true };
  try {
    if (args.length > 0) expression = parser.comma();
  } catch (error) {
    if (error instanceof Errno) throw new Failure(error.message);
    throw error;
  }
  if (!parser.isAtEnd)
    throw new Failure(
      dialect === 'gnu'
        ? "invalid expression; you have used a binary operator '-o' with nothing before it."
        : 'bad expression',
    );
  if (!parser.hasAction)
    expression = { kind: 'and', left: expression, right: { kind: 'print', text: ({ path }) => `${path}\n` } };
  const { least, most, isDepthFirst, follows } = parser.tests;
  return { expression, least, most, isDepthFirst, follows };
}
