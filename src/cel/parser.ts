/**
 * Tokens to a tree, by cel-go's grammar (parser/gen/CEL.g4): one function a rule. Every rule that fails is told and made up for
 * (`parse-state.ts`), so that what comes after it is read too.
 */
import { type Expr, OPERATORS } from './ast.ts';
import { Lexer } from './lexer.ts';
import {
  deepest,
  givenUp,
  missing,
  type Read,
  type Reading,
  readArguments,
  readName,
  readPrimary,
  readSimple,
} from './parse-primary.ts';
import { MAX_RECURSION, ParseEnded, ParseState, type TokenSet } from './parse-state.ts';
import type { Issue, Source } from './source.ts';
import {
  AFTER_AND,
  AFTER_CALC,
  AFTER_CONDITION,
  AFTER_INDEX,
  AFTER_PRIMARY,
  AFTER_RELATION,
  AFTER_UNARY,
  CALCULATIONS,
  COLON,
  END,
  ENDS,
  EXPR_FIRST,
  MEMBER_FIRST,
  NAME_FIRST,
  NOTHING,
  OPTIONAL_EXPR_FIRST,
  PRODUCTS,
  RELATIONS,
  SIMPLE,
} from './token-sets.ts';
import { EOF, T, type Token } from './tokens.ts';
import type { TreeBuilder } from './tree-builder.ts';

const OPERATOR_NAMES = new Map<number, string>([
  [T.equals, '_==_'],
  [T.notEquals, '_!=_'],
  [T.in, OPERATORS.in],
  [T.less, '_<_'],
  [T.lessEquals, '_<=_'],
  [T.greaterEquals, '_>=_'],
  [T.greater, '_>_'],
  [T.star, '_*_'],
  [T.slash, '_/_'],
  [T.percent, '_%_'],
  [T.plus, OPERATORS.add],
  [T.minus, '_-_'],
]);

export class Parser {
  readonly #build: TreeBuilder;
  readonly #state: ParseState;
  readonly #reading: Reading;

  constructor(source: Source, build: TreeBuilder, syntax: Issue[]) {
    this.#build = build;
    const report = (offset: number, message: string): void => {
      syntax.push({ location: source.location(offset), message: `Syntax error: ${message}` });
    };
    const tokens: Token[] = [];
    this.#state = new ParseState(source.text, tokens, report);
    const lexer = new Lexer(source.text, ({ offset, text }) => {
      this.#state.leftOut.push({ start: offset, end: offset + text.length });
      this.#state.syntaxError(offset, `token recognition error at: '${text}'`);
    });
    for (const token of lexer.tokens()) tokens.push(token);
    this.#reading = { state: this.#state, build, expr: (follow) => this.#expr(follow) };
  }

