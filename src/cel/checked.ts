/** A tree of which it is known what its parts are of and refer to. */
import type { Expr } from './ast.ts';
import type { Overload } from './declarations.ts';
import type { Type } from './type.ts';

/** What a node refers to: a variable or type by its full name, or the overloads that a call may be of. */
export type Reference = { name: string; typeValue: Type | undefined } | { overloads: Overload[]; function: string };

export interface Checked {
  expr: Expr;
  types: ReadonlyMap<number, Type>;
  references: ReadonlyMap<number, Reference>;
}

export type ReportIssue = (id: number, message: string) => void;
