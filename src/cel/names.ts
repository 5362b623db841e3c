/** Chains of names, which may be one name with points in it. */
import type { Expr } from './ast.ts';
import { describeType, type Type } from './type.ts';

/** `a.b.c` as a name; undefined: it is no chain of names. */
export function qualifiedName(expr: Expr): { full: string; first: string } | undefined {
  const fields: string[] = [];
  let at = expr;
  while (at.kind === 'select' && !at.testOnly) {
    fields.push(at.field);
    at = at.operand;
  }
  if (at.kind !== 'ident') return undefined;
  return { full: [at.name, ...fields.reverse()].join('.'), first: at.name };
}

export const notARange = (type: Type): string =>
  `expression of type '${describeType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
