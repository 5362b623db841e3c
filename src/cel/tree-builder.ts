/** Makes the nodes of a tree, gives them their numbers and places, and expands macros where they are called. */
import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expr,
  type MapEntry,
  OLD_ACCUMULATOR,
  OPERATORS,
  type StructField,
} from './ast.ts';
import { ParseEnded } from './parse-state.ts';
import type { Issue, Location, Source } from './source.ts';
import type { Value } from './value.ts';

/** A call of a macro with wrong arguments. */
export class MacroError {
  readonly at: Expr;
  readonly message: string;
  constructor(at: Expr, message: string) {
    this.at = at;
    this.message = message;
  }
}

/** What a call is replaced by. Throws `MacroError`. */
export type Macro = (make: MacroBuilder, args: Expr[], target: Expr | undefined) => Expr;

/** By name, number of arguments and whether it is called on something: `all/2.`, `has/1`. */
export type MacroSet = ReadonlyMap<string, Macro>;

/** `optMap` copies what it is called on, so that a chain of them would double with each. */
export const MAX_NODES = 100_000;

export class TreeBuilder {
  /** What is wrong beyond the grammar. */
  readonly issues: Issue[] = [];
  readonly #source: Source;
  readonly #macros: MacroSet;
  /** The place of each node, in UTF-16 units. */
  readonly #offsets: number[] = [0];

  constructor(source: Source, macros: MacroSet) {
    this.#source = source;
    this.#macros = macros;
  }

  /** Throws `ParseEnded` when macros have made more nodes than there may be. */
  id(offset: number): number {
    if (this.#offsets.length > MAX_NODES) throw new ParseEnded(`expression has more than ${MAX_NODES} nodes`);
    return this.#offsets.push(offset) - 1;
  }

  location(id: number): Location {
    return this.#source.location(this.#offsets[id]!);
  }

  offset(id: number): number {
    return this.#offsets[id]!;
  }

  error(offset: number, message: string): Expr {
    this.issues.push({ location: this.#source.location(offset), message });
    return this.unspecified(offset);
  }

  unspecified(offset: number): Expr {
    return { kind: 'unspecified', id: this.id(offset) };
  }

  literal(offset: number, value: Value): Expr {
    return { kind: 'literal', id: this.id(offset), value };
  }

  literalOrError(offset: number, value: Value | undefined, message: string): Expr {
    return value === undefined ? this.error(offset, message) : this.literal(offset, value);
  }

  ident(offset: number, name: string): Expr {
    return { kind: 'ident', id: this.id(offset), name };
  }

  select(offset: number, operand: Expr, field: string): Expr {
    return { kind: 'select', id: this.id(offset), operand, field, testOnly: false };
  }

  optionalSelect(offset: number, operand: Expr, field: string, fieldOffset: number): Expr {
    return this.#call(offset, OPERATORS.optionalSelect, [operand, this.literal(fieldOffset, field)], undefined);
  }

  list(offset: number, elements: Expr[], optionals: number[]): Expr {
    return { kind: 'list', id: this.id(offset), elements, optionals };
  }

  map(offset: number, entries: MapEntry[]): Expr {
    return { kind: 'map', id: this.id(offset), entries };
  }

  struct(offset: number, typeName: string, fields: StructField[]): Expr {
    return { kind: 'struct', id: this.id(offset), typeName, fields };
  }

  /** A call of an operator. */
  call(offset: number, name: string, args: Expr[]): Expr {
    return this.#call(offset, name, args, undefined);
  }

  globalCall(offset: number, name: string, args: Expr[]): Expr {
    return this.#expand(offset, name, args, undefined) ?? this.#call(offset, name, args, undefined);
  }

  memberCall(offset: number, name: string, target: Expr, args: Expr[]): Expr {
    return this.#expand(offset, name, args, target) ?? this.#call(offset, name, args, target);
  }

  #call(offset: number, name: string, args: Expr[], target: Expr | undefined): Call {
    return { kind: 'call', id: this.id(offset), name, args, target };
  }

  #expand(offset: number, name: string, args: Expr[], target: Expr | undefined): Expr | undefined {
    const macro = this.#macros.get(`${name}/${args.length}${target ? '.' : ''}`);
    if (!macro) return undefined;
    try {
      return macro(new MacroBuilder(this, offset), args, target);
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      return this.error(this.offset(error.at.id), error.message);
    }
  }

  /** `a || b || c || d` as a tree that is no deeper than it must be. */
  balanced(name: string, terms: Expr[], offsets: number[]): Expr {
    const build = (low: number, high: number): Expr => {
      const middle = (low + high + 1) >> 1;
      const left = middle === low ? terms[middle]! : build(low, middle - 1);
      const right = middle === high ? terms[middle + 1]! : build(middle + 1, high);
      return this.call(offsets[middle]!, name, [left, right]);
    };
    return terms.length === 1 ? terms[0]! : build(0, offsets.length - 1);
  }
}

/** Makes the nodes that a macro consists of, all in the place of its call. */
export class MacroBuilder {
  readonly #tree: TreeBuilder;
  readonly #offset: number;