  start(): Expr {
    const read = this.#state.rule('start', NOTHING, () => {
      const expr = this.#expr(END);
      this.#state.match(EOF, new Set());
      return expr;
    });
    const { expr, depth } = read ?? missing(this.#reading);
    if (depth > MAX_RECURSION) throw new ParseEnded('max recursion depth exceeded');
    return expr;
  }

  #expr(follow: TokenSet): Read {
    // Most are a literal or a name alone, which all rules in between say nothing about.
    if (SIMPLE.has(this.#state.type) && ENDS.has(this.#state.peek(1).type) && this.#state.isShallow)
      return readSimple(this.#reading);
    this.#state.enter('expr', follow);
    try {
      const condition = this.#or(AFTER_CONDITION);
      if (this.#state.type !== T.question) return condition;
      const operator = this.#state.accept();
      const yes = this.#or(COLON);
      this.#state.match(T.colon, EXPR_FIRST);
      const no = this.#expr(NOTHING);
      const parts = [condition, yes, no];
      const expr = this.#build.call(
        operator.start,
        OPERATORS.conditional,
        parts.map((part) => part.expr),
      );
      return { expr, depth: 1 + deepest(parts), start: condition.start };
    } catch (failure) {
      return givenUp(this.#reading, 'expr', failure);
    } finally {
      this.#state.leave('expr');
    }
  }

  #or(follow: TokenSet): Read {
    this.#state.enter('or', follow);
    try {
      const first = this.#and(AFTER_AND);
      if (this.#state.type !== T.or) return first;
      const terms = [first];
      const offsets: number[] = [];
      while (this.#state.type === T.or) {
        offsets.push(this.#state.accept().start);
        terms.push(this.#and(AFTER_AND));
      }
      return this.#balanced(OPERATORS.or, terms, offsets);
    } catch (failure) {
      return givenUp(this.#reading, 'or', failure);
    } finally {
      this.#state.leave('or');
    }
  }

  #and(follow: TokenSet): Read {
    this.#state.enter('and', follow);
    try {
      const first = this.#relation(0, AFTER_RELATION);
      if (this.#state.type !== T.and) return first;
      const terms = [first];
      const offsets: number[] = [];
      while (this.#state.type === T.and) {
        offsets.push(this.#state.accept().start);
        terms.push(this.#relation(0, AFTER_RELATION));
      }
      return this.#balanced(OPERATORS.and, terms, offsets);
    } catch (failure) {
      return givenUp(this.#reading, 'and', failure);
    } finally {
      this.#state.leave('and');
    }
  }

  #balanced(name: string, terms: Read[], offsets: number[]): Read {
    const expr = this.#build.balanced(
      name,
      terms.map((read) => read.expr),
      offsets,
    );
    return { expr, depth: deepest(terms), start: terms[0]!.start };
  }

  #binary(left: Read, operator: Token, right: Read): Read {
    const expr = this.#build.call(operator.start, OPERATOR_NAMES.get(operator.type)!, [left.expr, right.expr]);
    return { expr, depth: 1 + deepest([left, right]), start: left.start };
  }

  #relation(precedence: number, follow: TokenSet): Read {
    this.#state.enter('relation', follow);
    try {
      let left = this.#calc(0, AFTER_CALC);
      while (precedence < 2 && RELATIONS.has(this.#state.type)) {
        const operator = this.#state.accept();
        left = this.#binary(left, operator, this.#relation(2, AFTER_CALC));
      }
      return left;
    } catch (failure) {
      return givenUp(this.#reading, 'relation', failure);
    } finally {
      this.#state.leave('relation');
    }
  }

  #calc(precedence: number, follow: TokenSet): Read {
    this.#state.enter('calc', follow);
    try {
      let left = this.#unary(AFTER_UNARY);
      for (;;) {
        const level = PRODUCTS.has(this.#state.type) ? 2 : CALCULATIONS.has(this.#state.type) ? 1 : 0;
        if (level === 0 || level < precedence) return left;
        const operator = this.#state.accept();
        left = this.#binary(left, operator, this.#calc(level + 1, AFTER_UNARY));
      }
    } catch (failure) {
      return givenUp(this.#reading, 'calc', failure);
    } finally {
      this.#state.leave('calc');
    }
  }

  #unary(follow: TokenSet): Read {
    this.#state.enter('unary', follow);
    try {
      this.#state.sync(EXPR_FIRST);
      const { type } = this.#state;
      if (type === T.not) return this.#negated(T.not, OPERATORS.not);
      if (type !== T.minus) {
        if (!MEMBER_FIRST.has(type)) throw this.#state.noAlternative(0);
        return this.#member(NOTHING);
      }
      const next = this.#state.peek(1).type;
      if (next === T.int || next === T.float) return this.#member(NOTHING);
      if (!MEMBER_FIRST.has(next)) throw this.#state.noAlternative(1);
      return this.#negated(T.minus, OPERATORS.negate);
    } catch (failure) {
      return givenUp(this.#reading, 'unary', failure);
    } finally {
      this.#state.leave('unary');
    }
  }

  #negated(operator: number, name: string): Read {
    const first = this.#state.accept();
    let count = 1;
    while (this.#state.type === operator) {
      if (operator === T.minus && !MEMBER_FIRST.has(this.#state.peek(1).type)) throw this.#state.noAlternative(1);
      this.#state.accept();
      count++;
    }
    if (operator === T.not) this.#state.syncLoop(EXPR_FIRST);
    const operand = this.#member(NOTHING);
    if (count % 2 === 0) return { ...operand, start: first.start };
    return { expr: this.#build.call(first.start, name, [operand.expr]), depth: operand.depth, start: first.start };
  }

  #member(follow: TokenSet): Read {
    this.#state.enter('member', follow);
    try {
      let read = readPrimary(this.#reading, AFTER_PRIMARY);
      for (;;) {
        if (this.#state.type === T.leftBracket) read = this.#index(read);
        else if (this.#state.type === T.dot) read = this.#selection(read);
        else return read;
      }
    } catch (failure) {
      return givenUp(this.#reading, 'member', failure);
    } finally {
      this.#state.leave('member');
    }
  }

  #index(operand: Read): Read {
    const open = this.#state.accept();
    this.#state.sync(OPTIONAL_EXPR_FIRST);
    const optional = this.#optionalMark();
    const index = this.#expr(AFTER_INDEX);
    this.#state.match(T.rightBracket, AFTER_PRIMARY);
    const name = optional ? OPERATORS.optionalIndex : OPERATORS.index;
    const expr = this.#build.call(open.start, name, [operand.expr, index.expr]);
    return { expr, depth: 1 + deepest([operand, index]), start: operand.start };
  }

  #optionalMark(): boolean {
    if (this.#state.type !== T.question) return false;
    this.#state.accept();
    return true;
  }

  #selection(operand: Read): Read {
    const next = this.#state.peek(1).type;
    if (next !== T.question && !NAME_FIRST.has(next)) throw this.#state.noAlternative(1);
    const dot = this.#state.accept();
    if (next === T.identifier && this.#state.peek(1).type === T.leftParen) {
      const name = this.#state.accept();
      const open = this.#state.accept();
      const args = readArguments(this.#reading, AFTER_PRIMARY);
      const expr = this.#build.memberCall(
        open.start,
        name.text,
        operand.expr,
        args.map((arg) => arg.expr),
      );
      return { expr, depth: 1 + deepest([operand, ...args]), start: operand.start };
    }
    const optional = this.#optionalMark();
    const nameAt = this.#state.peek().start;
    const name = readName(this.#reading, AFTER_PRIMARY);
    const depth = operand.depth + 1;
    if (!name && optional) this.#build.error(nameAt, 'unsupported ident kind');
    if (!name) return { ...missing(this.#reading), depth };
    const expr = optional
      ? this.#build.optionalSelect(dot.start, operand.expr, name.text, name.start)
      : this.#build.select(dot.start, operand.expr, name.text);
    return { expr, depth, start: operand.start };
  }
}
