/** The tree of an expression. Each node has a number, by which its place, its type and what it refers to are found. */
import type { Value } from './value.ts';

export interface MapEntry {
  id: number;
  key: Expr;
  value: Expr;
  optional: boolean;
}

export interface StructField {
  id: number;
  name: string;
  value: Expr;
  optional: boolean;
}

export interface Literal {
  kind: 'literal';
  id: number;
  value: Value;
}

export interface Ident {
  kind: 'ident';
  id: number;
  name: string;
}

export interface Select {
  kind: 'select';
  id: number;
  operand: Expr;
  field: string;
  /** What `has()` makes: whether the field is there. */
  testOnly: boolean;
}

export interface Call {
  kind: 'call';
  id: number;
  target: Expr | undefined;
  name: string;
  args: Expr[];
}

export interface ListExpr {
  kind: 'list';
  id: number;
  elements: Expr[];
  /** Which elements are left out when they are empty optionals. */
  optionals: number[];
}

export interface MapExpr {
  kind: 'map';
  id: number;
  entries: MapEntry[];
}

export interface StructExpr {
  kind: 'struct';
  id: number;
  typeName: string;
  fields: StructField[];
}

/** A fold: `accumulator` begins as `init`, becomes `step` for each element while `condition` holds, and ends in `result`. */
export interface Comprehension {
  kind: 'comprehension';
  id: number;
  range: Expr;
  variable: string;
  /** With two variables: index and element, or key and value. */
  secondVariable: string | undefined;
  accumulator: string;
  init: Expr;
  condition: Expr;
  step: Expr;
  result: Expr;
}

/** What stands in place of what could not be read. */
export interface Unspecified {
  kind: 'unspecified';
  id: number;
}

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension | Unspecified;

export const OPERATORS = {
  conditional: '_?_:_',
  and: '_&&_',
  or: '_||_',
  not: '!_',
  negate: '-_',
  equals: '_==_',
  notEquals: '_!=_',
  add: '_+_',
  index: '_[_]',
  optionalIndex: '_[?_]',
  optionalSelect: '_?._',
  in: '@in',
  notStrictlyFalse: '@not_strictly_false',
} as const;

/** The name under which macros keep what they accumulate; no expression can name it. */
export const ACCUMULATOR = '@result';
export const OLD_ACCUMULATOR = '__result__';