  constructor(tree: TreeBuilder, offset: number) {
    this.#tree = tree;
    this.#offset = offset;
  }

  literal(value: Value): Expr {
    return this.#tree.literal(this.#offset, value);
  }

  ident(name: string): Expr {
    return this.#tree.ident(this.#offset, name);
  }

  accumulator(): Expr {
    return this.ident(ACCUMULATOR);
  }

  list(...elements: Expr[]): Expr {
    return this.#tree.list(this.#offset, elements, []);
  }

  emptyMap(): Expr {
    return this.#tree.map(this.#offset, []);
  }

  call(name: string, ...args: Expr[]): Expr {
    return this.#tree.call(this.#offset, name, args);
  }

  memberCall(name: string, target: Expr, ...args: Expr[]): Expr {
    return { kind: 'call', id: this.#tree.id(this.#offset), name, args, target };
  }

  presenceTest(operand: Expr, field: string): Expr {
    return { kind: 'select', id: this.#tree.id(this.#offset), operand, field, testOnly: true };
  }

  comprehension(parts: Omit<Comprehension, 'kind' | 'id'>): Expr {
    return { kind: 'comprehension', id: this.#tree.id(this.#offset), ...parts };
  }

  /** The name of a variable that an argument is. Throws `MacroError` with `message` if it is something else. */
  variable(arg: Expr, message: string): string {
    if (arg.kind !== 'ident') throw new MacroError(arg, message);
    if (arg.name === ACCUMULATOR || arg.name === OLD_ACCUMULATOR)
      throw new MacroError(arg, 'iteration variable overwrites accumulator variable');
    return arg.name;
  }

  /** A tree once more, with numbers of its own, in the places of the first. */
  copy(expr: Expr): Expr {
    const id = this.#tree.id(this.#tree.offset(expr.id));
    const one = (part: Expr): Expr => this.copy(part);
    switch (expr.kind) {
      case 'select':
        return { ...expr, id, operand: one(expr.operand) };
      case 'call':
        return { ...expr, id, target: expr.target && one(expr.target), args: expr.args.map(one) };
      case 'list':
        return { ...expr, id, elements: expr.elements.map(one) };
      case 'map':
        return { ...expr, id, entries: expr.entries.map((entry) => this.#copyEntry(entry)) };
      case 'struct':
        return {
          ...expr,
          id,
          fields: expr.fields.map((field) => ({ ...this.#renumber(field), value: one(field.value) })),
        };
      case 'comprehension': {
        const { range, init, condition, step, result } = expr;
        const parts = { range: one(range), init: one(init), condition: one(condition), step: one(step) };
        return { ...expr, id, ...parts, result: one(result) };
      }
      default:
        return { ...expr, id };
    }
  }

  #renumber<Part extends { id: number }>(part: Part): Part {
    return { ...part, id: this.#tree.id(this.#tree.offset(part.id)) };
  }

  #copyEntry(entry: MapEntry): MapEntry {
    return { ...this.#renumber(entry), key: this.copy(entry.key), value: this.copy(entry.value) };
  }
}
